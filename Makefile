# Every target does all its own set-up: a fresh machine needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-server test-ui lint types format coverage bench docs clean

help: ## show this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## make .venv with the wirehouse command in it

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v >= (3, 11) else "wirehouse needs Python 3.11 or newer, this is %d.%d; name another with make PYTHON=..." % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (about a minute the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(STAMP) ## run the whole pipeline on the bundled news site and query what it stored
	@$(BIN)/wirehouse demo

test: $(STAMP) ## run the tests (no service needed, no internet)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m 'not server and not browser'

test-server: $(STAMP) ## deploy to a real Prefect server and worker, and see runs complete
	@$(BIN)/python -m pytest -m server

test-ui: $(STAMP) ## look at a finished run's page in the Prefect UI with Chromium
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || bash .ci/install-chromium
	@$(BIN)/python -m pytest -m browser

lint: $(STAMP) ## check form and style (ruff)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

format: $(STAMP) ## bring the code into form (ruff)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

types: $(STAMP) ## check types (mypy, strict)
	@$(BIN)/mypy

coverage: $(STAMP) ## run the tests and report branch coverage
	@$(BIN)/python -m pytest -m 'not server and not browser' --cov --cov-report=term-missing:skip-covered

bench: $(STAMP) ## measure speed and quality against named references
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	@for b in bench/[a-z]*.py; do echo "== $$b"; $(BIN)/python -m bench.$$(basename $$b .py) || exit 1; done

clean: ## remove what the targets made (not your data)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build

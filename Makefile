# Every target does all its own set-up: a fresh machine needs Python 3.11+ and make, nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
CLUSTER_STAMP := $(VENV)/.cluster-installed
DOCS_STAMP := $(VENV)/.installed-docs
UI_STAMP := $(VENV)/.installed-ui
NEXT_VENV := .venv-duckdb2
NEXT_BIN := $(NEXT_VENV)/bin
NEXT_STAMP := $(NEXT_VENV)/.installed
PLAIN_STAMP := $(VENV)/.installed-plain
PIP_INSTALL := python -m pip install --quiet --disable-pip-version-check
NEXT_DUCKDB := duckdb>=2.0,<2.1
# The tests that need no service, no browser and no environment of their own.
PLAIN_TESTS := not server and not browser and not wheel
# The tests that open the store or the snapshot.
WAREHOUSE_TESTS := $(addprefix tests/contract/,duplicates export imports pages rewrite search store upkeep \
	inspection/test_checks.py inspection/test_query_commands.py inspection/test_query_limits.py)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-cluster test-duckdb-next test-kills test-server test-ui test-wheel \
	test-deploy test-docs docs screenshots lint types format coverage bench bench-large clean

help: ## show this list
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(STAMP) ## make .venv with the wirehouse command in it

define make_venv
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "wirehouse needs Python 3.11 or newer. Choose one with make PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) (about a minute the first time) ..."
endef

# What each run would have to compile where Python may not write its caches, and the first one unpack.
define prepare_modules
	@$(BIN)/python -m compileall -q flows tasks warehouse web
	@$(BIN)/python -m tasks.workers.extract_warm
endef

$(STAMP): pyproject.toml constraints.txt
	$(make_venv)
	@$(BIN)/$(PIP_INSTALL) --constraint constraints.txt --editable '.[dev]'
	$(prepare_modules)
	@touch $@ $(PLAIN_STAMP)

# The package without the tools of its developers.
$(PLAIN_STAMP): pyproject.toml constraints.txt
	$(make_venv)
	@$(BIN)/$(PIP_INSTALL) --constraint constraints.txt --editable .
	$(prepare_modules)
	@touch $@

# The same packages, but for DuckDB: the newest of the next line that pyproject.toml allows.
$(NEXT_STAMP): $(STAMP)
	@test -x $(NEXT_BIN)/python || $(BIN)/python -m venv $(NEXT_VENV)
	@grep -v '^duckdb==' constraints.txt >$(NEXT_VENV)/constraints.txt
	@echo '$(NEXT_DUCKDB)' >>$(NEXT_VENV)/constraints.txt
	@echo "Installing into $(NEXT_VENV) (about a minute the first time) ..."
	@$(NEXT_BIN)/$(PIP_INSTALL) --constraint $(NEXT_VENV)/constraints.txt --editable '.[dev]'
	@touch $@

# The servers of PostgreSQL and Redis come from the system's packages; everything else from the package index.
$(CLUSTER_STAMP): $(STAMP)
	@{ ls /usr/lib/postgresql/*/bin/pg_ctl >/dev/null 2>&1 || command -v pg_ctl >/dev/null; } && \
		command -v redis-server >/dev/null || bash .ci/install-cluster-services
	@$(BIN)/$(PIP_INSTALL) --constraint constraints.txt --editable '.[dev,cluster,dask,redis,test-cluster]'
	@touch $@

# Chromium comes from the system's packages, what drives it from the package index.
$(UI_STAMP): $(STAMP)
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || bash .ci/install-chromium
	@$(BIN)/$(PIP_INSTALL) --constraint constraints.txt --editable '.[ui]'
	@touch $@

# What builds the documentation and runs its notebooks; the package and its tests do without.
$(DOCS_STAMP): $(STAMP)
	@$(BIN)/$(PIP_INSTALL) --constraint constraints.txt --editable '.[docs,notebook]'
	@touch $@

demo: $(PLAIN_STAMP) ## run the whole pipeline on the bundled news site and query what it stored
	@$(BIN)/wirehouse demo

test: $(STAMP) ## run the tests (no service needed, no internet)
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m '$(PLAIN_TESTS)'

test-duckdb-next: $(NEXT_STAMP) ## test the warehouse with the next DuckDB, and one file with both versions
	@$(NEXT_BIN)/python -m pytest -n 2 --dist loadfile $(WAREHOUSE_TESTS)
	@WIREHOUSE_OTHER_PYTHON=$(BIN)/python $(NEXT_BIN)/python -m pytest tests/versions
	@WIREHOUSE_SCHEMAS=all $(NEXT_BIN)/python -m pytest tests/contract/store/test_upgrade.py

test-kills: $(STAMP) ## kill each command at every commit, rename and deletion, and ingest a hundred times
	@WIREHOUSE_KILL_POINTS=all $(BIN)/python -m pytest -n 2 tests/contract/upkeep/test_kills.py \
		tests/contract/alerts/test_killed_sending.py
	@WIREHOUSE_KILLS=100 $(BIN)/python -m pytest tests/e2e/test_killed_run.py

test-cluster: $(CLUSTER_STAMP) ## test the warehouse past one machine: PostgreSQL, S3, workers, Dask, Redis
	@$(BIN)/python -m pytest -n 2 --dist loadfile tests/cluster

test-server: $(STAMP) ## deploy to a real Prefect server and worker, and see runs complete
	@$(BIN)/python -m pytest -m server

test-wheel: $(STAMP) ## build the wheel, and use it in an empty environment outside the checkout
	@$(BIN)/python -m pytest -m wheel

test-deploy: $(STAMP) ## check the systemd unit, and build and run the container (root on Debian)
	@command -v buildah >/dev/null && command -v debootstrap >/dev/null && \
		command -v systemd-analyze >/dev/null || bash .ci/install-deploy-tools
	@$(BIN)/python -m pytest tests/deploy

test-ui: $(UI_STAMP) ## look at a finished run's page in the Prefect UI with Chromium
	@$(BIN)/python -m pytest -m browser

docs: $(DOCS_STAMP) ## build the documentation as a website into site/
	@$(BIN)/zensical build --clean --strict

test-docs: docs $(UI_STAMP) ## check the built website, and run what the documentation shows
	@$(BIN)/python -m pytest tests/docs

screenshots: $(UI_STAMP) ## take the pictures of README and docs from the demo with Chromium
	@$(BIN)/python -m manual.screenshots

lint: $(STAMP) ## check form and style (ruff)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .

format: $(STAMP) ## bring the code into form (ruff)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

types: $(STAMP) ## check types (mypy, strict)
	@$(BIN)/mypy

coverage: $(STAMP) ## run the tests and report branch coverage
	@$(BIN)/python -m pytest -m '$(PLAIN_TESTS)' --cov --cov-report=term-missing:skip-covered

# pip 23.2, which comes with Python 3.11, fails on an extra of lxml that two of these packages name.
bench: $(STAMP) ## measure speed and quality against named references
	@$(BIN)/$(PIP_INSTALL) --upgrade 'pip>=24.1'
	@$(BIN)/$(PIP_INSTALL) --constraint constraints.txt --editable '.[bench]'
	@rm -f build/ratios.jsonl; mkdir -p build; export WIREHOUSE_RATIOS=build/ratios.jsonl; \
		for b in bench/[a-z]*.py; do echo "== $$b"; $(BIN)/python -m bench.$$(basename $$b .py) || exit 1; done
	@echo "== wirehouse beside its references"; $(BIN)/python -m bench.comparison.ratios build/ratios.jsonl

# A run of 2,400 pages and one of 50,000, 10,000 feeds, a store of a million articles: 12 GB of disk.
bench-large: $(STAMP) ## measure the same at the sizes of the documentation (half an hour on quiet cores)
	@rm -rf build/large.jsonl build/large; mkdir -p build; export WIREHOUSE_RATIOS=build/large.jsonl; \
		$(BIN)/python -m bench.pipeline --articles 2400 --sources 24 && \
		$(BIN)/python -m bench.fetch --feeds 10000 --plain 1000 --latency .02 && \
		$(BIN)/python -m bench.growth --articles 1000000 --home build/large && \
		$(BIN)/python -m bench.search --home build/large && rm -rf build/large && \
		$(BIN)/python -m bench.memory --articles 50000 --sources 104
	@echo "== wirehouse beside its references"; $(BIN)/python -m bench.comparison.ratios build/large.jsonl

clean: ## remove what the targets made (not your data)
	rm -rf $(VENV) $(NEXT_VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info build site \
		.cache

"""The documentation matches the code: commands, make targets, settings, deployments."""

import importlib
import re
from pathlib import Path

import pytest
import typer
import yaml

from flows.cli import app
from manual.generated import PAGES as PAGES_OF_CODE

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def commands():
    """Return every command with its options: {"sources check": {"--config", ...}}."""
    found = {}

    def walk(command, name):
        found[name] = {option for p in command.params for option in getattr(p, "opts", [])}
        for child_name, child in getattr(command, "commands", {}).items():
            walk(child, f"{name} {child_name}".strip())

    walk(typer.main.get_command(app), "")
    return found


def targets():
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def code(path):
    """Return the text of code blocks and code spans."""
    text = path.read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_and_options_exist(page):
    known = commands()
    wrong = []
    for words in re.findall(r"(?<![\w/.-])wirehouse ([a-z][^\n`|>;]*)", code(page)):
        parts = words.split()
        name = " ".join(parts[:2]) if " ".join(parts[:2]) in known else parts[0]
        if name not in known:
            wrong.append(f"wirehouse {words}")
            continue
        options = {part.partition("=")[0] for part in parts if re.fullmatch(r"--[a-z][a-z-]*(=.*)?", part)}
        wrong += [f"wirehouse {name}: {option}" for option in options - known[name] - {"--help"}]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_make_targets_exist(page):
    named = {target for line in re.findall(r"\bmake ([a-z][a-z -]*)", code(page)) for target in line.split()}
    assert named - targets() == set()


def anchors(path):
    """Return the anchors of a page's headings, as GitHub and the website make them."""
    prose = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    headings = [
        re.sub(r"[`*]|\]\([^)]*\)|\[", "", line) for line in re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    ]
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_files_and_headings(page):
    wrong = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        address, _, anchor = link.partition("#")
        target = page.parent / address if address else page
        if "://" in link or link.startswith("mailto:"):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


def test_every_page_is_in_the_navigation_of_the_website():
    listed = re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text(encoding="utf-8"))
    there = [str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")]
    assert sorted(listed) == sorted(there)


@pytest.mark.parametrize("name", PAGES_OF_CODE)
def test_a_generated_page_is_current(name):
    """Commands, options, tables and the API are documented by what the code says of them."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert text == PAGES_OF_CODE[name](), "run: python -m manual"


def test_every_environment_variable_is_documented():
    places = [p for top in ("flows", "tasks", "web", "warehouse") for p in (ROOT / top).rglob("*.py")]
    used = {name for p in places for name in re.findall(r"\bWIREHOUSE_[A-Z0-9_]+", p.read_text("utf-8"))}
    page = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(WIREHOUSE_[A-Z0-9_]+)`", page, re.MULTILINE))
    assert listed == used


def test_every_exit_code_is_documented():
    said = set(re.findall(r"(?:^|, )(\d+) ", importlib.import_module("flows.cli").__doc__, re.MULTILINE))
    page = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| (\d+) \|", page, re.MULTILINE)) == said == {"0", "1", "2", "3", "130"}


def test_every_command_is_in_the_readme():
    text = (ROOT / "README.md").read_text(encoding="utf-8") + (ROOT / "docs" / "README.md").read_text(
        encoding="utf-8"
    )
    top = {name.split()[0] for name in commands() if name}
    assert {name for name in top if f"wirehouse {name}" not in text} == set()


def test_every_make_target_explains_itself():
    lines = (ROOT / "Makefile").read_text().splitlines()
    silent = [line for line in lines if re.match(r"^[a-z][a-z-]*:", line) and "## " not in line]
    assert silent == []


def test_the_integration_runs_every_kind_of_test():
    run = re.findall(r"^make (.+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
    by_hand = {
        "test-kills",  # an hour; `make test` has a sample of it
        "test-deploy",  # needs root, a chroot and Debian's mirror
    }
    assert {t for t in targets() if t.startswith("test")} - by_hand | {"lint", "types", "docs"} == set(run)


def test_deployments_lead_to_flows_with_their_parameters():
    document = yaml.safe_load((ROOT / "prefect.yaml").read_text())
    for deployment in document["deployments"]:
        module, _, name = deployment["entrypoint"].rpartition(".")
        flow = getattr(importlib.import_module(module), name)
        assert flow.name == deployment["name"]
        assert set(deployment["parameters"]) <= set(flow.parameters.properties)
        assert all(p.get("description") for p in flow.parameters.properties.values()), deployment["name"]
        assert deployment["description"]


def test_every_dependency_has_its_reason():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=!;\[ ]", line)[0] for line in project["dependencies"]}
    reasons = (ROOT / "docs" / "decisions" / "dependencies.md").read_text()
    assert {name for name in names if name not in reasons} == set()

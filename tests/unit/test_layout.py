"""The shape of the source tree: small packages, one direction of imports, SQL in one place."""

import ast
import re
from collections import defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from tests.unit.test_imports import ROOT, files, imported

CODE = ("flows", "tasks", "web", "warehouse", "demo", "manual", "bench")
MAX_MODULES = 19
MAX_COLUMNS = 110

# From low to high: a package imports from those on floors below its own, and from itself.
DOMAIN_FLOORS = (
    ("text", "urls", "dates"),
    ("pages", "feeds"),
    ("credits", "source_list"),
    ("bodies",),
    ("titles", "publication"),
    ("duplicates",),
    ("articles",),
)
# Beyond the floors: fingerprints are taken of texts alone, and articles know nothing of feeds.
DOMAIN_FORBIDDEN = {
    "duplicates": {"urls", "dates", "pages", "feeds", "credits", "bodies", "titles", "publication"},
    "articles": {"feeds"},
}
# "" is a module at the top of the package: a step in tasks, a table in warehouse.
TASKS_FLOORS = (
    ("domain",),
    ("http_client",),
    ("archive",),
    ("workers",),
    ("",),
    ("captures",),
    ("alerts", "backfill", "upkeep", "imports", "inspection"),
)
WAREHOUSE_FLOORS = (
    ("records",),
    ("cluster",),
    ("archive",),
    ("store", "text", "control"),
    ("search", "pages", "hash_runs"),
    ("",),
    ("export", "rewrite", "inspection"),
    ("reading",),
    ("alerts",),
)
# Modules at the top that are below everything else.
GROUND = {"tasks.errors", "tasks.sources", "tasks.source_schema", "warehouse.errors"}
GROUND |= {"warehouse.toml_file", "warehouse.wording"}

# Called from outside: the command, `python -m`, Prefect's entry points, and what a worker process preloads.
ENTRY_POINTS = {"flows.cli", "demo.site", "manual.screenshots", "manual.__main__"}

SQL = re.compile(
    r"\s*(select\b.+\bfrom\b|select\s+[\w.*(]+\s*(,|$)|insert\s+into\b|update\s+\w[\w.]*\s+set\b|"
    r"delete\s+from\b"
    r"|create\s+(or\s+replace\s+)?(temp\w*\s+)?(table|view|index|macro|schema|sequence)\b"
    r"|with\s+(recursive\s+)?\w+\s*(\([^)]*\))?\s+as\s*(materialized\s*)?\(|alter\s+table\b|drop\s+table\b"
    r"|attach\s+'|copy\s+\(?\w+.*\bto\b\s+')",
    re.IGNORECASE | re.DOTALL,
)


def packages():
    """Yield every folder of code with its modules."""
    for top in CODE:
        for folder in sorted({path.parent for path in files(top)}):
            yield folder, [path for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"]


def name_of(path: Path) -> str:
    """Return a module's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {name_of(path): path for top in CODE for path in files(top)}


@cache
def arrows() -> tuple[tuple[str, str, str], ...]:
    """Return (place, importing module, imported module) for every import between our modules."""
    return tuple(
        (f"{path.relative_to(ROOT)}:{line}", name, target)
        for name, path in modules().items()
        for line, target in imported(path)
        if target in modules()
    )


def test_packages_are_small():
    counts = {str(folder.relative_to(ROOT)): len(inside) for folder, inside in packages()}
    assert {name: n for name, n in counts.items() if n > MAX_MODULES} == {}


def test_a_package_has_no_code_of_its_own():
    full = [name for name, path in modules().items() if path.name == "__init__.py" and path.stat().st_size]
    assert full == ["warehouse"]


def test_no_class_name_is_there_twice():
    places = defaultdict(list)
    for name, path in modules().items():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(name)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_no_line_of_code_is_too_long():
    """Data may have long lines (TOML, JSON, text, markup), and so may released migrations."""
    paths = [path for top in (*CODE, "tests") for path in files(top)] + [
        ROOT / "Makefile",
        ROOT / "prefect.yaml",
    ]
    assert [
        f"{path.relative_to(ROOT)}:{number}: {len(line)}"
        for path in paths
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > MAX_COLUMNS
    ] == []


def strings(path: Path):
    """Yield (line, text) of every string in a module but its docstrings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.lineno, node.value


@pytest.mark.parametrize("top", ["flows", "tasks", "web"])
def test_sql_is_in_the_warehouse_only(top):
    found = [
        f"{path.relative_to(ROOT)}:{line}: {' '.join(text.split())[:60]}"
        for path in files(top)
        for line, text in strings(path)
        if SQL.match(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("select title from articles", True),
        ("\nwith seen as (\n    select 1\n)", True),
        ("insert into core.run (run_id)", True),
        ("update core.run set status = ?", True),
        ("delete from core.run", True),
        ("create temp table touched as", True),
        ("select\n    source,\n    title", True),
        ("Select the sources to read.", False),
        ("update the source list", False),
        ("with --json, one line for each page", False),
        ("deleted from the feed", False),
    ],
)
def test_sql_is_recognised(text, is_sql):
    assert bool(SQL.match(text)) is is_sql


def test_every_module_is_used():
    """By an import, as an entry point, as a deployment's flow, or by name in a string (preloaded, `-m`)."""
    used = {target for _, name, target in arrows() if name != target}
    named = {text for path in modules().values() for _, text in strings(path) if text in modules()}
    deployed = {
        line.rpartition(".")[0]
        for line in re.findall(r"entrypoint: ([\w.]+)", (ROOT / "prefect.yaml").read_text())
    }
    scripts = {name for name in modules() if name.startswith("bench.")}
    packages_ = {name for name, path in modules().items() if path.name == "__init__.py"}
    assert sorted(set(modules()) - used - named - deployed - scripts - packages_ - ENTRY_POINTS) == []


def floor_of(floors, package: str) -> int:
    return next(number for number, names in enumerate(floors) if package in names)


def package_of(module: str, top: str) -> str:
    """Return the package below `top` that a module belongs to; "" for a module at the top."""
    inner = module.removeprefix(f"{top}.").split(".")
    return inner[0] if len(inner) > 1 or modules()[module].name == "__init__.py" else ""


def upward(top: str, floors) -> list[str]:
    """Return the imports between packages of `top` that lead up, or across one floor."""
    wrong = []
    for place, name, target in arrows():
        if not (name.startswith(f"{top}.") and target.startswith(f"{top}.")):
            continue
        if name in GROUND or target in GROUND:
            continue
        importing, below = package_of(name, top), package_of(target, top)
        if importing != below and floor_of(floors, below) >= floor_of(floors, importing):
            wrong.append(f"{place}: {target}")
    return wrong


@pytest.mark.parametrize(
    ("top", "floors"),
    [("tasks.domain", DOMAIN_FLOORS), ("tasks", TASKS_FLOORS), ("warehouse", WAREHOUSE_FLOORS)],
    ids=["tasks.domain", "tasks", "warehouse"],
)
def test_imports_between_packages_lead_down(top, floors):
    assert upward(top, floors) == []


def test_domain_packages_that_stay_apart():
    wrong = [
        f"{place}: {target}"
        for place, name, target in arrows()
        if name.startswith("tasks.domain.") and target.startswith("tasks.domain.")
        if package_of(target, "tasks.domain") in DOMAIN_FORBIDDEN.get(package_of(name, "tasks.domain"), set())
    ]
    assert wrong == []


def test_every_package_has_a_floor():
    for top, floors in (
        ("tasks.domain", DOMAIN_FLOORS),
        ("tasks", TASKS_FLOORS),
        ("warehouse", WAREHOUSE_FLOORS),
    ):
        folder = ROOT.joinpath(*top.split("."))
        named = {name for names in floors for name in names if name}
        assert {path.parent.name for path in folder.glob("*/__init__.py")} <= named


def test_no_two_modules_have_permuted_names():
    """`feed_check` and `check_feed` in one package are easily confused."""
    words = sorted((sorted(name.rpartition(".")[2].split("_")), name) for name in modules() if "_" in name)
    twins = [(a, b) for (left, a), (right, b) in pairwise(words) if left == right and len(left) > 1]
    assert [pair for pair in twins if pair[0].rpartition(".")[2] != pair[1].rpartition(".")[2]] == []

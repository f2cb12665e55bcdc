"""Imports go one way, as data does: flows -> {tasks, web} -> warehouse."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LAYERS = {
    "flows": {"flows", "tasks", "web", "warehouse", "demo"},
    "tasks": {"tasks", "warehouse"},
    "web": {"web", "warehouse"},
    "warehouse": {"warehouse"},
}
OURS = {"flows", "tasks", "web", "warehouse", "demo", "manual", "bench", "tests"}
PURE = {"warehouse.records", "tasks.errors", "tasks.domain"}
IMPURE = {
    "prefect",
    "duckdb",
    "requests",
    "urllib3",
    "socket",
    "os",
    "time",
    "random",
    "subprocess",
    "threading",
}


def imported(path):
    """Yield (line, dotted name) of each import of a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative import"
            yield node.lineno, node.module
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def files(folder):
    return sorted((ROOT / folder).rglob("*.py"))


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_go_one_way(layer):
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in files(layer)
        for line, name in imported(path)
        if name.split(".")[0] in OURS - LAYERS[layer]
    ]
    assert wrong == []


def test_domain_is_pure():
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in files("tasks/domain")
        for line, name in imported(path)
        if name.split(".")[0] in IMPURE
        or (
            name.split(".")[0] in OURS
            and not any(name == pure or name.startswith(f"{pure}.") for pure in PURE)
            and name not in {"warehouse", "tasks"}
        )
    ]
    assert wrong == []


def test_records_need_the_standard_library_only():
    names = {name for path in files("warehouse/records") for _, name in imported(path)}
    outside = {name for name in names if not name.startswith("warehouse.records.")}
    assert outside <= {
        "dataclasses", "dataclasses.dataclass", "dataclasses.field", "datetime", "datetime.date",
        "datetime.datetime", "enum", "enum.StrEnum", "typing", "typing.Generic", "typing.TypeAlias",
        "typing.TypeVar",
    }  # fmt: skip


def test_no_import_goes_round():
    modules = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts): p for layer in LAYERS for p in files(layer)
    }
    graph = {name: {n for _, n in imported(path) if n in modules} for name, path in modules.items()}
    done, open_ = set(), []

    def visit(name):
        assert name not in open_, " -> ".join([*open_[open_.index(name) :], name])
        if name not in done:
            open_.append(name)
            for other in graph[name]:
                visit(other)
            done.add(open_.pop())

    for name in graph:
        visit(name)


def test_no_file_in_flows_is_called_like_a_package():
    import sys

    taken = set(sys.stdlib_module_names) | {"prefect", "requests", "duckdb", "trafilatura", "pytest"}
    assert [p.name for p in files("flows") if p.stem in taken and p.stem != "__init__"] == []

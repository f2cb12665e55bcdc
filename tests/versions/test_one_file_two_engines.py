"""One warehouse, used by two versions of DuckDB in turn: `make test-duckdb-next`.

WIREHOUSE_OTHER_PYTHON is the interpreter with the other version. Without it these tests fail:
only that target collects them (see testpaths in pyproject.toml).
"""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from warehouse.store.migrate import find_migrations

ROOT = Path(__file__).parents[2]
EARLIER = sorted(find_migrations())[:-1]


def do(python, *steps):
    """Run steps in an interpreter; return its output, one object for each `tell:`."""
    command = [python, "-m", "tests.support.version_steps", *steps]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def sound(answer):
    """Return a warehouse's contents without the engine's name; assert that it is healthy."""
    assert answer["wrong"] == []
    assert answer["not_found"] == []
    assert answer["storage"].startswith("v1.5")
    assert answer["schema"] == sorted(find_migrations())
    return {name: value for name, value in answer.items() if name != "duckdb"}


@pytest.fixture(scope="session")
def engines():
    """Return the two interpreters by the version of their DuckDB: {"1": ..., "2": ...}."""
    other = os.environ.get("WIREHOUSE_OTHER_PYTHON")
    assert other, (
        "WIREHOUSE_OTHER_PYTHON names no interpreter with the other DuckDB: run make test-duckdb-next"
    )
    found = {}
    for python in (sys.executable, str(ROOT / other)):
        ask = [python, "-c", "import duckdb; print(duckdb.__version__)"]
        version = subprocess.run(ask, capture_output=True, text=True, check=True).stdout
        found[version.partition(".")[0]] = python
    assert sorted(found) == ["1", "2"], found
    return found


@pytest.fixture(scope="session")
def wanted(engines, tmp_path_factory):
    """Return a warehouse's contents after one to four batches, written only by the older version."""
    home = f"home:{tmp_path_factory.mktemp('wanted')}"
    return [sound(a) for a in do(engines["1"], home, *(s for n in range(4) for s in (f"load:{n}", "tell:")))]


def test_the_batches_hold_something(wanted):
    counts = {name: [answer[name][0] for answer in wanted] for name in ("articles", "revisions", "copies")}
    assert counts == {
        "articles": [7, 14, 21, 28],
        "revisions": [7, 15, 23, 31],
        "copies": [2, 4, 6, 8],
    }


@pytest.mark.parametrize(("first", "second"), [("1", "2"), ("2", "1")])
def test_a_file_made_by_one_goes_to_the_other_and_back(engines, wanted, tmp_path, first, second):
    home = f"home:{tmp_path}"
    assert [sound(a) for a in do(engines[first], home, "load:0", "tell:")] == wanted[:1]
    assert [sound(a) for a in do(engines[second], home, "tell:", "load:1", "tell:")] == wanted[:2]
    assert [sound(a) for a in do(engines[first], home, "tell:", "load:2", "tell:")] == wanted[1:3]
    assert [sound(a) for a in do(engines[second], home, "load:3", "tell:")] == wanted[3:]
    assert [sound(a) for a in do(engines[first], home, "tell:", "load:3", "tell:")] == [wanted[3]] * 2


@pytest.fixture(scope="session")
def aged(engines, tmp_path_factory):
    """Return a folder with a store of each earlier schema, written by the older version with one batch."""
    base, folder = tmp_path_factory.mktemp("base"), tmp_path_factory.mktemp("aged")
    do(engines["1"], f"home:{base}", "load:0")
    for version in EARLIER:
        shutil.copytree(base, folder / str(version))
    do(engines["1"], *(s for v in EARLIER for s in (f"home:{folder / str(v)}", f"age:{v}")))
    return folder


@pytest.fixture(scope="session")
def migrated(engines, aged, tmp_path_factory):
    """Return by engine and schema the contents after migrating and loading, and the older engine's after
    that."""
    folders = {engine: tmp_path_factory.mktemp("migrated") / engine for engine in engines}

    def bring_up_to_date(engine):
        folder = shutil.copytree(aged, folders[engine])
        homes = [f"home:{folder / str(v)}" for v in EARLIER]
        after = do(engines[engine], *(s for home in homes for s in (home, "load:1", "tell:")))
        back = do(engines["1"], *(s for home in homes for s in (home, "load:2", "tell:")))
        return {(engine, v): (folder / str(v), after[n], back[n]) for n, v in enumerate(EARLIER)}

    with ThreadPoolExecutor() as pool:
        one, two = pool.map(bring_up_to_date, engines)
    return one | two


@pytest.mark.parametrize("version", EARLIER)
@pytest.mark.parametrize("engine", ["1", "2"])
def test_a_store_of_an_earlier_schema_is_brought_up_to_date(migrated, wanted, engine, version):
    home, after, back = migrated[engine, version]
    assert after["duckdb"].startswith(f"{engine}.")
    # Schema 1 knew no copies, and no migration looks for those of its articles.
    unknown = {"fingerprints", "copies", "stories"} if version < 2 else set()
    unknown |= {"later_columns"} if version < 80 else set()
    for told, should in ((after, wanted[1]), (back, wanted[2])):
        assert {k: v for k, v in sound(told).items() if k not in unknown} == {
            k: v for k, v in should.items() if k not in unknown
        }
    assert (home / "state" / f"warehouse.schema-{version:04d}.duckdb").exists()

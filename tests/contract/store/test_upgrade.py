"""`wirehouse upgrade` from stores of earlier schemas, and back: with the copy nothing of them is lost.

In each run from the first and a random schema; with WIREHOUSE_SCHEMAS=all from every one
(`make test-duckdb-next`).
"""

import json
import os
import random
import shutil
from pathlib import Path

import duckdb
import pytest

from flows.cli import run
from tasks.archive.unchecked import find_unchecked_files
from tests.support.archived_pages import ArchivedNews, articles
from tests.support.kill_points import InlinePool
from tests.support.version_steps import age
from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home, connect
from warehouse.store.migrate import find_migrations

EARLIER = sorted(find_migrations())[:-1]
CHOSEN = (
    EARLIER if os.environ.get("WIREHOUSE_SCHEMAS") == "all" else sorted({EARLIER[0], random.choice(EARLIER)})
)
ROWS = {
    "articles": "select article_id, url, title from core.article order by all",
    "texts": "select article_id, md5(body) from core.article_text order by all",
    "fetches": "select url, started_at, outcome, archive_file, archive_offset from core.fetch order by all",
    "revisions": "select article_id, revision_no, title from core.revision order by all",
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """Return a home with archived pages, of today's schema."""
    home = Home(tmp_path_factory.mktemp("filled") / "home")
    ArchivedNews(home, InlinePool()).store(articles(3))
    publish_snapshot(home)
    return home


def of_schema(filled: Home, version: int, folder: Path) -> Home:
    """Return a copy of the home whose store an older wirehouse has written."""
    home = Home(Path(shutil.copytree(filled.root, folder / "home")))
    age(home, version)
    return home


def rows(file: Path) -> dict[str, list[tuple]]:
    with duckdb.connect(str(file), read_only=True) as con:
        return {name: con.execute(sql).fetchall() for name, sql in ROWS.items()}


def schema(file: Path) -> int:
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute("select max(version) from core.schema_migration").fetchall()[0][0]


def go_back(home: Home, copy: Path) -> None:
    """Do what docs/how-to/upgrade.md says."""
    copy.replace(home.state_file)
    home.snapshot_file.unlink()


@pytest.mark.parametrize("version", CHOSEN)
def test_there_and_back_and_there_again(filled, tmp_path, capsys, version):
    home = of_schema(filled, version, tmp_path)
    before = rows(home.state_file)
    assert len(before["articles"]) == len(before["texts"]) == 3
    assert run(["upgrade", "--home", str(home.root), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["schema_before"], said["schema_after"]) == (version, max(find_migrations()))
    assert [step["version"] for step in said["steps"]] == [n for n in find_migrations() if n > version]
    assert all(step["purpose"].endswith(".") for step in said["steps"])
    assert said["is_published"]
    assert rows(home.state_file) == before
    with connect(home.root) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(3,)]

    copy = Path(said["copy_file"])
    assert (schema(copy), rows(copy)) == (version, before)
    go_back(home, copy)
    assert (schema(home.state_file), rows(home.state_file)) == (version, before)
    assert run(["upgrade", "--home", str(home.root)]) == 0
    assert f"Schema {version} to {max(find_migrations())}" in capsys.readouterr().out
    assert rows(home.state_file) == before


def test_pages_that_were_fetched_after_the_upgrade_are_loaded_again(filled, tmp_path):
    home = of_schema(filled, EARLIER[-1], tmp_path)
    assert run(["upgrade", "--home", str(home.root)]) == 0
    ArchivedNews(home, InlinePool()).store(articles(2, first=3))
    assert find_unchecked_files(home) == {}
    go_back(home, home.state_dir / f"warehouse.schema-{EARLIER[-1]:04d}.duckdb")
    assert run(["upgrade", "--home", str(home.root)]) == 0
    assert len(rows(home.state_file)["articles"]) == 3
    assert len(find_unchecked_files(home)) == 2  # one a day; the next run reads them


def test_a_dry_run_and_a_current_store_change_nothing(filled, tmp_path, capsys):
    home = of_schema(filled, EARLIER[-1], tmp_path)
    assert run(["upgrade", "--dry-run", "--home", str(home.root)]) == 0
    said = capsys.readouterr()
    assert f"Schema {EARLIER[-1]} to {max(find_migrations())}, 1 migration:" in said.out
    assert "Nothing was changed." in said.err
    assert schema(home.state_file) == EARLIER[-1]
    assert run(["upgrade", "--home", str(filled.root)]) == 0
    assert capsys.readouterr().out == f"Schema {max(find_migrations())} is up to date.\n"


def test_without_a_warehouse_it_says_so(tmp_path, capsys):
    assert run(["upgrade", "--home", str(tmp_path)]) == 3
    assert "There is no warehouse at" in capsys.readouterr().err

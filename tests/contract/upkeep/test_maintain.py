"""The nightly upkeep: learns, compacts when worthwhile, exports on request, publishes."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.cli import run
from tasks.load import store_batch
from tasks.upkeep.maintain import UpkeepOptions, export, maintain_home
from warehouse.errors import ExportUnusable, WarehouseLocked
from warehouse.export.backup import export_home
from warehouse.export.folder import export_folder
from warehouse.export.manifest import read_manifest
from warehouse.records.article import Article
from warehouse.records.outcome import Batch
from warehouse.rewrite.compact import compact_store, want_compaction
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, connect, open_store

NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
PROMO = "Follow our channel for more news"


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    articles = tuple(
        Article(
            source="herald", url=f"https://herald.example/{n}", url_key=f"herald.example/{n}",
                title=f"Story {n}",
            body=f"Ward {n} decided on matter {n * 7} after a debate of {n + 2} hours in hall {n}.\n{PROMO}",
            extractor="test 1", content_sha256=str(n), fetched_at=NOW - timedelta(days=n),
        )
        for n in range(1, 6)
    )  # fmt: skip
    store_batch(home, Batch("a run", articles=articles), owner="test")
    return home


def rows(home, sql):
    with open_store(home, owner="test") as con:
        return con.execute(sql).fetchall()


def test_all_steps(home, tmp_path):
    done = maintain_home(home, NOW, UpkeepOptions(export_to=tmp_path / "exports"))
    assert (done.learning.n_lines, done.learning.n_texts) == (1, 5)
    assert done.compaction is None
    assert done.exported_to == str(tmp_path / "exports" / "2026-03-20T020000Z")
    with connect(home) as con:
        assert con.execute("select count(*) from texts where contains(body, 'channel')").fetchall() == [(0,)]


def test_an_export_that_was_killed_is_replaced(home, tmp_path, monkeypatch):
    exports = tmp_path / "exports"
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.export.export.write_manifest", _die)
        with pytest.raises(KeyboardInterrupt):
            maintain_home(home, NOW, UpkeepOptions(export_to=exports))
    assert [path.name for path in exports.iterdir()] == ["2026-03-20T020000Z"]
    with pytest.raises(ExportUnusable, match="not a complete export"):
        read_manifest(exports / "2026-03-20T020000Z")

    again = export(home, exports, NOW)
    assert read_manifest(Path(again)).is_whole
    assert not (Path(again) / ".unfinished").exists()
    assert export(home, exports, NOW, full_every=7) == again  # it is complete: a repeated run keeps it

    (Path(again) / ".unfinished").touch()  # killed after the manifest was written
    assert export(home, exports, NOW) == again
    assert not (Path(again) / ".unfinished").exists()

    (Path(again) / ".unfinished").touch()
    (Path(again) / "manifest.json").unlink()
    assert export(home, exports, NOW + timedelta(days=1)) == str(exports / "2026-03-21T020000Z")
    assert [path.name for path in exports.iterdir()] == ["2026-03-21T020000Z"]


def _die(*arguments):
    raise KeyboardInterrupt


def test_a_folder_of_other_files_is_never_cleared(home, tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    for name in (".unfinished", "thesis.txt"):
        (folder / name).write_text("x")
    with pytest.raises(ExportUnusable, match="not empty"):
        export_home(home, folder)
    assert (folder / "thesis.txt").read_text() == "x"


def test_two_exports_into_one_folder_do_not_mix(home, tmp_path):
    with export_folder(tmp_path / "folder"), pytest.raises(ExportUnusable, match="Another process"):
        export_home(home, tmp_path / "folder")


def test_compacted_when_something_was_taken_out(home):
    with open_store(home, owner="test") as con:
        want_compaction(con)
    done = maintain_home(home, NOW)
    assert done.compaction is not None
    assert maintain_home(home, NOW).compaction is None


def test_compaction_keeps_every_row_and_comment(home):
    maintain_home(home, NOW)
    with open_store(home, owner="test") as con:
        tables = [
            t
            for (t,) in con.execute(
                "select table_name from duckdb_tables() where schema_name = 'core'"
            ).fetchall()
        ]
    asked = {table: f"select * from core.{table} order by all" for table in tables}
    asked |= {
        "comments": "select table_name, column_name, comment from duckdb_columns() where comment is not null "
        "order by all"
    }
    before = {name: rows(home, sql) for name, sql in asked.items()}
    compact_store(home)
    assert {name: rows(home, sql) for name, sql in asked.items()} == before
    assert not (home.state_dir / "compact").exists()


def test_much_that_is_free_makes_it_worth_it(home):
    with open_store(home, owner="test") as con:
        con.execute("create table core.big as select unhex(sha256(i::text)) as h from range(1000000) as r(i)")
        con.execute("checkpoint")
        con.execute("create table core.last as select unhex(sha256(i::text)) as h from range(10000) as r(i)")
    with open_store(home, owner="test") as con:
        con.execute("drop table core.big")
    with open_store(home, owner="test") as con:
        con.execute("create table core.more as select unhex(sha256(i::text)) as h from range(10000) as r(i)")
    done = maintain_home(home, NOW)
    assert done.compaction is not None
    assert done.compaction.bytes_after < done.compaction.bytes_before / 2


def test_other_work_is_not_crossed(home):
    with (
        store_of(home).exclusive("a rebuild"),
        pytest.raises(WarehouseLocked, match="rebuild is in progress"),
    ):
        maintain_home(home, NOW)


def test_the_command(home, capsys):
    assert run(["maintain", "--home", str(home.root), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["learning"]["n_lines"] == 1
    assert run(["maintain", "--home", str(home.root)]) == 0
    assert "Recurring lines: 1 (0 new" in capsys.readouterr().out

"""A full export and the incremental ones after it restore the state of the last one, after any kind of
change."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from flows.cli import run
from tasks.upkeep.forget import forget
from tasks.upkeep.maintain import maintain_home
from tasks.upkeep.reextract import BatchContext, apply_all
from tasks.upkeep.rollback import roll_back_run
from tasks.workers.extraction_pool import ExtractionPool
from tests.support.archived_pages import (
    SOURCES,
    START,
    ArchivedNews,
    Shot,
    articles,
    html,
    news_home,
    old_rules,
    paragraphs,
)
from tests.support.warehouse_rows import (
    HOUR,
    NOW,
    a_home,
    article,
    ask,
    entry,
    fetch,
    load,
    poll,
    polled,
    reject,
)
from warehouse.errors import ExportUnusable, SchemaMismatch, UnsafeFileSystem, WarehouseCorrupt
from warehouse.export.backup import export_home, restore_home
from warehouse.export.chain import find_chain
from warehouse.export.manifest import read_manifest
from warehouse.pages.stored_pages import Choice
from warehouse.store import migrate
from warehouse.store.connection import Home, open_store


@pytest.fixture
def home(tmp_path):
    return _small(tmp_path)


def _small(folder):
    home = a_home(folder)
    poll(home, polled(entry(1), entry(2), entry(3)))
    load(home, article(1), article(2), fetches=(fetch(1), fetch(2)), rejects=(reject(3),))
    return home


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """A folder with a home, a full export of it, two incremental ones, and one for another system."""
    folder = tmp_path_factory.mktemp("grown")
    _grow(_small(folder), folder)
    return folder


@pytest.fixture
def chain(grown, tmp_path):
    """The full export, and the two incremental ones."""
    shutil.copytree(grown, tmp_path, dirs_exist_ok=True)
    return [tmp_path / name for name in ("whole", "first", "second")]


def _grow(home, folder):
    whole = export_home(home, folder / "whole")
    load(home, article(3), article(1, body="Changed.", at=NOW + HOUR), fetches=(fetch(3),))
    export_home(home, folder / "first", since=folder / "whole")
    later = NOW + timedelta(days=3)
    load(home, article(4, at=later, published=None), fetches=(fetch(4, at=later),))
    export_home(home, folder / "second", since=folder / "first")
    export_home(home, folder / "feed", whole.last_load)


def state(manifest):
    return {table.name: table.state for table in manifest.tables}


def assert_same(back, folder, tmp_path):
    """Assert that the home equals the store at the time of the export: rows and hash of every table."""
    again = export_home(back, tmp_path / f"again-{folder.name}-{back.root.name}")
    assert state(again) == state(read_manifest(folder))
    assert again.export_id == read_manifest(folder).export_id


def rows_in(folder, table):
    with duckdb.connect() as con:
        files = str(folder / "core" / table / "**" / "*.parquet")
        return con.execute(f"select count(*) from read_parquet('{files}')").fetchall()[0][0]


def test_each_link_of_a_chain_comes_back(chain, tmp_path):
    for n in range(1, 4):
        back = Home(tmp_path / f"back-{n}")
        restore_home(back, *chain[:n])
        assert_same(back, chain[n - 1], tmp_path)
    assert ask(back, "select count(*) from core.article") == [(4,)]
    assert ask(back, "select count(*) from core.revision") == [(5,)]


def test_characters_of_patterns_in_the_names_of_folders_mean_themselves(home, tmp_path):
    folder = tmp_path / "a*b[c]d?" / "{whole}"
    export_home(home, folder)
    back = Home(tmp_path / "back*[a]")
    restore_home(back, folder)
    assert_same(back, folder, tmp_path)


def test_a_home_in_which_duckdb_cannot_write_is_refused(home, tmp_path):
    """DuckDB reads a ? in a file's name as the beginning of options."""
    export_home(home, tmp_path / "whole")
    refused = Home(tmp_path / "is it?")
    with pytest.raises(UnsafeFileSystem, match="question mark"), open_store(refused, owner="test"):
        pass
    with pytest.raises(UnsafeFileSystem, match="question mark"):
        restore_home(refused, tmp_path / "whole")
    assert not refused.root.exists()


def test_only_days_that_differ_are_written(home, tmp_path):
    days = enumerate(range(0, 300, 10), start=10)
    load(home, *(article(n, at=NOW - timedelta(days=day), published=None) for n, day in days))
    export_home(home, tmp_path / "whole")
    load(home, article(1, body="Changed.", at=NOW + HOUR))
    changes = export_home(home, tmp_path / "changes", since=tmp_path / "whole")
    for table in ("article", "article_text", "revision"):
        assert changes.table(table).written == ["2026-11-01"]
        assert rows_in(tmp_path / "changes", table) < 10 < rows_in(tmp_path / "whole", table)
    assert (
        changes.table("fetch").written
        == changes.table("field_origin").written
        == changes.table("entry").written
        == []
    )
    assert changes.table("article").state[0] == 32


def test_what_no_load_tells_of_follows_as_well(home, tmp_path):
    """Update rows in place and delete rows, in every table."""
    export_home(home, tmp_path / "whole")
    for n, sql in enumerate(
        (
            "update core.article set checked_at = checked_at + interval '1 day' where url_key = "
                "'news.example/1'",
            "update core.entry set last_seen_at = last_seen_at + interval '1 day'",
            "update core.reject set resolved_at = last_at",
            "delete from core.fetch",
            "delete from core.field_origin",
            "update core.article set published_on = '2019-02-03' where url_key = 'news.example/2'",
            "insert into core.story_alias values (uuid(), uuid(), now())",
            "delete from core.feed_state",
        )
    ):  # fmt: skip
        ask(home, sql)
        before = [tmp_path / "whole", *(tmp_path / f"c{i}" for i in range(n))]
        export_home(home, tmp_path / f"c{n}", since=before[-1])
    back = Home(tmp_path / "back")
    restore_home(back, *before, tmp_path / f"c{n}")
    assert_same(back, tmp_path / f"c{n}", tmp_path)
    assert ask(back, "select count(*) from core.fetch") == [(0,)]
    assert ask(back, "select published_on::text from core.article where url_key = 'news.example/2'") == [
        ("2019-02-03",)
    ]


def test_the_same_export_twice_is_an_empty_change(home, tmp_path):
    whole = export_home(home, tmp_path / "whole")
    again = export_home(home, tmp_path / "again", since=tmp_path / "whole")
    assert again.export_id == whole.export_id
    assert sum(len(table.written) for table in again.tables if "article" in table.name) == 0
    third = export_home(home, tmp_path / "third", since=tmp_path / "again")
    assert third.export_id == whole.export_id
    back = Home(tmp_path / "back")
    restore_home(back, *(tmp_path / name for name in ("whole", "again", "third")))
    assert_same(back, tmp_path / "third", tmp_path)


def test_the_manifest_alone_is_enough_to_follow(home, tmp_path):
    export_home(home, tmp_path / "whole")
    kept = tmp_path / "kept.json"
    shutil.copy(tmp_path / "whole" / "manifest.json", kept)
    shutil.move(tmp_path / "whole", tmp_path / "elsewhere")
    load(home, article(5))
    export_home(home, tmp_path / "changes", since=kept)
    restore_home(Home(tmp_path / "back"), tmp_path / "elsewhere", tmp_path / "changes")
    assert_same(Home(tmp_path / "back"), tmp_path / "changes", tmp_path)


def test_comments_come_along(chain):
    tables = {table.name: table for table in read_manifest(chain[-1]).tables}
    assert tables["article"].comment.startswith("One row per article")
    assert all(column["comment"] for table in tables.values() for column in table.columns)


def test_a_folder_of_exports_stands_for_its_newest(chain, tmp_path):
    (tmp_path / "unfinished" / "core").mkdir(parents=True)
    assert find_chain(tmp_path) == chain
    back = Home(tmp_path / "back")
    restore_home(back, tmp_path)
    assert_same(back, chain[-1], tmp_path)


@pytest.mark.parametrize(
    ("order", "words"),
    [
        pytest.param(("first",), "Name the full export first", id="incremental export alone"),
        pytest.param(("first", "second"), "Name the full export first", id="without the full export"),
        pytest.param(
            ("whole", "second"),
            "second is incremental to the export of .* which is missing",
            id="link missing",
        ),
        pytest.param(
            ("whole", "second", "first"),
            "second is incremental to .*first: name it right after",
            id="out of order",
        ),
        pytest.param(("whole", "whole"), "whole is a full export", id="two full exports"),
        pytest.param(("whole", "first", "first"), "first is incremental to .*whole", id="one twice"),
        pytest.param(("whole", "feed"), "--since-load 00000002.*wirehouse export --since", id="feed"),
        pytest.param(("whole", "nothing"), "nothing is not a complete export", id="no export"),
    ],
)
def test_what_does_not_follow_is_refused(chain, tmp_path, order, words):
    back = Home(tmp_path / "back")
    with pytest.raises(ExportUnusable, match=words):
        restore_home(back, *(tmp_path / name for name in order))
    assert not back.state_file.exists()


def test_changes_of_another_warehouse_are_refused(chain, tmp_path):
    other = Home(tmp_path / "other")
    load(other, article(1))
    export_home(other, tmp_path / "foreign")
    load(other, article(2))
    export_home(other, tmp_path / "foreign-changes", since=tmp_path / "foreign")
    with pytest.raises(ExportUnusable, match="is missing"):
        restore_home(Home(tmp_path / "back"), chain[0], tmp_path / "foreign-changes")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param("rows", id="rows changed"),
        pytest.param("file", id="file gone"),
        pytest.param("bytes", id="file cut"),
        pytest.param("manifest", id="manifest changed"),
    ],
)
def test_a_damaged_link_is_named_and_nothing_kept(chain, tmp_path, damage):
    part = next((chain[1] / "core" / "article_text").rglob("*.parquet"))
    if damage == "rows":
        fresh = part.with_suffix(".new")
        with duckdb.connect() as con:
            con.execute(
                f"copy (select * replace (body || '!' as body) from '{part}') to '{fresh}' (format parquet)"
            )
        fresh.replace(part)
    elif damage == "file":
        part.unlink()
    elif damage == "bytes":
        part.write_bytes(part.read_bytes()[:-40])
    else:
        file = chain[1] / "manifest.json"
        data = json.loads(file.read_text())
        (table,) = [t for t in data["tables"] if t["name"] == "article_text"]
        table["days"]["2026-11-01"] = "3 1"
        file.write_text(json.dumps(data))
    back = Home(tmp_path / "back")
    with pytest.raises(WarehouseCorrupt, match=str(chain[1])):
        restore_home(back, *chain)
    assert not back.state_file.exists()
    assert list(back.state_dir.glob(".restore*")) == []


def test_a_restore_that_breaks_off_leaves_nothing(chain, tmp_path, monkeypatch):
    back = Home(tmp_path / "back")

    def fails(*_, **__):
        raise RuntimeError("the power went")

    with monkeypatch.context() as patched:
        patched.setattr("warehouse.export.backup.restore_tables", fails)
        with pytest.raises(RuntimeError):
            restore_home(back, *chain)
    assert not back.state_file.exists()
    restore_home(back, *chain)
    assert_same(back, chain[-1], tmp_path)


def test_a_chain_over_a_new_schema(home, tmp_path, monkeypatch):
    """A migration between two exports changes rows: the later export has that table completely."""
    known = migrate.find_migrations()
    export_home(home, tmp_path / "whole")
    (tmp_path / "9000_later.sql").write_text(
        "alter table core.reject add column severity integer; update core.reject set severity = attempts"
    )
    (tmp_path / "9001_last.sql").write_text("update core.source set title = upper(title)")
    newer = {**known, 9000: tmp_path / "9000_later.sql"}
    monkeypatch.setattr(migrate, "find_migrations", lambda: newer)
    monkeypatch.setattr("warehouse.export.chain.find_migrations", lambda: newer)
    load(home, article(7))
    changes = export_home(home, tmp_path / "changes", since=tmp_path / "whole")
    assert changes.table("reject").written == ["2026-11-01"]
    assert changes.table("entry").written == []
    back = Home(tmp_path / "back")
    restore_home(back, tmp_path / "whole", tmp_path / "changes")
    assert_same(back, tmp_path / "changes", tmp_path)
    assert ask(back, "select severity from core.reject") == [(1,)]
    newest = {**newer, 9001: tmp_path / "9001_last.sql"}
    monkeypatch.setattr(migrate, "find_migrations", lambda: newest)
    late = Home(tmp_path / "late")
    restore_home(late, tmp_path / "whole", tmp_path / "changes")
    assert ask(late, "select title from core.source") == [("ALPHA NEWS",)]
    assert not list(late.state_dir.glob("*.schema-*"))


def test_an_export_with_an_unknown_migration_is_refused(chain, tmp_path):
    file = chain[0] / "manifest.json"
    data = json.loads(file.read_text())
    file.write_text(json.dumps({**data, "migrations": [1, 29]}))
    with pytest.raises(SchemaMismatch, match="migration 29"):
        restore_home(Home(tmp_path / "back"), chain[0])


def test_an_export_of_the_first_format_comes_back_alone(home, tmp_path):
    whole = tmp_path / "whole"
    export_home(home, whole)
    data = json.loads((whole / "manifest.json").read_text())
    tables = [{k: v for k, v in t.items() if k not in ("days", "written")} for t in data["tables"]]
    old = ("exported_at", "schema_version", "duckdb_version", "since_load", "last_load")
    first = {name: data[name] for name in old} | {"format": 1, "tables": tables}
    (whole / "manifest.json").write_text(json.dumps(first))
    back = Home(tmp_path / "back")
    restore_home(back, whole)
    assert ask(back, "select count(*) from core.article") == [(2,)]
    with pytest.raises(ExportUnusable, match="No export can be incremental to"):
        export_home(home, tmp_path / "changes", since=whole)


@pytest.fixture(scope="module")
def pool():
    with ExtractionPool(workers=1) as pool:
        yield pool


def test_all_that_changes_a_store(tmp_path, pool):
    """Revisions, copies, a learned line, a re-extraction and its rollback, a story without its first,
    forgetting."""
    news = ArchivedNews(news_home(tmp_path), pool)
    tail = ["Follow our channel for more news from all over the county"]
    shots = articles(6, tail=tail)
    context = BatchContext(news.home, {s.name: s for s in SOURCES}, pool)
    folders: list[Path] = []

    def note():
        folders.append(tmp_path / f"export-{len(folders)}")
        export_home(news.home, folders[-1], since=folders[-2] if folders[1:] else None)

    news.store(shots[:4], older=old_rules)
    note()
    copies = [
        Shot(f"https://courier.example/copy-{n}", html("Copied", paragraphs(n), START),
            START + timedelta(days=20), "courier")
        for n in range(2)
    ]  # fmt: skip
    news.store([*copies, *shots[4:]])
    note()
    news.store(
        [replace(shots[0], html=html("Another title", paragraphs(70), START), at=START + timedelta(days=9))]
    )
    note()
    maintain_home(news.home, START + timedelta(days=30))
    note()
    run_id, _ = apply_all(context, Choice())
    note()
    roll_back_run(news.home, run_id)
    note()
    forget(news.home, shots[1].url, "asked for")
    note()
    ids = {read_manifest(folder).export_id for folder in folders}
    assert len(ids) == len(folders)
    for n in range(1, len(folders) + 1):
        back = Home(tmp_path / f"back-{n}")
        restore_home(back, *folders[:n])
        assert_same(back, folders[n - 1], tmp_path)
    shutil.copytree(news.home.pages_dir, back.pages_dir)
    assert run(["doctor", "--home", str(back.root), "--every-page"]) == 0
    with open_store(back, owner="test") as con:
        assert con.execute("select count(*) from core.forgotten").fetchall() == [(1,)]


def test_the_commands(home, tmp_path, capsys):
    def wirehouse(*arguments):
        return run([*map(str, arguments)])

    at = ("--home", home.root)
    assert wirehouse("export", "--to", tmp_path / "whole", *at) == 0
    load(home, article(9))
    assert wirehouse("export", "--to", tmp_path / "more", "--since", tmp_path / "whole", *at, "--json") == 0
    back = ("--home", tmp_path / "back")
    capsys.readouterr()
    assert wirehouse("restore", tmp_path / "whole", tmp_path / "more", *back, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {t["table"]: t["rows"] for t in told["tables"]}["article"] == 3
    assert wirehouse("doctor", *back) == 1  # there are no pages beside it
    for wrong in (
        ("export", "--to", tmp_path / "whole", *at),
        ("export", "--to", tmp_path / "x", "--since-load", "nonsense", *at),
        ("export", "--to", tmp_path / "x", "--since", tmp_path / "nothing", *at),
        ("export", "--to", tmp_path / "x", "--since", tmp_path / "whole", "--since-load", "1", *at),
        ("restore", tmp_path / "whole", *back),
        ("restore", tmp_path / "nothing", "--home", tmp_path / "other"),
        ("restore", tmp_path / "more", "--home", tmp_path / "other"),
    ):
        assert wirehouse(*wrong) == 2, wrong
    assert wirehouse("export", "--to", tmp_path / "x", "--home", tmp_path / "empty") == 3

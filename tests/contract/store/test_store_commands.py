"""doctor, export, restore: clear messages, repairs where possible, equal stores after a restore."""

import json

import duckdb
import pytest
import typer
from typer.testing import CliRunner

from flows.commands.upkeep.store import doctor, export, restore
from tasks.errors import UsageError
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
from warehouse.errors import SchemaMismatch, WarehouseCorrupt
from warehouse.publish import publish_snapshot
from warehouse.store.connection import connect

app = typer.Typer()
app.command()(doctor)
app.command()(export)
app.command()(restore)


def run(*arguments):
    result = CliRunner().invoke(app, [str(a) for a in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def examine(home, *options):
    result = run("doctor", "--home", home.root, "--json", *options)
    findings = {(f["check"], f["level"]): f["finding"] for f in json.loads(result.stdout)}
    return result.exit_code, findings


@pytest.fixture
def home(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2), entry(3)))
    bare = {"ref": None}  # no archive beside these stores
    load(home, article(1, **bare), article(2, **bare), fetches=(fetch(1), fetch(2)), rejects=(reject(3),))
    load(home, article(1, body="Changed.", at=NOW + HOUR, **bare))
    publish_snapshot(home)
    return home


def test_a_sound_store_has_no_findings(home):
    code, findings = examine(home)
    assert code == 0
    assert {level for _, level in findings} == {"ok"}


@pytest.mark.parametrize(
    ("damage", "check", "words", "mended"),
    [
        pytest.param(
            "insert into core.article_text select * from core.article_text",
            "uniqueness",
            "duplicate keys (article_id): 2",
            True,
            id="doubled texts",
        ),
        pytest.param(
            "insert into core.field_origin (article_id, field, value, origin, evidence, chosen) "
            "values (uuid(), 'title', 'x', 'meta', 'x', true)",
            "links",
            "core.field_origin: rows without their row in core.article: 1",
            True,
            id="orphaned origin",
        ),
        pytest.param(
            "update core.revision set seen_on = null; update core.article_text set seen_on = seen_on + 1",
            "days",
            "is not that of their article: 5",
            True,
            id="wrong days",
        ),
        pytest.param(
            "update core.article set seen_on = null", "days", "article: 9", True, id="articles without days"
        ),
        pytest.param(
            "delete from core.article_text", "links", "Articles without text: 2", False, id="no text"
        ),
        pytest.param("delete from core.revision", "loads", "core.revision has 0 rows", False, id="rows lost"),
        pytest.param(
            "update core.article set archive_file = '2026/11/none.warc.gz', archive_offset = 0, "
            "archive_length = 9",
            "archive",
            "cannot be read",
            False,
            id="archive file missing",
        ),
    ],
)
def test_damage_is_found_and_mended_where_it_can_be(home, damage, check, words, mended):
    ask(home, damage)
    code, findings = examine(home)
    assert code == 1
    assert words in findings[check, "error"]
    code, findings = examine(home, "--fix")
    assert (code == 0) is mended
    assert ask(home, "select count(*) from core.article") == [(2,)]


@pytest.mark.parametrize(
    ("damage", "check", "words"),
    [
        pytest.param(
            "update core.feed_state set next_due_at = now() + interval '40 days'",
            "clock",
            "future: 1",
            id="late feed",
        ),
        pytest.param(
            "update core.load set loaded_at = now() + interval '40 days'",
            "clock",
            "clock is or was wrong",
            id="late load",
        ),
        pytest.param(
            "delete from core.search_document", "search", "articles missing: 2", id="search index behind"
        ),
    ],
)
def test_lesser_findings_are_warnings_and_mended(home, damage, check, words):
    ask(home, damage)
    code, findings = examine(home)
    assert code == 0
    assert words in findings[check, "warning"]
    _, findings = examine(home, "--fix")
    assert (check, "warning") not in findings


def test_a_changed_snapshot_is_found_and_replaced(home):
    data = bytearray(home.snapshot_file.read_bytes())
    data[-100] ^= 0xFF
    home.snapshot_file.chmod(0o640)
    home.snapshot_file.write_bytes(data)
    code, findings = examine(home)
    if ("snapshot", "ok") in findings:
        pytest.skip("the file system shares blocks: the copy was not read, so it has no hash")
    assert code == 1
    assert "modified or is damaged" in findings["snapshot", "error"]
    home.snapshot_file.unlink()
    code, findings = examine(home, "--fix")
    assert code == 0
    with connect(home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(2,)]


def test_an_export_comes_back_equal(home, tmp_path):
    out, back = tmp_path / "export", a_home(tmp_path / "back")
    run("export", "--to", out, "--home", home.root)
    assert list((out / "core" / "article").glob("month=2026-11/*.parquet"))
    manifest = json.loads((out / "manifest.json").read_text())
    described = {table["name"]: table for table in manifest["tables"]}
    assert described["article"]["comment"].startswith("One row per article")
    assert all(column["comment"] for table in manifest["tables"] for column in table["columns"])
    assert described["revision"]["n_rows"] == 3
    run("restore", out, "--home", back.root)
    for sql in (
        "select * from core.article order by article_id",
        "select * from core.revision order by all",
        "select * from core.reject order by all",
        "select * from core.entry order by all",
        "select * from texts order by all",
    ):
        assert ask(back, sql) == ask(home, sql)
    with connect(back) as con:
        assert con.execute("select count(*) from search('changed')").fetchall() == [(1,)]
        comments = con.execute("select comment from duckdb_tables() where table_name = 'article'").fetchall()
        assert comments[0][0].startswith("One row per article")
    assert examine(back)[0] == 0


def test_a_damaged_export_is_not_taken(home, tmp_path):
    out, back = tmp_path / "export", a_home(tmp_path / "back")
    run("export", "--to", out, "--home", home.root)
    (part,) = (out / "core" / "article_text").rglob("*.parquet")
    with duckdb.connect() as con:
        con.execute(
            f"copy (select * replace (body || '!' as body) from '{part}') to '{part}.new' (format parquet)"
        )
    part.with_name(part.name + ".new").replace(part)
    with pytest.raises(WarehouseCorrupt, match="nothing was restored"):
        run("restore", out, "--home", back.root)
    assert not back.state_file.exists()


def test_an_unfinished_export_is_not_taken(home, tmp_path):
    out = tmp_path / "export"
    run("export", "--to", out, "--home", home.root)
    (out / "manifest.json").unlink()
    with pytest.raises(UsageError, match="not a complete export"):
        run("restore", out, "--home", tmp_path / "back")


def test_a_warehouse_is_never_overwritten(home, tmp_path):
    out = tmp_path / "export"
    run("export", "--to", out, "--home", home.root)
    with pytest.raises(UsageError, match="already has a warehouse"):
        run("restore", out, "--home", home.root)
    with pytest.raises(UsageError, match="not empty"):
        run("export", "--to", out, "--home", home.root)


def test_an_export_of_a_newer_schema_is_refused(home, tmp_path):
    out = tmp_path / "export"
    run("export", "--to", out, "--home", home.root)
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps({**manifest, "schema_version": 9_000}))
    with pytest.raises(SchemaMismatch, match="newer wirehouse"):
        run("restore", out, "--home", tmp_path / "back")


def test_changes_since_a_load(home, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    run("export", "--to", first, "--home", home.root)
    last = json.loads((first / "manifest.json").read_text())["last_load"]
    load(home, article(7))
    run("export", "--to", second, "--since-load", last, "--home", home.root)
    manifest = json.loads((second / "manifest.json").read_text())
    rows = {table["name"]: table["n_rows"] for table in manifest["tables"]}
    assert (rows["article"], rows["article_text"], rows["revision"], rows["entry"]) == (1, 1, 1, 0)
    assert manifest["last_load"] > last
    with pytest.raises(UsageError, match="--since-load"):
        run("restore", second, "--home", tmp_path / "back")
    with pytest.raises(UsageError, match="no load 'nonsense'"):
        run("export", "--to", tmp_path / "third", "--since-load", "nonsense", "--home", home.root)

"""The commands on a lake: a site is ingested, and every question is answered as on one machine."""

import json
import re
from pathlib import Path

import duckdb
import pytest

from flows.cli import run
from tasks.load import store_batch
from tasks.upkeep import rebuild_lake
from tasks.upkeep.rebuild import rebuild
from tests.support.cluster.lakes import admin_connection, batch
from tests.support.small_site import SmallSite
from warehouse.reading.snapshots import SnapshotSource
from warehouse.store.connection import connect, open_store, transaction

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>
<article><h1>{title}</h1>
<time datetime="2026-10-0{day}T09:30:00+00:00">{day} October 2026</time>
<p>The {thing} resumed its service on Monday after {day} days of storm, the harbour board said.</p>
<p>Residents of both towns had to take the bridge, which adds {day}0 minutes to the way to the market.</p>
<p>The board wants to decide in spring whether a second {thing} is built beside the old customs house.</p>
</article></body></html>"""
THINGS = {"ferry": 4, "lighthouse": 5, "dredger": 6}


def documents(base: str) -> dict[str, tuple[str, bytes]]:
    items = "".join(f"<item><title>{t}</title><link>{base}/{t}</link></item>" for t in THINGS)
    feed = f'<rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'
    pages = {
        f"/{thing}": PAGE.format(title=f"The {thing} of the sound runs again", thing=thing, day=day)
        for thing, day in THINGS.items()
    }
    return {"/feed": ("application/rss+xml", feed.encode())} | {
        path: ("text/html; charset=utf-8", text.encode()) for path, text in pages.items()
    }


@pytest.fixture
def options(lake, tmp_path):
    """Yield the options of commands on a lake into which a site was ingested."""
    with SmallSite({}) as site:
        site.documents |= documents(site.base)
        (tmp_path / "sources.toml").write_text(
            f'[[source]]\nname = "harbour"\ntitle = "Harbour News"\nhomepage = "{site.base}/"\n'
            f'[[source.feed]]\nurl = "{site.base}/feed"\n'
            f'[source.pace]\ndelay_s = 0\nallow = ["127.0.0.1:{site.port}"]\n'
        )
        home = ["--home", str(lake.root), "--cluster", str(lake.cluster.file)]
        both = [*home, "--config", str(tmp_path / "sources.toml")]
        assert run(["ingest", *both]) == 0
        yield home, both, site


def printed(capsys, arguments: list[str], code: int = 0) -> str:
    capsys.readouterr()
    assert run(arguments) == code, capsys.readouterr()
    return capsys.readouterr().out


def test_a_site_is_ingested_and_every_question_answered(options, lake, capsys):
    home, both, site = options
    assert not (lake.root / "state" / "warehouse.duckdb").exists()
    assert not (lake.root / "news.duckdb").exists()

    count = "select count(*) as n from articles"
    assert json.loads(printed(capsys, ["sql", count, "--json", *home])) == [{"n": len(THINGS)}]
    assert "lighthouse" in printed(capsys, ["search", "lighthouse", *home])
    assert "harbour" in printed(capsys, ["explain", f"{site.base}/ferry", *home])
    assert run(["report", *home]) == 0
    assert "Harbour News" in (lake.root / "report.html").read_text()
    status = json.loads(printed(capsys, ["status", "--json", *home]))
    assert [source["source"] for source in status["sources"]] == ["harbour"]
    assert "wirehouse_" in printed(capsys, ["metrics", *home])
    findings = json.loads(printed(capsys, ["doctor", "--json", *home]))
    assert {f["level"] for f in findings} == {"ok"}, findings
    assert "lake" in {f["check"] for f in findings}

    n_requests = len(site.requests)
    assert run(["ingest", *both]) == 0
    assert len(site.requests) == n_requests, "nothing was due"
    assert json.loads(printed(capsys, ["sql", count, "--json", *home])) == [{"n": len(THINGS)}]


def test_browse_sees_each_load(options, lake):
    home, _, site = options
    with SnapshotSource(lake) as snapshots:
        with snapshots.session() as session:
            first = session.snapshot_key
            assert session.con.execute("select count(*) from articles").fetchone() == (len(THINGS),)
        assert snapshots.snapshot_key() == first
        assert run(["forget", f"{site.base}/ferry", "--yes", *home]) == 0
        with snapshots.session() as session:
            assert session.snapshot_key != first
            assert session.con.execute("select count(*) from articles").fetchone() == (len(THINGS) - 1,)


def places_with(lake, word: str) -> set[str]:
    """Return the Parquet files and the tables of the catalogue that contain a word."""
    found = set()
    for file in Path(lake.cluster.data_url).rglob("*.parquet"):
        if duckdb.execute("select count(*) from read_parquet(?) as t where contains(lower(t::text), ?)",
                          [str(file), word]).fetchone()[0]:  # fmt: skip
            found.add(file.parent.name)
    with admin_connection(lake.cluster) as admin:
        tables = admin.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        for (table,) in tables:
            rows = " ".join(text for (text,) in admin.execute(f'select t::text from "{table}" as t')).lower()
            if word in rows or word.encode().hex() in rows:  # small inserts keep their texts as bytea
                found.add(re.sub(r"_\d+_\d+$", "", table))
    return found


def test_a_forgotten_article_leaves_files_states_and_catalogue(options, lake):
    home, _, site = options
    assert "ducklake_table_column_stats" in places_with(lake, "dredger of the sound")
    assert "ducklake_inlined_data" in places_with(lake, "a second dredger")
    assert run(["forget", f"{site.base}/dredger", "--yes", *home]) == 0
    with connect(lake) as con:
        assert con.execute("select count(*) from articles where title like '%dredger%'").fetchone() == (0,)
        assert con.execute("select count(*) from articles").fetchone() == (len(THINGS) - 1,)
    assert places_with(lake, "dredger of the sound") | places_with(lake, "a second dredger") == set()


def test_upkeep_of_a_lake(options, lake):
    home, _, _ = options
    orphan = Path(lake.cluster.data_url, "core", "article", "left-by-a-killed-loader.parquet")
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_bytes(b"half a file")
    assert run(["maintain", *home]) == 0
    assert not orphan.exists()
    with connect(lake) as con:
        assert con.execute("select count(*) from articles").fetchone() == (len(THINGS),)


ROWS = (
    "select article_id, title, published_at, first_seen_at, story_id from articles order by all",
    "select article_id, body from texts order by all",
    "select url, revision_no, change, seen_at from revisions order by all",
    "select article_id, field, value, origin, chosen from origins order by all",
    "select feed_url, url, first_seen_at from core.entry order by all",
)


def rows(lake):
    with connect(lake) as con:
        return [con.execute(query).fetchall() for query in ROWS]


def test_a_rebuilt_lake_has_the_same_rows(options, lake, capsys):
    home, both, _ = options
    before = rows(lake)
    assert len(before[0]) == len(THINGS)
    with open_store(lake, owner="a test") as con, transaction(con):  # what the archive knows better
        con.execute("update core.article set title = 'Spoilt'")
        con.execute("update core.article_text set body = 'Spoilt'")
    assert run(["rebuild", *both]) == 0
    assert rows(lake) == before
    assert not (lake.root / "state" / "rebuild").exists()
    assert "lighthouse" in printed(capsys, ["search", "lighthouse", *home])
    findings = json.loads(printed(capsys, ["doctor", "--json", *home]))
    assert {f["level"] for f in findings} == {"ok"}, findings


def test_a_load_during_a_rebuild_is_not_lost(options, lake, monkeypatch, capsys):
    _, both, _ = options

    def rebuild_and_load(*arguments, **named):
        done = rebuild(*arguments, **named)
        assert store_batch(lake, batch(0, 5), owner="a test").n_new == 5
        return done

    monkeypatch.setattr(rebuild_lake, "rebuild", rebuild_and_load)
    assert run(["rebuild", *both]) == 3
    assert "A run wrote the lake" in capsys.readouterr().err
    assert len(rows(lake)[0]) == len(THINGS) + 5
    assert not (lake.root / "state" / "rebuild").exists()

"""A store rebuilt from the archive equals the old one; data that no page contains is carried over."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from flows.cli import run
from tasks.alerts.feed_files import write_feed_files
from tasks.alerts.searches_file import read_searches
from tasks.errors import ErrorClass
from tasks.imports.import_file import import_file
from tasks.load import store_batch
from tasks.recurring import learn_lines
from tasks.sources import Sources
from tasks.upkeep.rebuild import rebuild
from tasks.upkeep.reextract import BatchContext, compare_all
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
from warehouse.alerts.feed_note import are_feeds_due
from warehouse.errors import WarehouseLocked
from warehouse.feeds import load_polls
from warehouse.pages.stored_pages import Choice
from warehouse.publish import publish_snapshot
from warehouse.records.feed import FeedEntry, FeedState
from warehouse.records.outcome import Batch, PolledFeed, Reject, Step
from warehouse.records.page import Fetch, FetchReason
from warehouse.records.source import FeedKind
from warehouse.rewrite import carry
from warehouse.rewrite.identities import rename_source
from warehouse.store.backend import store_of
from warehouse.store.columns import find_tables
from warehouse.store.connection import connect, open_store, transaction

VIEWS = (
    "articles",
    "texts",
    "stories",
    "copies",
    "revisions",
    "origins",
    "links",
    "rejects",
    "removed_lines",
    "recurring_lines",
)
PROMO = "Read more stories in our morning letter"
FEED = "https://herald.example/feed"


@pytest.fixture(scope="module")
def pool():
    # A busy machine may not turn a page into a reject.
    with ExtractionPool(workers=1, limit_s=100) as pool:
        yield pool


@pytest.fixture
def news(tmp_path, pool):
    return ArchivedNews(news_home(tmp_path), pool)


def hashes(news):
    """Return a hash of each view's rows that does not depend on their order."""
    found = {}
    with open_store(news.home, owner="test") as con:
        for view in VIEWS:
            rows = sorted(map(repr, con.execute(f"select * from {view}").fetchall()))
            found[view] = (len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())
    return found


def fill(news, tmp_path):
    """Store a bit of everything: copies, a revised article, one fetched again, rejects, an import, learned
    lines."""
    shots = articles(6, tail=[PROMO])
    copy = replace(
        shots[1], url="https://courier.example/copied", source="courier", at=shots[1].at + timedelta(hours=1)
    )
    canonical = '<link rel="canonical" href="https://herald.example/2026/03/story-2">'
    twin = Shot(
        "https://herald.example/2026/03/story-2?view=print&page=9",
        html("Title of the twin", paragraphs(2), START, canonical),
        START + timedelta(days=3),
    )
    empty = Shot("https://herald.example/2026/03/empty", b"<html><body></body></html>", START)
    news.store([*shots[:4], copy, empty, twin])
    news.store(
        [replace(shots[0], at=shots[0].at + timedelta(days=1)), *shots[4:], *articles(2, "courier", first=7)]
    )
    revised = html("The title has changed", [*paragraphs(3), "And a paragraph came.", PROMO], START)
    news.store([replace(shots[3], html=revised, at=shots[3].at + timedelta(days=2))])
    news.store(
        [replace(empty, html=html("Now there is text", paragraphs(40), START), at=START + timedelta(days=1))]
    )
    rows = [
        {
            "url": f"https://agency.example/{n}",
            "title": f"Imported {n}",
            "body": "\n".join(paragraphs(60 + n)),
            "published": "2026-03-01T10:00:00+01:00",
            "source": "The Agency",
        }
        for n in range(3)
    ]
    rows.append({"url": "https://agency.example/broken", "title": "No text"})
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    import_file(news.home, file, now=START + timedelta(days=4))
    poll(news)
    learn_lines(news.home, START + timedelta(days=9))


def poll(news):
    """Store a poll with entries, and a page that could not be fetched."""
    at = START - timedelta(hours=5)
    entries = tuple(
        FeedEntry(f"https://herald.example/2026/03/{name}", f"Entry {name}")
        for name in ("story-0", "never-fetched")
    )
    state = FeedState(FEED, "herald", FeedKind.RSS, etag='"x"', last_polled_at=at, last_ok_at=at)
    fetch = Fetch("herald", FEED, None, FEED, FEED, at, 12, 200, "ok", "poll", 900)
    with open_store(news.home, owner="test") as con, transaction(con):
        load_polls(
            con,
            "a run",
            [PolledFeed(state, fetch, entries)],
            [[e.url.removeprefix("https://") for e in entries]],
        )
        con.execute(
            "update core.article set first_seen_at = ? where url_key = 'herald.example/2026/03/story-0'", [at]
        )
    url = "https://herald.example/2026/03/never-fetched"
    failed = Reject(
        "herald",
        Step.FETCH,
        ErrorClass.TIMEOUT,
        "It did not answer.",
        url,
        url.removeprefix("https://"),
        FEED,
        at=START,
    )
    store_batch(news.home, Batch("a run", rejects=(failed,)), owner="test")


def test_every_view_is_the_same_before_and_after(news, tmp_path):
    fill(news, tmp_path)
    before = hashes(news)
    assert all(before[view][0] for view in VIEWS), before
    asked = "select source, url, outcome, archive_file, archive_offset, run_id from core.fetch order by all"
    loads, fetches = news.query("select max(load_id) from core.load"), news.query(asked)
    ids = news.query("select article_id, load_id from core.article order by all")
    done = rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert hashes(news) == before
    assert done.n_articles == before["articles"][0]
    assert news.query(asked) == fetches
    assert news.query("select article_id, load_id from core.article order by all") == ids
    assert news.query("select max(load_id) from core.load") > loads
    assert news.query("select etag from core.feed_state") == [('"x"',)]
    assert news.query("select count(*) from core.entry") == [(2,)]
    assert [flow for (flow,) in news.query("select flow from runs order by started_at")][-1] == "rebuild"
    with connect(news.home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(before["articles"][0],)]


def test_feeds_are_the_same_before_and_after(news, tmp_path):
    news.store([*articles(4), *articles(2, "courier", first=7)])
    publish_snapshot(news.home)
    (tmp_path / "latest.sql").write_text(
        "select title, url, published_at from articles order by published_at"
    )
    file = tmp_path / "searches.toml"
    file.write_text(
        'feeds_folder = "feeds"\n[[search]]\nname = "district"\nquery = "district"\neach = "article"\n'
        '[[feed]]\nname = "latest"\nsql = "latest.sql"\n'
    )
    write_feed_files(news.home, file)
    before = {path.name: path.read_bytes() for path in (tmp_path / "feeds").iterdir()}
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert are_feeds_due(news.home, read_searches(file))
    write_feed_files(news.home, file)
    after = {path.name: path.read_bytes() for path in (tmp_path / "feeds").iterdir()}
    assert [name for name, content in before.items() if content.count(b"urn:uuid:") < 6] == []
    assert after == before


def test_rebuilt_twice_and_loaded_again_nothing_changes(news, tmp_path):
    fill(news, tmp_path)
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    before = hashes(news)
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    news.store(articles(1, tail=[PROMO]))  # the same page, fetched at the same moment
    assert hashes(news) == before


def test_today_s_rules_take_the_place_of_older_ones(news):
    news.store(articles(2), older=old_rules)
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert news.query("select count(*) from texts where contains(body, 'Read more on our website')") == [(0,)]
    assert news.query("select count(*) from revisions") == [(2,)]


def test_without_the_old_store_all_pages_are_there(news, tmp_path):
    fill(news, tmp_path)
    before = hashes(news)
    news.home.state_file.write_bytes(b"damaged" * 1000)
    done = rebuild(news.home, Sources(SOURCES), without_old=True, pool=news.pool)
    after = hashes(news)
    same = ("texts", "copies", "revisions", "origins", "links", "removed_lines")
    assert {view: after[view] for view in same} == {view: before[view] for view in same}
    assert done.n_articles == before["articles"][0]
    assert (news.home.state_dir / "warehouse.before-rebuild.duckdb").read_bytes().startswith(b"damaged")


def test_an_archive_alone_is_enough(news, tmp_path, capsys):
    news.store(articles(3))
    for file in (news.home.state_file, news.home.snapshot_file):
        file.unlink(missing_ok=True)
    config = tmp_path / "sources.toml"
    config.write_text(
        '[[source]]\nname = "herald"\ntitle = "The Harbour Herald"\n[[source.feed]]\nurl = '
        '"https://herald.example/feed"\n'
    )
    assert run(["rebuild", "--home", str(news.home.root), "--config", str(config), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_articles"] == 3
    assert run(["rebuild", "--home", str(tmp_path / "nothing"), "--config", str(config)]) == 3


def test_a_damaged_store_is_not_replaced_unasked(news):
    news.store(articles(1))
    news.home.state_file.write_bytes(b"damaged" * 1000)
    with pytest.raises(Exception, match="damaged"):
        rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert news.home.state_file.read_bytes().startswith(b"damaged")


def test_an_article_whose_page_is_gone_is_carried_over(news):
    shots = articles(3)
    news.store(shots[:2])
    news.store([shots[2], replace(shots[0], url="https://courier.example/copied", source="courier")])
    before = hashes(news)
    (news.home.pages_dir / news.pages[0].ref.file).unlink()
    done = rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert done.n_carried == 1
    assert hashes(news) == before


def test_pages_that_a_backfill_left_out_stay_out(news):
    shots = articles(2)
    news.store(shots[:1])
    (page,) = news.archive_only(shots[1:], FetchReason.BACKFILL)
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert news.query("select url from articles") == [(shots[0].url,)]
    assert news.query("select count(*) from core.fetch where url = ?", page.request.url) == [(1,)]


def test_what_is_kept_out_stays_out(news):
    news.store(articles(2))
    with open_store(news.home, owner="test") as con:
        con.execute("insert into core.forgotten values ('herald.example/2026/03/story-1', now(), null)")
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert news.query("select count(*) from articles") == [(1,)]


def test_story_ids_that_were_given_out_lead_on(news):
    shots = articles(2)
    copy = replace(
        shots[0], url="https://courier.example/copied", source="courier", at=START + timedelta(hours=3)
    )
    news.store([*shots, copy])
    given = news.query("select distinct story_id from articles where n_copies = 1")[0][0]
    with open_store(news.home, owner="test") as con:
        con.execute("insert into core.story_alias values (uuid(), ?, now())", [given])
    aliases = news.query("select old_story_id, story_id, changed_at from core.story_alias")
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert news.query("select old_story_id, story_id, changed_at from core.story_alias") == aliases


def test_other_work_over_the_archive_is_waited_for(news):
    news.store(articles(1))
    with (
        store_of(news.home).exclusive("a re-extraction"),
        pytest.raises(WarehouseLocked, match="re-extraction is in progress"),
    ):
        rebuild(news.home, Sources(SOURCES), pool=news.pool)


def test_every_table_has_its_place_in_a_rebuild(news):
    news.store(articles(1))
    listed = [*carry.FROM_PAGES, *carry.DERIVED, *carry.COPIED, *carry.ADDED_TO, *carry.MERGED, *carry.OWN]
    with open_store(news.home, owner="test") as con:
        assert find_tables(con) == set(listed)
    assert len(listed) == len(set(listed))


def test_killed_half_way_the_old_store_is_untouched(news, tmp_path):
    news.store(articles(30))
    config = tmp_path / "sources.toml"
    config.write_text(
        '[[source]]\nname = "herald"\ntitle = "The Harbour Herald"\n[[source.feed]]\nurl = '
        '"https://herald.example/feed"\n'
    )
    before = news.home.state_file.read_bytes()
    command = [
        sys.executable,
        "-m",
        "flows.cli",
        "rebuild",
        "--home",
        str(news.home.root),
        "--config",
        str(config),
    ]
    child = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 300
    while (
        not (news.home.state_dir / "rebuild" / "state" / "warehouse.duckdb").exists()
        and time.monotonic() < end
    ):
        time.sleep(0.01)
    os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    assert news.home.state_file.read_bytes() == before
    assert (news.home.state_dir / "rebuild").exists()
    assert rebuild(news.home, Sources(SOURCES), pool=news.pool).n_articles == 30
    assert not (news.home.state_dir / "rebuild").exists()


def test_pages_that_arrive_while_it_runs_are_in_it(news, monkeypatch):
    import tasks.upkeep.rebuild

    news.store(articles(2))
    read_archive = tasks.upkeep.rebuild._read_archive

    def then_store(build):
        read_archive(build)
        news.store(articles(1, first=5))

    monkeypatch.setattr(tasks.upkeep.rebuild, "_read_archive", then_store)
    assert rebuild(news.home, Sources(SOURCES), pool=news.pool).n_articles == 3


def test_a_renamed_source_keeps_its_name_and_its_rules(news):
    news.store(articles(2), older=old_rules)
    renamed = replace(SOURCES[0], name="morning-herald")
    with open_store(news.home, owner="test") as con, transaction(con):
        rename_source(con, "herald", "morning-herald", "run")
    names = {"morning-herald": renamed}
    report = compare_all(BatchContext(news.home, names, news.pool), Choice())
    assert (report.n_items, {count.field for count in report.fields}) == (2, {"body"})
    rebuild(news.home, Sources((renamed,)), pool=news.pool)
    assert news.query("select distinct source from articles") == [("morning-herald",)]
    assert news.query("select distinct source from core.fetch") == [("morning-herald",)]
    assert news.query("select name from core.source where removed_at is null") == [("morning-herald",)]
    assert news.query("select count(*) from core.source where name = 'herald'") == [(0,)]


def test_ids_of_an_older_key_rule_lead_on(news, monkeypatch):
    import tasks.upkeep.page_identity
    import tasks.upkeep.rename

    def newer(url):
        return url.removeprefix("https://").replace("/story-", "/s-")

    news.store(articles(2))
    old_ids = news.query("select article_id from articles order by 1")
    for module in (tasks.upkeep.rename, tasks.upkeep.page_identity):
        monkeypatch.setattr(module, "url_key", newer)
    assert tasks.upkeep.rename.rekey(news.home) == 2
    before = hashes(news)
    rebuild(news.home, Sources(SOURCES), pool=news.pool)
    assert hashes(news) == before
    assert news.query("select alias_id from core.url_alias order by 1") == old_ids

"""An article is removed everywhere, including the archive, and stays blocked; nothing else changes."""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
import requests

import tasks.upkeep.forget
from flows.cli import run
from flows.reports.news_report import write_home_report
from tasks.alerts.feed_files import write_feed_files
from tasks.alerts.searches_file import read_searches
from tasks.alerts.send import report_changes
from tasks.archive.reader import iter_pages, read_page
from tasks.archive.unchecked import find_unchecked_files
from tasks.archive.writer import ArchiveWriter
from tasks.errors import ErrorClass, UsageError
from tasks.imports.import_file import import_file
from tasks.load import store_batch
from tasks.upkeep.doctor import examine_home
from tasks.upkeep.forget import (
    assert_known,
    finish_forgetting,
    forget,
    list_forgotten,
    plan_forget,
    undo_forget,
)
from tasks.upkeep.reextract import BatchContext, apply_all
from tasks.upkeep.rollback import roll_back
from tasks.workers.extraction_pool import ExtractionPool
from tests.support.archived_pages import (
    SOURCES,
    START,
    ArchivedNews,
    articles,
    html,
    news_home,
    old_rules,
    paragraphs,
)
from tests.support.receivers import web_hook
from tests.support.web_server import web_server
from warehouse.errors import WarehouseLocked
from warehouse.feeds import load_polls
from warehouse.pages.stored_pages import Choice
from warehouse.publish import publish_snapshot
from warehouse.records.feed import FeedEntry, FeedState
from warehouse.records.outcome import Batch, PolledFeed, Reject, Step
from warehouse.records.page import ArchiveRef, Fetch
from warehouse.records.source import FeedKind
from warehouse.store.connection import connect, open_store, transaction

FEED = "https://herald.example/feed"


@pytest.fixture(scope="module")
def pool():
    with ExtractionPool(workers=1) as pool:
        yield pool


@pytest.fixture
def news(tmp_path, pool):
    return ArchivedNews(news_home(tmp_path), pool)


@pytest.fixture
def one_day():
    """Return pages that all lie in one archive file."""
    return [replace(shot, at=START + timedelta(minutes=n)) for n, shot in enumerate(articles(4))]


def tables_with(news, *words):
    """Return the tables that contain any of the words."""
    found = set()
    with open_store(news.home, owner="test") as con:
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'core'").fetchall()
        for (table,) in tables:
            rows = con.execute(f"select * from core.{table}").fetchall()
            if any(word in repr(rows) for word in words):
                found.add(table)
    return found


def archive_holds(news, word):
    """Say whether any page of the archive has the word."""
    return any(
        word.encode() in page.body
        for file in news.home.pages_dir.rglob("*.warc.gz")
        for _, page in iter_pages(news.home.archive, file)
    )


def assert_pointers_lead_to_pages(news):
    """Assert that each archive position in the store holds the page of its key."""
    rows = news.query(
        "select url_key, archive_file, archive_offset, archive_length from core.fetch where "
        "archive_file is not null"
        " union select url_key, archive_file, archive_offset, archive_length from core.article"
    )
    assert rows
    for key, *place in rows:
        assert read_page(news.home.archive, ArchiveRef(*place)).request.url_key == key


def poll(news, shots):
    at = START + timedelta(days=2)
    entries = tuple(FeedEntry(shot.url, f"Entry of {shot.url}", summary="Its summary") for shot in shots)
    state = FeedState(FEED, "herald", FeedKind.RSS, last_polled_at=at, last_ok_at=at)
    fetch = Fetch("herald", FEED, None, FEED, FEED, at, 12, 200, "ok", "poll", 900)
    keys = [[entry.url.removeprefix("https://") for entry in entries]]
    with open_store(news.home, owner="test") as con, transaction(con):
        load_polls(con, "a run", [PolledFeed(state, fetch, entries)], keys)


def test_nothing_of_it_is_left(news, one_day):
    target = one_day[1]
    news.store(one_day, older=old_rules)
    news.store(
        [
            replace(
                target, html=html("Another title of it", paragraphs(70), START), at=START + timedelta(hours=8)
            )
        ]
    )
    apply_all(BatchContext(news.home, {s.name: s for s in SOURCES}, news.pool), Choice())
    poll(news, one_day[:2])
    key = target.url.removeprefix("https://")
    failed = Reject(
        "herald",
        Step.FETCH,
        ErrorClass.TIMEOUT,
        f"{target.url} did not answer.",
        target.url,
        key,
        FEED,
        at=START,
    )
    store_batch(news.home, Batch("a run", rejects=(failed,)), owner="test")
    title, article_id = news.query(
        "select title, cast(article_id as text) from articles where url = ?", target.url
    )[0]
    words = ("story-1", "Another title of it", title, article_id, "district 1" + "0")
    assert len(tables_with(news, *words[:4])) > 8
    done = forget(news.home, target.url, "asked for by its author")
    assert (done.n_articles, done.n_pages) == (1, 2)
    assert tables_with(news, *words[1:4]) == set()
    assert tables_with(news, "story-1") == {"forgotten", "fetch"}
    assert news.query("select url_key, reason from core.forgotten") == [(key, "asked for by its author")]
    assert not archive_holds(news, "Another title of it")
    assert not archive_holds(news, title)
    with connect(news.home) as con:
        assert con.execute("select count(*) from articles").fetchall() == [(3,)]
        assert con.execute("select count(*) from articles where contains(url, 'story-1')").fetchall() == [
            (0,)
        ]


def test_the_others_stay_as_they_were(news, one_day):
    news.store(one_day)
    asked = (
        "select url, title, body, n_revisions from articles join texts using (article_id) where url <>"
        " ? order by 1"
    )
    before = news.query(asked, one_day[1].url)
    forget(news.home, one_day[1].url)
    assert news.query(asked, one_day[1].url) == before
    assert_pointers_lead_to_pages(news)
    assert find_unchecked_files(news.home) == {}


def test_it_stays_out(news, one_day, tmp_path):
    target = one_day[1]
    news.store(one_day)
    forget(news.home, target.url)
    poll(news, one_day)
    news.store([replace(target, at=START + timedelta(days=3))])
    file = tmp_path / "rows.jsonl"
    file.write_text(
        json.dumps(
            {"url": target.url, "title": "Again", "body": "Text of the row that is kept out.", "source": "x"}
        )
    )
    files = set(news.home.pages_dir.rglob("*.warc.gz"))
    import_file(news.home, file, now=START)
    assert news.query("select count(*) from articles") == [(3,)]
    assert news.query("select count(*) from core.entry where contains(url, 'story-1')") == [(0,)]
    assert not any(
        b"kept out" in page.body
        for f in set(news.home.pages_dir.rglob("*.warc.gz")) - files
        for _, page in iter_pages(news.home.archive, f)
    )


def test_a_page_that_leads_to_it_is_not_asked_for_again(news, one_day):
    news.store(one_day)
    forget(news.home, one_day[1].url)
    key = one_day[1].url.removeprefix("https://")
    twin = replace(one_day[0], url="https://herald.example/twin?id=7", at=START + timedelta(days=1))

    def believed(extracted):
        return replace(extracted, articles=tuple(replace(a, identity_key=key) for a in extracted.articles))

    news.store([twin], older=believed)
    assert news.query("select count(*) from articles") == [(3,)]
    assert ("herald.example/twin?id=7",) in news.query("select url_key from core.forgotten")


def test_its_copies_are_a_story_without_it(news, one_day):
    copies = [
        replace(
            one_day[0],
            url=f"https://courier.example/{n}",
            source="courier",
            at=START + timedelta(hours=n + 2),
        )
        for n in (1, 2)
    ]
    news.store([*one_day, *copies])
    assert news.query("select max(n_copies) from articles") == [(2,)]
    given = news.query("select story_id from articles where n_copies = 2 limit 1")[0][0]
    forget(news.home, one_day[0].url)
    assert news.query(
        "select n_copies, count(distinct story_id) from articles where source = 'courier' group by 1"
    ) == [(1, 1)]
    assert news.query("select count(*) from copies") == [(2,)]
    assert given not in {story for (story,) in news.query("select story_id from articles")}


def test_search_no_longer_finds_its_words(news, one_day):
    marked = replace(
        one_day[1],
        html=html(
            "Quixotic headline",
            [
                "Zanzibarian words stand in this paragraph, and they stand nowhere else in the paper.",
                *paragraphs(8),
            ],
            START,
        ),
    )
    news.store([one_day[0], marked])
    forget(news.home, "https://herald.example/nothing-of-the-kind")  # publishes, so that both are indexed
    assert news.query("select count(*) from core.search_posting where term = 'zanzibarian'") == [(1,)]
    others = news.query("select count(*) from core.search_posting where term = 'harbour'")
    forget(news.home, marked.url)
    assert news.query(
        "select count(*) from core.search_posting where term in ('zanzibarian', 'quixotic')"
    ) == [(0,)]
    assert others[0][0] > 0


def test_the_report_the_leads_and_the_pages_of_a_running_server_no_longer_have_its_words(news, one_day):
    text = ["Zanzibarian words stand in this paragraph, and they stand nowhere else.", *paragraphs(8)]
    marked = replace(one_day[1], html=html("Quixotic headline", text, START))
    news.store([one_day[0], marked, replace(marked, url=f"{marked.url}-copied")])
    forget(news.home, "https://herald.example/nothing-of-the-kind")  # publishes
    report = write_home_report(news.home)
    with web_server(news.home) as address:
        pages = ("/", "/?q=zanzibarian", "/search.json", "/sources", "/edits", "/report", "/search.atom")
        before = "".join(requests.get(address + page, timeout=60).text for page in pages)
        assert "Quixotic" in before
        assert "Zanzibarian" in before
        assert "Quixotic" in report.read_text(encoding="utf-8")
        for url in (marked.url, f"{marked.url}-copied"):
            assert run(["forget", url, "--home", str(news.home.root), "--yes"]) == 0
        after = "".join(requests.get(address + page, timeout=60).text for page in pages)
    assert "Quixotic" not in after
    assert "Zanzibarian" not in after
    assert "Quixotic" not in report.read_text(encoding="utf-8")
    assert tables_with(news, "Quixotic", "Zanzibarian", "zanzibarian", "quixotic") == set()


def test_feed_files_and_notes_of_what_was_sent_no_longer_have_its_words(news, one_day, tmp_path):
    marked = replace(one_day[1], html=html("Quixotic headline", paragraphs(8), START))
    news.store([one_day[0]])
    publish_snapshot(news.home)
    file = tmp_path / "searches.toml"
    file.write_text(
        'feeds_folder = "feeds"\n[[search]]\nname = "district"\nquery = "district"\n'
        '[[search.send]]\nwebhook = "env:HOOK"\n'
    )
    with web_hook() as hook:
        report_changes(news.home, read_searches(file), {"HOOK": hook.url})
        news.store([marked])
        publish_snapshot(news.home)
        report_changes(news.home, read_searches(file), {"HOOK": hook.url})
    assert b"Quixotic" in hook.bodies[0]
    write_feed_files(news.home, file)
    feeds = (tmp_path / "feeds" / "district.atom", tmp_path / "feeds" / "district.json")
    assert all(b"Quixotic" in feed.read_bytes() for feed in feeds)
    assert run(["forget", marked.url, "--home", str(news.home.root), "--yes"]) == 0
    assert all(b"Quixotic" not in feed.read_bytes() for feed in feeds)
    assert one_day[0].url.encode() in feeds[0].read_bytes()
    assert news.query("select count(*) from core.alert") == [(0,)]
    left = [path for path in tmp_path.rglob("*") if path.is_file() and b"Quixotic" in path.read_bytes()]
    assert left == []


def test_stopped_before_the_feeds_are_written_again_they_are_gone(news, one_day, tmp_path):
    news.store(one_day)
    publish_snapshot(news.home)
    file = tmp_path / "searches.toml"
    file.write_text('feeds_folder = "feeds"\n[[search]]\nname = "district"\nquery = "district"\n')
    write_feed_files(news.home, file)
    forget(news.home, one_day[1].url)
    assert list((tmp_path / "feeds").iterdir()) == []
    write_feed_files(news.home, file)
    assert one_day[0].url.encode() in (tmp_path / "feeds" / "district.atom").read_bytes()
    assert one_day[1].url.encode() not in (tmp_path / "feeds" / "district.atom").read_bytes()


def test_an_unknown_address_is_kept_out_as_well(news):
    news.store(articles(1))
    done = forget(news.home, "https://herald.example/2026/03/story-9")
    assert (done.n_articles, done.n_pages) == (0, 0)
    news.store(articles(1, first=9))
    assert news.query("select count(*) from articles") == [(1,)]


def test_refused_while_the_archive_is_written(news, one_day):
    news.store(one_day)
    with ArchiveWriter(news.home.pages_dir) as archive:
        news._write(archive, one_day[0])
        with pytest.raises(WarehouseLocked, match="A run is writing the archive"):
            forget(news.home, one_day[1].url)
    assert news.query("select count(*) from articles") == [(4,)]
    assert news.query("select count(*) from core.forgotten") == [(0,)]


@pytest.mark.parametrize("step", ["move_pages", "finish_forgetting"])
def test_stopped_half_way_the_archive_and_the_store_agree(news, one_day, monkeypatch, step):
    news.store(one_day)
    calls = []

    def stop(*_):
        calls.append(1)
        if step == "move_pages" or len(calls) > 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(tasks.upkeep.forget, step, stop)
    with pytest.raises(KeyboardInterrupt):
        forget(news.home, one_day[1].url)
    monkeypatch.undo()
    assert_pointers_lead_to_pages(news)
    finish_forgetting(news.home)
    assert_pointers_lead_to_pages(news)
    n_left = {"move_pages": 4, "finish_forgetting": 3}[step]
    assert news.query("select count(*) from articles") == [(n_left,)]
    assert (
        sum(1 for f in news.home.pages_dir.rglob("*.warc.gz") for _ in iter_pages(news.home.archive, f))
        == n_left
    )
    forget(news.home, one_day[1].url)
    assert news.query("select count(*) from articles") == [(3,)]
    assert_pointers_lead_to_pages(news)
    assert not list(news.home.pages_dir.rglob("*.partial"))


def test_pages_behind_a_damaged_record_move_along(news, one_day):
    news.store(one_day)
    ref = news.pages[2].ref
    file = news.home.pages_dir / ref.file
    data = bytearray(file.read_bytes())
    data[ref.offset + 20 : ref.offset + 40] = os.urandom(20)
    file.write_bytes(data)
    forget(news.home, one_day[0].url)
    rows = news.query(
        "select archive_file, archive_offset, archive_length from core.article where url_key like '%story-3'"
    )
    assert read_page(news.home.archive, ArchiveRef(*rows[0])).request.url == one_day[3].url


def test_a_rollback_finds_the_moved_pages(news, one_day):
    news.store(one_day, older=old_rules)
    run_id, _ = apply_all(BatchContext(news.home, {s.name: s for s in SOURCES}, news.pool), Choice())
    forget(news.home, one_day[1].url)
    assert roll_back(news.home, run_id, "rollback run").n_back == 3
    assert_pointers_lead_to_pages(news)


def test_twice_is_as_once(news, one_day):
    news.store(one_day)
    forget(news.home, one_day[1].url)
    again = forget(news.home, one_day[1].url)
    assert (again.n_articles, again.n_pages) == (0, 0)
    assert len(news.query("select 1 from core.forgotten")) == 1


def test_the_command(news, one_day, capsys):
    news.store(one_day)
    home = ["--home", str(news.home.root)]
    assert run(["forget", one_day[1].url, *home, "--dry-run"]) == 0
    assert "To remove: 1 article, 1 archived page." in capsys.readouterr().err
    assert run(["forget", one_day[1].url, *home]) == 2  # nobody can answer here
    assert "add --yes" in capsys.readouterr().err
    assert len(news.query("select 1 from articles")) == len(one_day)
    assert run(["forget", one_day[1].url, *home, "--yes", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["n_articles"], answer["n_pages"]) == (1, 1)
    assert run(["forget", "no address", *home, "--yes"]) == 2


def test_the_plan_says_what_would_go_and_changes_nothing(news):
    news.store(articles(2))
    url = articles(2)[0].url
    plan = plan_forget(news.home, url)
    assert (len(plan.titles), plan.n_pages, plan.is_known, plan.blocked_at) == (1, 1, True, None)
    assert news.query("select count(*) from core.forgotten") == [(0,)]
    assert news.query("select count(*) from core.article") == [(2,)]


def test_an_address_that_was_never_stored_is_refused(news):
    news.store(articles(1))
    plan = plan_forget(news.home, "https://herald.example/typing-error")
    assert not plan.is_known
    with pytest.raises(UsageError, match="'https://herald.example/typing-error' was never stored"):
        assert_known(plan, "https://herald.example/typing-error")


def test_what_was_forgotten_is_listed_and_allowed_again(news):
    news.store(articles(2))
    first, second = (shot.url for shot in articles(2))
    forget(news.home, first, "on request")
    forget(news.home, second)
    assert {entry.reason for entry in list_forgotten(news.home)} == {"on request", None}
    assert undo_forget(news.home, first) == (first.removeprefix("https://"),)
    assert [entry.url_key for entry in list_forgotten(news.home)] == [second.removeprefix("https://")]
    news.store(articles(2))
    assert news.query("select url from core.article") == [(first,)]
    with pytest.raises(UsageError, match="is not forgotten"):
        undo_forget(news.home, first)


def test_rows_that_were_forgotten_are_no_loss(news):
    news.store(articles(2))
    forget(news.home, articles(2)[0].url)
    findings = examine_home(news.home, START)
    assert [
        finding.sentence for finding in findings if finding.check == "loads" and finding.level != "ok"
    ] == []


def test_the_command_lists_and_undoes(news, one_day, capsys):
    news.store(one_day)
    home = ["--home", str(news.home.root)]
    unknown = "https://herald.example/never-seen"
    assert run(["forget", unknown, *home, "--yes"]) == 2
    assert "--never-stored" in capsys.readouterr().err
    assert run(["forget", unknown, *home, "--yes", "--never-stored"]) == 0
    capsys.readouterr()
    assert run(["forget", "--list", *home, "--json"]) == 0
    assert [key["url_key"] for key in json.loads(capsys.readouterr().out)] == ["herald.example/never-seen"]
    assert run(["forget", unknown, *home, "--undo", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"allowed": ["herald.example/never-seen"]}
    assert run(["forget", *home]) == 2

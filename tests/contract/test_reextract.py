"""Archived pages through today's rules: the report, the change, its way back."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tasks.errors import UsageError
from tasks.extract import Extracted, ExtractionPool
from tasks.reextract import Bench, apply_batch, compare_batch, count_choice, find_batch, roll_back
from tasks.reextract_report import Fate, Tally
from tests.support.archived_pages import (
    SOURCES,
    START,
    ArchivedNews,
    Shot,
    articles,
    day_before,
    html,
    news_home,
    old_rules,
    paragraphs,
)
from warehouse.connection import open_store
from warehouse.records import Reject, Step
from warehouse.runs import start_run
from warehouse.stored_pages import Choice

ALL = Choice()
TABLES = (
    "article",
    "article_text",
    "revision",
    "field_origin",
    "article_link",
    "url_alias",
    "reject",
    "duplicate_link",
    "story_member",
)


@pytest.fixture(scope="module")
def pool():
    with ExtractionPool(workers=1) as pool:
        yield pool


@pytest.fixture
def news(tmp_path, pool):
    return ArchivedNews(news_home(tmp_path), pool)


def bench(news):
    return Bench(news.home, {source.name: source for source in SOURCES}, news.pool)


def compare(news, choice=ALL):
    tally = Tally()
    tally.add(compare_batch(bench(news), find_batch(news.home, choice, "")))
    return tally.report(count_choice(news.home, choice)[1])


def apply(news, choice=ALL):
    with open_store(news.home, owner="test") as con:
        run_id = start_run(con, "reextract")
    applied = apply_batch(bench(news), run_id, find_batch(news.home, choice, ""))
    return run_id, applied


def contents(news, *, without=()):
    """Return all rows that pages make, but for what says when they were loaded."""
    state = {}
    with open_store(news.home, owner="test") as con:
        for table in TABLES:
            names = [
                row[0]
                for row in con.execute(f"describe core.{table}").fetchall()
                if row[0] not in {"load_id", "added_at", *without}
            ]
            state[table] = sorted(
                con.execute(f"select {', '.join(names)} from core.{table}").fetchall(), key=repr
            )
    return state


def test_report_says_what_differs_and_writes_nothing(news):
    news.store(articles(3), older=old_rules)
    before = contents(news)
    report = compare(news)
    assert (report.n_items, report.n_changed, report.n_bodies_shrunk, report.n_bodies_grown) == (3, 3, 3, 0)
    assert report.characters_shrunk == 3 * len("\nRead more on our website")
    assert [(count.field, count.n_changed) for count in report.fields] == [("body", 3)]
    assert report.samples[0].before.endswith("Read more on our website")
    assert contents(news) == before


def test_report_of_an_unchanged_store_is_empty(news):
    news.store(articles(2))
    report = compare(news)
    assert (report.n_same, report.n_changed, report.fields, report.samples) == (2, 0, (), ())


def test_moved_days_are_counted(news):
    news.store(articles(2), older=day_before)
    report = compare(news)
    assert report.n_days_moved == 2
    assert "published" in {count.field for count in report.fields}


def test_rejects_won_and_lost_are_told_apart(news):
    def wrong(extracted: Extracted) -> Extracted:
        """Older rules refused the article and took the empty page for one."""
        (good,) = extracted.articles
        (bad,) = extracted.rejects
        refusal = Reject(
            "herald",
            Step.EXTRACT,
            "not_an_article",
            "Older rules saw none.",
            good.url,
            good.url_key,
            ref=good.ref,
            at=good.fetched_at,
        )
        taken = replace(
            good,
            url=bad.url,
            url_key=bad.url_key,
            ref=bad.ref,
            identity_key=None,
            fetched_at=bad.at,
            title="No article",
            body="nothing",
            content_sha256="x",
            extractor="old rules 0",
        )
        return Extracted((taken,), (refusal,))

    empty = Shot("https://herald.example/2026/03/empty", b"<html><body></body></html>", START)
    news.store([*articles(1), empty], older=wrong)
    found = {one.fate: one for one in compare_batch(bench(news), find_batch(news.home, Choice(), ""))}
    assert found[Fate.WON].reason == "Older rules saw none."
    assert found[Fate.LOST].title == "No article"
    _, applied = apply(news)
    assert (applied.counts.n_new, applied.counts.n_rejects) == (1, 1)
    assert news.query("select change from superseded order by change") == [("added",), ("removed",)]
    assert news.query("select url, (select count(*) from texts) from articles") == [
        ("https://herald.example/2026/03/story-0", 1)
    ]
    assert news.query("select url from rejects") == [(empty.url,)]


def test_applying_gives_what_today_s_rules_give_from_the_start(news, tmp_path, pool):
    shots = articles(6) + articles(2, "courier", first=2)
    again = [replace(shot, at=shot.at + timedelta(hours=3)) for shot in shots[:2]]
    revised = [
        replace(
            shots[4], html=html("Another title", paragraphs(99), START), at=shots[4].at + timedelta(hours=5)
        )
    ]
    for part in (shots, again, revised):
        news.store(part, older=old_rules)
    apply(news)
    fresh = ArchivedNews(news_home(tmp_path / "fresh"), pool)
    for part in (shots, again, revised):
        fresh.store(part)
    where = ("archive_file", "archive_offset", "archive_length")
    assert contents(news, without=where) == contents(fresh, without=where)
    assert {e for (e,) in news.query("select extractor from articles")} == {
        e for (e,) in fresh.query("select extractor from articles")
    }


def test_applying_twice_changes_nothing_the_second_time(news):
    news.store(articles(3), older=old_rules)
    apply(news)
    before = contents(news)
    load_ids = news.query("select article_id, load_id from core.article order by 1")
    run_id, applied = apply(news)
    assert (applied.counts.n_new, applied.counts.n_revised, applied.counts.n_unchanged) == (0, 0, 3)
    assert contents(news) == before
    assert news.query("select article_id, load_id from core.article order by 1") == load_ids
    assert news.query("select count(*) from superseded where run_id = ?", run_id) == [(0,)]


def test_old_values_stay_as_history(news):
    news.store(articles(1), older=old_rules)
    run_id, _ = apply(news)
    rows = news.query("select run_id, change, parts, body, extractor from superseded")
    assert len(rows) == 1
    assert rows[0][:2] == (run_id, "replaced")
    assert {"body", "content_sha256", "revision"} <= set(rows[0][2])
    assert rows[0][3].endswith("Read more on our website")
    assert rows[0][4] == "old rules 0"


def test_only_rows_of_older_rules(news):
    news.store(articles(2), older=old_rules)
    news.store(articles(2, first=2))
    from tasks.domain.article import EXTRACTOR

    assert len(find_batch(news.home, Choice(not_by=EXTRACTOR), "")) == 2
    apply(news, Choice(not_by=EXTRACTOR))
    assert find_batch(news.home, Choice(not_by=EXTRACTOR), "") == []


def test_choice_by_source_and_day(news):
    news.store(articles(4) + articles(2, "courier"))
    day = (START + timedelta(days=1)).date()
    assert len(find_batch(news.home, Choice(sources=("courier",)), "")) == 2
    assert len(find_batch(news.home, Choice(since=day, until=day), "")) == 2
    assert find_batch(news.home, Choice(sources=("courier",), since=day), "") == [
        "courier.example/2026/03/story-1"
    ]


def test_what_no_page_holds_is_kept(news):
    news.store(articles(1), older=old_rules)
    early = START - timedelta(days=9)
    with open_store(news.home, owner="test") as con:
        con.execute(
            "update core.article set first_seen_at = ?, gone_at = ?", [early, START + timedelta(days=30)]
        )
    before = news.query("select first_seen_at, gone_at, checked_at from articles")
    apply(news)
    assert news.query("select first_seen_at, gone_at, checked_at from articles") == before


def test_an_article_whose_page_is_missing_is_left_alone(news):
    news.store(articles(2), older=old_rules)
    news.store(articles(1, first=2), older=old_rules)
    (news.home.pages_dir / news.pages[2].ref.file).unlink()
    _, applied = apply(news)
    fates = sorted(found.fate for found in applied.found)
    assert fates == [Fate.CHANGED, Fate.CHANGED, Fate.UNREADABLE]
    assert len(news.query("select 1 from articles where extractor = 'old rules 0'")) == 1


def test_rollback_brings_the_old_values_back(news):
    empty = Shot("https://herald.example/2026/03/empty", b"<html><body></body></html>", START)
    shots = articles(4)
    copy = replace(
        shots[0], url="https://courier.example/copy", source="courier", at=START + timedelta(hours=5)
    )
    news.store([*shots, copy, empty], older=old_rules)
    before = contents(news)
    run_id, _ = apply(news)
    assert contents(news) != before
    assert roll_back(news.home, run_id, "rollback run") == (5, 0)
    assert contents(news) == before
    assert news.query("select count(*) from superseded") == [(0,)]


def test_rollback_of_articles_that_were_won_and_lost(news):
    def first_only(extracted: Extracted) -> Extracted:
        one, two = extracted.articles
        refusal = Reject(
            "herald",
            Step.EXTRACT,
            "no_content",
            "Older rules saw none.",
            two.url,
            two.url_key,
            ref=two.ref,
            at=two.fetched_at,
        )
        return Extracted((one,), (refusal,))

    news.store(articles(2), older=first_only)
    before = contents(news)
    run_id, _ = apply(news)
    assert news.query("select count(*) from articles") == [(2,)]
    roll_back(news.home, run_id, "rollback run")
    assert contents(news) == before


def test_rollback_leaves_what_has_changed_since(news):
    shots = articles(2)
    news.store(shots, older=old_rules)
    run_id, _ = apply(news)
    news.store(
        [
            replace(
                shots[1],
                html=html("A newer title", paragraphs(50), START),
                at=shots[1].at + timedelta(days=1),
            )
        ]
    )
    assert roll_back(news.home, run_id, "rollback run") == (1, 1)
    assert news.query("select extractor = 'old rules 0', count(*) from articles group by all order by 1") == [
        (False, 1),
        (True, 1),
    ]
    assert news.query("select title from articles where extractor <> 'old rules 0'") == [("A newer title",)]


def test_rollback_of_an_unknown_run_is_refused(news):
    news.store(articles(1))
    with pytest.raises(UsageError, match="replaced nothing"):
        roll_back(news.home, "no such run", "rollback run")

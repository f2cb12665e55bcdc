"""Archived pages with the current rules: the report, the change, its rollback."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

import tasks.upkeep.reextract
from flows.cli import run
from tasks.errors import UsageError
from tasks.extract import Extracted
from tasks.upkeep.reextract import BatchContext, apply_all, compare_all, compare_batch, find_batch
from tasks.upkeep.report import Fate
from tasks.upkeep.rollback import RolledBack, roll_back
from tasks.workers.extraction_pool import ExtractionPool
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
from warehouse.pages.stored_pages import Choice
from warehouse.records.outcome import Reject, Step
from warehouse.store.connection import connect, open_store

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


def context(news):
    return BatchContext(news.home, {source.name: source for source in SOURCES}, news.pool)


def compare(news, choice=ALL):
    return compare_all(context(news), choice)


def apply(news, choice=ALL):
    return apply_all(context(news), choice)


def contents(news, *, without=()):
    """Return all rows derived from pages, without the columns that record the load."""
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


def test_gained_and_lost_rejects_are_distinguished(news):
    def wrong(extracted: Extracted) -> Extracted:
        """Return the results of older rules, which rejected the article and accepted the empty page."""
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
    found = {one.fate: one for one in compare_batch(context(news), find_batch(news.home, Choice(), ""))}
    assert found[Fate.WON].reason == "Older rules saw none."
    assert found[Fate.LOST].title == "No article"
    _, report = apply(news)
    assert (report.n_won, report.n_lost) == (1, 1)
    assert news.query("select status, n_new, n_rejects from runs where flow = 'reextract'") == [
        ("partial", 1, 1)
    ]
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
    run_id, report = apply(news)
    assert (report.n_changed, report.n_same) == (0, 3)
    assert news.query("select n_new, n_revised, n_unchanged from runs where run_id = ?", run_id) == [
        (0, 0, 3)
    ]
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
    from tasks.domain.articles.article import EXTRACTOR

    assert len(find_batch(news.home, Choice(not_by=(EXTRACTOR,)), "")) == 2
    apply(news, Choice(not_by=(EXTRACTOR,)))
    assert find_batch(news.home, Choice(not_by=(EXTRACTOR,)), "") == []


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
    _, report = apply(news)
    assert (report.n_changed, report.n_unreadable) == (2, 1)
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
    assert roll_back(news.home, run_id, "rollback run") == RolledBack(5, 0)
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
    assert roll_back(news.home, run_id, "rollback run") == RolledBack(1, 1)
    assert news.query("select extractor = 'old rules 0', count(*) from articles group by all order by 1") == [
        (False, 1),
        (True, 1),
    ]
    assert news.query("select title from articles where extractor <> 'old rules 0'") == [("A newer title",)]


def test_rollback_of_an_unknown_run_is_refused(news):
    news.store(articles(1))
    with pytest.raises(UsageError, match="replaced nothing"):
        roll_back(news.home, "no such run", "rollback run")


CONFIG = (
    '[[source]]\nname = "herald"\ntitle = "The Harbour Herald"\nlanguage = "en"\ntimezone = "Europe/'
    'London"\n[[source.feed]]\nurl = "https://herald.example/feed"\n'
)


def test_the_command_reports_applies_and_rolls_back(news, tmp_path, capsys):
    news.store(articles(2), older=old_rules)
    config = tmp_path / "sources.toml"
    config.write_text(CONFIG)
    options = ["--home", str(news.home.root), "--json"]
    assert run(["reextract", *options, "--config", str(config)]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["run_id"], answer["n_changed"]) == (None, 2)
    assert (
        run(["reextract", *options, "--config", str(config), "--older", "--source", "herald", "--apply"]) == 0
    )
    answer = json.loads(capsys.readouterr().out)
    assert answer["n_changed"] == 2
    with connect(news.home) as con:
        assert con.execute(
            "select count(*) from texts where contains(body, 'Read more on our website')"
        ).fetchall() == [(0,)]
    assert run(["reextract", *options, "--rollback", answer["run_id"]]) == 0
    assert json.loads(capsys.readouterr().out) == {"n_back": 2, "n_left": 0}


def test_the_command_prints_a_table(news, tmp_path, capsys):
    news.store(articles(2), older=old_rules)
    config = tmp_path / "sources.toml"
    config.write_text(CONFIG)
    assert run(["reextract", "--home", str(news.home.root), "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert "2 articles would change" in out
    assert "Nothing was written" in out


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["--source", "nobody"], id="unknown source"),
        pytest.param(["--since", "yesterday"], id="not a date"),
        pytest.param(["--since", "2026-03-05", "--until", "2026-03-01"], id="range reversed"),
        pytest.param(["--rollback", "nothing"], id="unknown run"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(news, tmp_path, options, capsys):
    news.store(articles(1))
    config = tmp_path / "sources.toml"
    config.write_text(CONFIG)
    assert run(["reextract", "--home", str(news.home.root), "--config", str(config), *options]) == 2
    assert capsys.readouterr().out == ""


def test_a_page_that_arrives_meanwhile_is_read_as_well(news, monkeypatch):
    shots = articles(2)
    news.store(shots, older=old_rules)
    read, calls = tasks.upkeep.reextract.extract_pages, []

    def late(*arguments):
        if not calls:
            calls.append(1)
            news.store(
                [
                    replace(
                        shots[0],
                        html=html("A newer title", paragraphs(30), START),
                        at=shots[0].at + timedelta(days=2),
                    )
                ]
            )
        return read(*arguments)

    monkeypatch.setattr(tasks.upkeep.reextract, "extract_pages", late)
    apply(news)
    assert news.query("select title, n_revisions from articles where url = ?", shots[0].url) == [
        ("A newer title", 2)
    ]
    assert news.query("select count(*) from texts where contains(body, 'Read more on our website')") == [(0,)]


def test_stopped_half_way_the_same_call_goes_on(news, monkeypatch):
    news.store(articles(4), older=old_rules)
    monkeypatch.setattr(tasks.upkeep.reextract, "ITEMS_PER_BATCH", 2)
    calls = []

    def stopped(step, *arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return step(*arguments)

    with pytest.raises(KeyboardInterrupt):
        apply_all(context(news), ALL, stopped)
    assert news.query("select status from runs where flow = 'reextract'") == [("cancelled",)]
    assert news.query("select count(*) from articles where extractor = 'old rules 0'") == [(2,)]
    apply(news)
    assert news.query("select count(*) from articles where extractor = 'old rules 0'") == [(0,)]

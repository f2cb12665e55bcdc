"""Loading: nothing duplicated, nothing lost, independent of the order of arrival."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from tests.support.warehouse_rows import (
    HOUR,
    NOW,
    a_home,
    article,
    ask,
    entry,
    fetch,
    key,
    load,
    poll,
    polled,
    reject,
    url,
)
from warehouse.errors import WarehouseCorrupt
from warehouse.feeds import find_known_keys
from warehouse.records.article import AuthorKind, Certainty, FieldCertainty
from warehouse.records.feed import FeedEntry
from warehouse.records.outcome import Step
from warehouse.records.page import PageRequest
from warehouse.records.source import Source
from warehouse.sources import load_sources
from warehouse.store.connection import open_store, transaction

EVERYTHING = {
    "article": "select * exclude (load_id) from core.article order by article_id",
    "article_text": "select * from core.article_text order by article_id",
    "revision": "select * exclude (load_id) from core.revision order by article_id, revision_no",
    "field_origin": "select * from core.field_origin order by all",
    "article_link": "select * from core.article_link order by all",
    "url_alias": "select * from core.url_alias order by all",
}


def contents(home):
    return {name: ask(home, sql) for name, sql in EVERYTHING.items()}


def test_the_same_batch_again_adds_nothing(tmp_path):
    home = a_home(tmp_path)
    parts = {"fetches": (fetch(1), fetch(2), fetch(3)), "rejects": (reject(3),)}
    first = load(home, article(1), article(2), **parts)
    before = (
        contents(home),
        ask(home, "select * from core.reject"),
        ask(home, "select count(*) from core.fetch"),
    )
    second = load(home, article(1), article(2), **parts)
    after = (
        contents(home),
        ask(home, "select * from core.reject"),
        ask(home, "select count(*) from core.fetch"),
    )
    assert (first.counts.n_new, first.counts.n_rejects) == (2, 1)
    assert (second.counts.n_new, second.counts.n_revised, second.counts.n_unchanged) == (0, 0, 2)
    assert second.changed_ids == []
    assert after == before
    assert ask(home, "select count(*) from core.load") == [(1,)]


DATED = ("article", "article_text", "revision", "field_origin")


def days_of(home):
    """Return the different values of seen_on of all rows of articles."""
    rows = " union all ".join(f"select seen_on from core.{table}" for table in DATED)
    return ask(home, f"select distinct seen_on from ({rows}) order by 1")


def test_rows_have_the_day_on_which_their_article_was_first_seen(tmp_path):
    """An older capture that arrives later moves them; the same pages in order give the same rows."""
    home, straight = a_home(tmp_path / "a"), a_home(tmp_path / "b")
    earlier = NOW - timedelta(days=3)
    old, new = article(1, body="One.", at=earlier), article(1, body="Two.", at=NOW)
    load(home, new)
    assert days_of(home) == [(NOW.date(),)]
    load(home, old)
    assert days_of(home) == [(earlier.date(),)]
    load(home, article(1, body="Three.", at=NOW + HOUR))
    assert days_of(home) == [(earlier.date(),)]
    load(straight, old, new, article(1, body="Three.", at=NOW + HOUR))
    assert contents(straight) == contents(home)
    assert ask(home, "select body from texts") == [("Three.",)]


def test_an_article_without_its_day_is_not_stored_a_second_time(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    ask(home, "update core.article set seen_on = null")
    with pytest.raises(WarehouseCorrupt, match="0 of them with their day.*doctor --fix"):
        load(home, article(1, body="Two."))


def test_an_article_twice_in_one_batch_is_one(tmp_path):
    home = a_home(tmp_path)
    loaded = load(home, article(1), article(1), article(1, at=NOW + HOUR))
    assert loaded.counts.n_new == 1
    assert ask(home, "select count(*) from articles") == [(1,)]
    assert ask(home, "select fetched_at from articles") == [(NOW + HOUR,)]


@pytest.mark.parametrize(
    ("body", "lead"),
    [
        pytest.param(
            "Morning.\nThe harbour was closed for two hours on Monday.\nMore.",
            "The harbour was closed for two hours on Monday.",
            id="the first long line",
        ),
        pytest.param("Short.\nToo.", "Short.\nToo.", id="no long line"),
        pytest.param("word " * 200, "word " * 100, id="500 characters"),
    ],
)
def test_the_beginning_of_a_text_is_read_from_it(tmp_path, body, lead):
    home = a_home(tmp_path)
    load(home, article(1, body=body))
    assert ask(home, "select lead from texts") == [(lead,)]


def test_a_changed_page_is_a_revision(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1, body="One."))
    loaded = load(home, article(1, at=NOW + HOUR, body="Two."))
    assert (loaded.counts.n_new, loaded.counts.n_revised) == (0, 1)
    rows = ask(home, "select revision_no, change, body from core.revision order by revision_no")
    assert rows == [(1, "first", "One."), (2, "body", None)]
    assert ask(home, "select body from texts") == [("Two.",)]
    assert ask(home, "select n_revisions from articles") == [(2,)]


def test_a_title_change_keeps_each_text(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1, title="Old", body="One."))
    load(home, article(1, title="New", body="One.", at=NOW + HOUR))
    load(home, article(1, title="New", body="Two.", at=NOW + 2 * HOUR))
    rows = ask(home, "select change, title, body from core.revision order by revision_no")
    assert rows == [("first", "Old", "One."), ("title", "New", "One."), ("body", "New", None)]


PAGES = (
    article(1, title="A", body="One."),
    article(1, title="A", body="Two.", at=NOW + HOUR, url="https://news.example/1?b", authors=("X",)),
    article(1, title="B", body="One.", at=NOW + 2 * HOUR, url="https://news.example/1?a"),
    article(1, title="A", body="Two.", at=NOW + 3 * HOUR),
)


@pytest.mark.parametrize(
    "order", [pytest.param(o, id="".join(map(str, o))) for o in permutations(range(4))][::3]
)
def test_the_order_of_arrival_does_not_matter(tmp_path, order):
    straight, shuffled = a_home(tmp_path / "a"), a_home(tmp_path / "b")
    load(straight, *PAGES)
    for n in order:
        load(shuffled, PAGES[n])
    assert contents(shuffled) == contents(straight)
    rows = ask(shuffled, "select title, change, body from core.revision order by revision_no")
    assert rows == [("A", "first", "One."), ("A", "body", None), ("B", "both", "One.")]
    assert ask(shuffled, "select url, first_seen_at, fetched_at from articles") == [
        (url(1), NOW, NOW + 3 * HOUR)
    ]


def test_first_seen_is_when_a_feed_first_showed_it(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), at=NOW - HOUR))
    load(home, article(1))
    assert ask(home, "select first_seen_at from articles") == [(NOW - HOUR,)]


def test_a_smaller_url_of_the_same_key_is_taken_over(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    with open_store(home, owner="test") as con, transaction(con):
        from warehouse.feeds import load_polls

        load_polls(con, "run", [polled(FeedEntry("http://news.example/1"))], [[key(1)]])
    assert ask(home, "select url from articles") == [("http://news.example/1",)]


def test_a_page_that_is_another_article_becomes_an_alias(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    load(home, article(2, identity_key=key(1), body="Body of article 1.", title="Title 1", at=NOW + HOUR))
    assert ask(home, "select count(*) from articles") == [(1,)]
    assert ask(home, "select url_key from core.url_alias") == [(key(2),)]
    with open_store(home, owner="test") as con:
        assert find_known_keys(con, [key(1), key(2), key(3)]) == {key(1), key(2)}


def test_hostile_text_is_stored_harmless(tmp_path):
    home = a_home(tmp_path)
    evil = "a\x00b\ud800\u202e'; drop table core.article; --"
    load(home, article(1, title=evil + "T" * 10_000_000, body=evil, authors=(evil, "\x00")))
    title, authors = ask(home, "select title, authors from articles")[0]
    assert title.startswith("ab'; drop table core.article; --TTT")
    assert len(title) == 1_997  # cut to 2,000, then three characters removed
    assert authors == ["ab'; drop table core.article; --"]
    assert ask(home, "select body from texts") == [("ab'; drop table core.article; --",)]


def test_a_gone_page_is_marked_and_comes_back(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    gone = (PageRequest("alpha", url(1), key(1), entry(1)),)
    load(home, fetches=(fetch(1, at=NOW + HOUR, outcome="gone", status=410),), gone=gone)
    assert ask(home, "select gone_at, title from articles") == [(NOW + HOUR, "Title 1")]
    load(home, article(1, at=NOW + 2 * HOUR))
    assert ask(home, "select gone_at from articles") == [(None,)]


def test_rejects_are_counted_once_and_resolved(tmp_path):
    home = a_home(tmp_path)
    load(home, rejects=(reject(1),))
    load(home, rejects=(reject(1),))
    assert ask(home, "select attempts, first_at, last_at from rejects") == [(1, NOW, NOW)]
    load(home, rejects=(reject(1, at=NOW + HOUR),))
    assert ask(home, "select attempts, first_at, last_at from rejects") == [(2, NOW, NOW + HOUR)]
    load(home, rejects=(reject(1, at=NOW + 2 * HOUR, step=Step.EXTRACT),))
    assert ask(home, "select step, attempts from rejects") == [("extract", 1)]
    load(home, article(1, at=NOW + 3 * HOUR))
    assert ask(home, "select count(*) from rejects") == [(0,)]
    assert ask(home, "select count(*) from core.reject where resolved_at is not null") == [(2,)]


def test_a_feed_that_fails_is_a_row_until_it_answers(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(outcome="server_error"))
    assert ask(home, "select feed_url, step, error_class from rejects") == [
        ("https://news.example/feed", "poll", "server_error")
    ]
    poll(home, polled(at=NOW + HOUR))
    assert ask(home, "select count(*) from rejects") == [(0,)]
    assert ask(home, "select status from feed_health") == [("ok",)]


def test_the_ledger_adds_up(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(*(entry(n) for n in range(6))))
    load(home, article(0), article(1), article(9, source="beta", url=url(2), url_key=key(2)))
    load(home, rejects=(reject(3),))
    rows = ask(
        home,
        "select source, day, seen, stored, known, rejected, pending from source_daily where source = 'alpha'",
    )
    assert rows == [("alpha", NOW.date(), 6, 2, 1, 1, 2)]
    assert ask(home, "select sum(seen) - sum(stored + known + rejected + pending) from source_daily") == [
        (0,)
    ]


def test_a_page_that_two_sources_show_and_that_failed_is_pending_for_neither(tmp_path):
    home = a_home(tmp_path)
    other = polled(entry(1), feed="https://other.example/feed")
    other = replace(other, state=replace(other.state, source="beta"))
    poll(home, polled(entry(1)), other)
    load(home, rejects=(reject(1),))
    rows = ask(home, "select source, seen, rejected, pending from source_daily order by source")
    assert rows == [("alpha", 1, 1, 0), ("beta", 1, 1, 0)]


@pytest.mark.parametrize(
    ("homepage", "owner"),
    [
        pytest.param("https://news.example/", "beta", id="its host"),
        pytest.param("https://www.NEWS.example", "beta", id="its host with www"),
        pytest.param("https://example/", "beta", id="a domain above"),
        pytest.param("https://ws.example/", "alpha", id="the end of another host"),
        pytest.param("https://other.example/?u=news.example", "alpha", id="elsewhere in the address"),
        pytest.param(None, "alpha", id="no homepage"),
    ],
)
def test_a_page_of_several_sources_belongs_to_the_one_with_its_host(tmp_path, homepage, owner):
    home = a_home(tmp_path)
    with open_store(home, owner="test") as con, transaction(con):
        sources = [
            Source("alpha", "Alpha", homepage="https://s.example/"),
            Source("beta", "Beta", homepage=homepage),
        ]
        load_sources(con, sources)
    load(home, article(1), article(1, source="beta"))
    assert ask(home, "select source from core.article") == [(owner,)]


def test_a_failed_transaction_leaves_everything_as_it_was(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    before = contents(home)
    with pytest.raises(RuntimeError), open_store(home, owner="test") as con, transaction(con):
        from warehouse.articles import load_batch
        from warehouse.records.outcome import Batch

        load_batch(con, Batch("run", articles=(article(1, body="Other.", at=NOW + HOUR), article(2))))
        raise RuntimeError("the power of tests")
    assert contents(home) == before


def test_a_doubled_key_is_noticed_and_undone(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    ask(home, "insert into core.article_text select * from core.article_text")
    with pytest.raises(WarehouseCorrupt, match="article_text"):
        load(home, article(1, at=NOW + HOUR))


def test_a_source_that_leaves_the_list_keeps_its_articles(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    load(home, article(1))
    with open_store(home, owner="test") as con:
        load_sources(con, [Source("beta", "Beta")])
    assert ask(home, "select name, removed_at is null from core.source order by name") == [
        ("alpha", False),
        ("beta", True),
    ]
    assert ask(home, "select source_title from articles") == [("Alpha News",)]
    assert ask(home, "select status from feed_health") == [("removed",)]


def test_dates_outside_the_usual_are_kept(tmp_path):
    home = a_home(tmp_path)
    old = article(1)
    assert old.published is not None
    moment = replace(old.published, at=datetime(1899, 12, 31, 23, 59, tzinfo=UTC))
    load(home, replace(old, published=moment))
    assert ask(home, "select published_at from articles") == [(moment.at,)]


def test_what_extraction_says_of_an_article_is_stored(tmp_path):
    home = a_home(tmp_path)
    said = article(
        1,
        authors=("The Daily Staff",),
        author_kinds=(AuthorKind.ORGANISATION,),
        section="Sport",
        tags=("Rowing", "Cup"),
        image_url="https://news.example/i.jpg",
        description="A race.",
        is_partial=True,
        certainty=FieldCertainty(Certainty.SURE, Certainty.LIKELY, Certainty.DOUBTFUL, Certainty.SURE),
    )
    load(home, said, article(2))
    rows = ask(
        home,
        "select author_kinds, section, tags, image_url, description, is_partial, title_certainty, "
        "published_certainty, body_certainty, authors_certainty, country from articles order by url",
    )
    assert rows == [
        (["organisation"], "Sport", ["Rowing", "Cup"], "https://news.example/i.jpg", "A race.", True, "sure",
         "likely", "doubtful", "sure", None),
        ([], None, [], None, None, False, None, None, None, None, None),
    ]  # fmt: skip

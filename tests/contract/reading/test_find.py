"""Pages of results: totals, facets, folding, order, cursors."""

import base64
from datetime import date
from uuid import UUID

import pytest

from tasks.domain.urls.key import url_key
from tests.support.warehouse_rows import SOURCE, a_home, article, key, store, url
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.reading.filters import AskedUrl, Cursor, Order, Selection
from warehouse.reading.find import (
    DayVolume,
    ResultQuery,
    find_articles_page,
    find_stories_page,
    in_intervals,
)
from warehouse.reading.snapshots import SnapshotSource
from warehouse.records.outcome import Batch
from warehouse.sources import load_sources
from warehouse.store.connection import transaction


@pytest.fixture(scope="module")
def source(web_home):
    with SnapshotSource(web_home, timeout_s=60) as source:
        yield source


@pytest.fixture
def con(source):
    with source.session() as session:
        yield session.con


def numbers(page):
    return [int(hit.url.rsplit("/", 1)[1]) for hit in page.hits]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        pytest.param(Selection("bridge"), [2, 1], id="words, newest first"),
        pytest.param(Selection("bridge", sources=("alpha",)), [1], id="source"),
        pytest.param(Selection(languages=("ja",)), [5], id="language"),
        pytest.param(Selection(until=date(2026, 11, 2), since=date(2026, 11, 2)), [2], id="one day"),
        pytest.param(Selection(only_edited=True), [3], id="edited"),
        pytest.param(Selection(only_copied=True), [2, 1], id="with copies"),
        pytest.param(Selection("nowhere"), [], id="no match"),
        pytest.param(Selection("blast", only_copied=True), [], id="filters and words together"),
    ],
)
def test_which_articles_are_found(con, selection, expected):
    page = find_articles_page(con, ResultQuery(selection))
    assert numbers(page) == expected
    assert page.n_articles == len(expected)
    assert page.next is None


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """Yield the snapshot of a store with a page that redirected, and copies that name their original."""
    home = a_home(tmp_path_factory.mktemp("urls"))
    articles = (
        article(
            1,
            url="https://news.example/old",
            url_key="news.example/old",
            identity_key=key(1),
            final_url="https://news.example/moved?utm_source=rss",
            canonical_url="https://news.example/moved",
        ),
        article(2, canonical_url="https://origin.example/story?id=2"),
        article(3, canonical_url=url(2)),
    )
    with store(home) as con:
        load_sources(con, [SOURCE])
        with transaction(con):
            load_batch(con, Batch("run-1", articles=articles))
    publish_snapshot(home)
    with SnapshotSource(home, timeout_s=60) as source, source.session() as session:
        yield session.con


@pytest.mark.parametrize(
    ("text", "n_found"),
    [
        pytest.param(url(2), [2], id="as stored, not the copy that names it as canonical"),
        pytest.param("HTTP://www.news.example/2?utm_source=x#top", [2], id="another form with the same key"),
        pytest.param("https://news.example/old", [1], id="the address that led to it"),
        pytest.param("https://news.example/1", [1], id="its own key"),
        pytest.param("https://news.example/moved?utm_source=rss", [1], id="after redirects"),
        pytest.param("https://news.example/moved", [1], id="canonical"),
        pytest.param("https://origin.example/story?id=2", [2], id="a canonical URL of another site"),
        pytest.param("https://news.example/9", [], id="not stored"),
    ],
)
def test_an_article_is_found_by_its_url(moved, text, n_found):
    page = find_articles_page(moved, ResultQuery(Selection(url=AskedUrl(text, url_key(text)))))
    assert [hit.title for hit in page.hits] == [f"Title {n}" for n in n_found]
    assert page.n_articles == len(n_found)


def test_a_story_is_one_row_and_counted_once(con):
    page = find_stories_page(con, ResultQuery(Selection("bridge")))
    (hit,) = page.hits
    assert numbers(page) == [1]
    assert (page.n_articles, page.n_stories) == (2, 1)
    assert (hit.n_copies, hit.n_other_sources, hit.is_representative) == (1, 1, True)


def test_a_copy_stands_for_its_story_when_the_representative_does_not_fit(con):
    page = find_stories_page(con, ResultQuery(Selection("bridge", sources=("beta",))))
    assert numbers(page) == [2]
    assert not page.hits[0].is_representative


def test_facets(con):
    page = find_articles_page(con, ResultQuery(Selection("bridge")))
    assert [(f.value, f.n_articles, f.n_stories) for f in page.sources] == [("alpha", 1, 1), ("beta", 1, 1)]
    assert [(f.value, f.n_articles) for f in page.languages] == [("unknown", 2)]
    assert page.days == (DayVolume(date(2026, 11, 1), 1, 1), DayVolume(date(2026, 11, 2), 1, 1))
    assert page.n_copied == 2


@pytest.mark.parametrize("find", [find_articles_page, find_stories_page])
@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize("question", ["", "a*", "alert"])
def test_pages_together_are_the_whole(con, find, order, question):
    whole = find(con, ResultQuery(Selection(question), order, limit=1_000))
    seen, after = [], None
    while True:
        page = find(con, ResultQuery(Selection(question), order, limit=7, after=after))
        assert (page.n_articles, page.n_stories) == (whole.n_articles, whole.n_stories)
        seen += [hit.article_id for hit in page.hits]
        after = Cursor.parse(str(page.next)) if page.next else None
        if after is None:
            break
    assert seen == [hit.article_id for hit in whole.hits]
    assert len(seen) == len(set(seen))


def test_best_first(con):
    page = find_articles_page(con, ResultQuery(Selection("blast"), Order.BEST))
    wide = find_articles_page(con, ResultQuery(Selection("a*"), Order.BEST, limit=200))
    scores = [hit.score for hit in wide.hits]
    assert numbers(page) == [3]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1]


@pytest.mark.parametrize(
    "text", ["", "x", "W10", "WzEsMl0", "W251bGwsIngiXQ", "é", "A" * 10_000, "W1tbW1tb" * 5_000]
)
def test_a_broken_cursor_is_an_error(text):
    with pytest.raises(ValueError, match="is not a cursor"):
        Cursor.parse(text)


@pytest.mark.parametrize("place", ["NaN", "Infinity", "-Infinity", "1" + "0" * 400])
def test_a_cursor_whose_place_is_no_number_is_an_error(place):
    text = base64.urlsafe_b64encode(f'[{place}, "{UUID(int=1)}"]'.encode()).decode()
    with pytest.raises(ValueError, match="is not a cursor"):
        Cursor.parse(text)


def test_the_lead_is_the_first_long_line(con):
    (hit,) = find_articles_page(con, ResultQuery(Selection("mayor"))).hits
    assert hit.lead == "Twelve people were hurt in the blast. Police left."


def test_days_without_articles_are_bars_of_zero():
    days = (DayVolume(date(2026, 1, 1), 2, 1), DayVolume(date(2026, 1, 4), 1, 1))
    step, filled = in_intervals(days)
    assert step is not None
    assert step.days == 1
    assert [(v.day.day, v.n_articles) for v in filled] == [(1, 2), (2, 0), (3, 0), (4, 1)]


def test_long_spans_are_shown_by_month():
    step, filled = in_intervals((DayVolume(date(2020, 1, 31), 1, 1), DayVolume(date(2022, 2, 1), 1, 1)))
    assert step is None
    assert (filled[0].day, filled[-1].day, len(filled)) == (date(2020, 1, 1), date(2022, 2, 1), 26)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        pytest.param("bridge OR blast", [3, 2, 1], id="either"),
        pytest.param("(bridge OR blast) title:twelve", [3], id="parentheses and a title"),
        pytest.param("bridge -title:reopens", [2], id="not in the title"),
        pytest.param('title:"harbour bridge"', [1], id="a phrase of the title"),
        pytest.param('title:"harbour brid*"', [1], id="a prefix in the title"),
        pytest.param("title:mayor", [], id="a word of the text is not one of the title"),
        pytest.param("source:alpha bridge", [1], id="source"),
        pytest.param("lang:ja OR lang:ar", [5, 4], id="languages alone"),
        pytest.param("bridge after:2026-11-01", [2], id="after a day"),
        pytest.param("bridge before:2026-11-02", [1], id="before a day"),
        pytest.param("bridge NOT (source:alpha OR source:nobody)", [2], id="none of several sources"),
        pytest.param("bridge OR harbour", [2, 1], id="both alternatives fit, counted once"),
        pytest.param("title:知事選 OR title:ميناء", [5, 4], id="titles in scripts of all kinds"),
        pytest.param("harbour NEAR/1 bridge", [1], id="near: side by side"),
        pytest.param("harbour NEAR bridge", [2, 1], id="near, in either order"),
        pytest.param("bridge NOT (harbour NEAR/1 bridge)", [2], id="not side by side"),
        pytest.param('"blast police" NEAR/2 there', [], id="near: not in this revision"),
        pytest.param('"blast police" NEAR/1 lef*', [3], id="a phrase near a prefix"),
        pytest.param("twelve NEAR/100 mayor", [3], id="near, far apart in the text"),
        pytest.param("title:twelve mayor NEAR/3 spoke", [3], id="near beside a field"),
        pytest.param("reopens NEAR twelve", [], id="both, but in no article together"),
        pytest.param("(mayor OR police) NEAR/2 left", [3], id="one of two near a word"),
        pytest.param("候補者 NEAR/5 過去最多", [5], id="near in Japanese"),
        pytest.param("~bridges", [2, 1], id="inflections"),
        pytest.param("blast ~reopening", [], id="inflections, one word is missing"),
        pytest.param("bridge -~reopen", [2], id="inflections excluded"),
        pytest.param("title:~bridges", [2, 1], id="inflections in the title"),
        pytest.param("~bridges NEAR/1 harbour", [1], id="inflections near a word"),
        pytest.param("~知事選", [5], id="inflections of a script without them"),
        pytest.param("“harbour bridge”", [1], id="a phrase in printed quotation marks"),
        pytest.param('author:"alert(1)" after:2026-11-05 title:onload', [70, 60, 12], id="authors are text"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", Order)
def test_the_whole_grammar(con, question, expected, order):
    page = find_articles_page(con, ResultQuery(Selection(question), order))
    assert sorted(numbers(page), reverse=True) == expected
    assert page.n_articles == len(expected)
    if order is Order.NEW:
        assert numbers(page)[: len(expected)] == expected

"""Pages of results: totals, facets, folding, order, cursors."""

from datetime import date

import pytest

from warehouse.reading.filters import Cursor, Order, Selection
from warehouse.reading.find import (
    DayVolume,
    ResultQuery,
    find_articles_page,
    find_stories_page,
    in_intervals,
)
from warehouse.reading.snapshots import SnapshotSource


@pytest.fixture(scope="module")
def con(web_home):
    with SnapshotSource(web_home, timeout_s=60) as source, source.session() as session:
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
        pytest.param(Selection("nowhere"), [], id="nothing fits"),
        pytest.param(Selection("blast", only_copied=True), [], id="filters and words together"),
    ],
)
def test_which_articles_are_found(con, selection, expected):
    page = find_articles_page(con, ResultQuery(selection))
    assert numbers(page) == expected
    assert page.n_articles == len(expected)
    assert page.next is None


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

"""Differences between two extractions of one page, field by field."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tasks.domain.articles.changes import SHOWN, FieldChange, compare_articles, shown_change
from warehouse.records.article import Article, Moment, Precision

NOON = Moment(
    datetime(2022, 1, 10, 12, tzinfo=UTC),
    date(2022, 1, 10),
    datetime(2022, 1, 10, 15),
    180,
    Precision.MINUTE,
    "meta",
    "source",
    "10.01.2022 15:00",
)
ARTICLE = Article(
    "herald",
    "https://herald.example/a",
    "herald.example/a",
    "Title",
    "One.\nTwo.",
    published=NOON,
    authors=("A. Bee",),
)


@pytest.mark.parametrize(
    ("after", "changes"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param({"title": "New"}, [FieldChange("title", "Title", "New")], id="title"),
        pytest.param({"authors": ()}, [FieldChange("authors", "A. Bee", None)], id="lost value"),
        pytest.param(
            {"source_credit": "TASS"}, [FieldChange("source_credit", None, "TASS")], id="gained value"
        ),
        pytest.param(
            {"identity_key": "herald.example/b"},
            [FieldChange("address", "herald.example/a", "herald.example/b")],
            id="another identity",
        ),
        pytest.param(
            {"extractor": "rules 9", "fetched_at": datetime(2022, 2, 1, tzinfo=UTC)},
            [],
            id="rules and fetch time are ignored",
        ),
        pytest.param(
            {"published": replace(NOON, at=None, utc_offset_minutes=None, zone_from=None)},
            [
                FieldChange(
                    "published", "2022-01-10T15:00:00+03:00 (minute)", "2022-01-10T15:00:00 (minute)"
                ),
                FieldChange("zone_from", "source", None),
            ],
            id="zone lost",
        ),
    ],
)
def test_fields_that_differ(after, changes):
    assert list(compare_articles(ARTICLE, replace(ARTICLE, **after)).fields) == changes


@pytest.mark.parametrize(("body", "grown_by"), [("One.", -5), ("One.\nTwo.\nThree.", 7), ("One.\nTwo.", 0)])
def test_bodies_grow_and_shrink(body, grown_by):
    assert compare_articles(ARTICLE, replace(ARTICLE, body=body)).grown_by == grown_by


@pytest.mark.parametrize(
    ("published", "is_moved"),
    [
        pytest.param(NOON, False, id="same"),
        pytest.param(replace(NOON, at=datetime(2022, 1, 10, 20, tzinfo=UTC)), False, id="some hours"),
        pytest.param(replace(NOON, at=datetime(2022, 1, 11, 12, tzinfo=UTC)), True, id="a day"),
        pytest.param(replace(NOON, at=None, on=date(2022, 10, 1)), True, id="day and month swapped"),
        pytest.param(replace(NOON, at=None), False, id="same day without zone"),
        pytest.param(None, False, id="date lost"),
    ],
)
def test_moved_days(published, is_moved):
    assert compare_articles(ARTICLE, replace(ARTICLE, published=published)).is_day_moved is is_moved


def test_long_values_are_shown_where_they_differ():
    same = "word " * 200
    before, after = shown_change(same + "old end", same + "new end")
    assert before.endswith("old end")
    assert after.endswith("new end")
    assert before.startswith("…")
    assert len(before) <= SHOWN + 2


def test_short_values_are_shown_whole():
    assert shown_change("a", None) == ("a", None)

"""Dates in lines of visible text, and numbers that are not dates."""

from datetime import UTC, date, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import find_moments

NOW = datetime(2022, 1, 12, 17, 0, tzinfo=UTC)


def found(text: str, *, language: str | None = None, order: str | None = None) -> list[str]:
    moments = find_moments(text, DateContext(NOW, date_order=order, language=language), origin="visible_text")
    return [(one.moment.local or one.moment.on).isoformat() for one in moments]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Rahmon, 10.01.2022, 16:58", ["2022-01-10T16:58:00"], id="after a name"),
        pytest.param(
            "By A. Smith | January 10, 2022 | 4:58 pm | 3 min read", ["2022-01-10T16:58:00"], id="byline"
        ),
        pytest.param("Von Juliane Rohr 10.01.2022, 16:58 Uhr", ["2022-01-10T16:58:00"], id="German byline"),
        pytest.param(
            "Published 10 January 2022 16:58, updated 11 January 2022 09:00",
            ["2022-01-10T16:58:00", "2022-01-11T09:00:00"],
            id="two dates, each with its clock",
        ),
        pytest.param(
            "16:58 10.01.2022 | 09:00 11.01.2022",
            ["2022-01-10T16:58:00", "2022-01-11T09:00:00"],
            id="clock first, twice",
        ),
        pytest.param(
            "Дата: 10.01.2022 Время: 16:58", ["2022-01-10T16:58:00"], id="a label between day and clock"
        ),
        pytest.param("公開日：2022年1月10日 16時58分 更新", ["2022-01-10T16:58:00"], id="Japanese label"),
        pytest.param("10.01.22, 16:58", ["2022-01-10T16:58:00"], id="short year in a short line"),
    ],
)
def test_full_dates_are_found(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Tel. 030/12.34.5678", id="phone number"),
        pytest.param("+49 10-01-2022", id="phone number that looks like a date"),
        pytest.param("Call 555-01-2022 now", id="groups of three digits"),
        pytest.param("only 10.01 EUR or 1.299,00", id="prices"),
        pytest.param("The score was 3:2 (1:1)", id="score"),
        pytest.param("version 10.1.2022.5", id="version"),
        pytest.param("Firefox v10.01.2022", id="version with a letter"),
        pytest.param("ISBN 978-3-16-148410-0", id="ISBN"),
        pytest.param("IP 10.01.20.22 and 192.168.1.2022", id="addresses"),
        pytest.param("in January 2022", id="month alone"),
        pytest.param("on 10 January", id="no year"),
        pytest.param("1-2-2022-3", id="numbers in a chain"),
        pytest.param("the 2022/2023 season", id="season"),
        pytest.param("5/12/9999", id="year out of bounds"),
        pytest.param("© 2005-2022", id="copyright years"),
        pytest.param("31.02.2022", id="no such day"),
        pytest.param("10.01.2032", id="future"),
        pytest.param("20220110", id="a bare number"),
        pytest.param(
            "ratio 10/01/22 of all the many words that are in this very long line of text",
            id="short year in prose",
        ),
    ],
)
def test_numbers_that_are_no_dates(text):
    assert found(text) == []


def test_offsets_are_those_of_the_text():
    text = "Moskau,\u00a0١٠.٠١.٢٠٢٢ ١٦:٥٨ – dpa"
    (one,) = find_moments(text, DateContext(NOW), origin="visible_text")
    assert text[one.start : one.end] == "١٠.٠١.٢٠٢٢ ١٦:٥٨"
    assert one.moment.raw == "١٠.٠١.٢٠٢٢ ١٦:٥٨"


def test_range_gives_its_last_day_only_where_both_ends_are_full():
    assert found("from 10.01.2022 to 11.01.2022") == ["2022-01-10", "2022-01-11"]
    assert found("10-12 January 2022") == []


def test_other_order_is_handed_on():
    (one,) = find_moments("03/12/2021", DateContext(NOW), origin="visible_text")
    assert one.other is not None
    assert (one.moment.on, one.other.on) == (date(2021, 12, 3), date(2021, 3, 12))

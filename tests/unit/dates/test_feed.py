"""Dates of feeds: the fast path returns the same as the full parser."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.feed import feed_moment
from tasks.domain.dates.parse import parse_feed_date
from warehouse.records.article import Precision

NOW = datetime(2026, 1, 12, tzinfo=UTC)


def read(raw: str | None, zone: str | None = None):
    return feed_moment(raw, DateContext(NOW, zone=zone))


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        pytest.param("2026-01-10T16:58:00+03:00", datetime(2026, 1, 10, 13, 58), id="RFC 3339"),
        pytest.param(
            "2026-01-10 16:58:00.25Z", datetime(2026, 1, 10, 16, 58), id="with a space and fractions"
        ),
        pytest.param("Sat, 10 Jan 2026 16:58:00 -0230", datetime(2026, 1, 10, 19, 28), id="RFC 822"),
        pytest.param("1 Jan 2026 06:58:00 GMT", datetime(2026, 1, 1, 6, 58), id="without a weekday"),
        pytest.param("Mon, 10 Jan 2026 16:58:00 UTC", datetime(2026, 1, 10, 16, 58), id="the wrong weekday"),
        pytest.param(
            "2026-01-10T00:00:00+03:00", datetime(2026, 1, 9, 21), id="a midnight keeps its instant"
        ),
        pytest.param("Sat, 10 Jan 2026 00:00:00 +0300", datetime(2026, 1, 9, 21), id="a midnight in RFC 822"),
        pytest.param("Thu, 30 Apr 2015 08:57:00 MEST", datetime(2015, 4, 30, 6, 57), id="the full parser"),
    ],
)
def test_instants(raw, at):
    moment = read(raw)
    assert moment is not None
    assert moment.at == at.replace(tzinfo=UTC)
    assert (moment.zone_from, moment.raw) == ("feed", raw)


@pytest.mark.parametrize(
    "raw",
    [
        None, "", "  ", "soon", "Mon, 01 Jan 0001 00:00:00 +0000", "0001-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
        "2026-01-14T00:00:01Z", "Fri, 31 Feb 2025 10:00:00 GMT", "2025-02-31T10:00:00Z",
        "2026-01-10T10:00:00+00:0",
        "9999-12-31T23:59:59-14:00", "x" * 5000,
    ],
)  # fmt: skip
def test_no_dates(raw):
    assert read(raw) is None


def test_a_midnight_has_the_precision_of_a_day():
    moment = read("2026-01-10T00:00:00Z")
    assert moment is not None
    assert (moment.precision, moment.on) == (Precision.DAY, date(2026, 1, 10))


def test_the_source_s_zone_counts_where_the_date_names_none():
    moment = read("2026-01-10 16:58:00", "Europe/Moscow")
    assert moment is not None
    assert (moment.at, moment.zone_from) == (datetime(2026, 1, 10, 13, 58, tzinfo=UTC), "source")


@given(
    st.datetimes(datetime(1991, 1, 1), datetime(2026, 1, 10)).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(["+00:00", "+03:00", "-08:00", "+05:30", "-03:30", "+14:00", "Z"]),
    st.booleans(),
)
def test_the_short_way_gives_what_the_long_way_gives(local, offset, is_rfc822):
    if local.hour == local.minute == 0:
        local = local.replace(hour=1)  # midnights have a test of their own
    zone = ("GMT" if offset == "Z" else offset.replace(":", "")) if is_rfc822 else offset
    raw = local.strftime(f"%a, %d %b %Y %H:%M:%S {zone}" if is_rfc822 else f"%Y-%m-%dT%H:%M:%S{zone}")
    assert read(raw) == parse_feed_date(raw, DateContext(NOW))

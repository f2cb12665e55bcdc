"""Dates as feeds write them."""

import json
from datetime import UTC, date, datetime

import pytest

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import is_reduced, parse_feed_date, read_feed_date
from warehouse.records.article import Precision

NOW = datetime(2026, 1, 12, 17, 0, tzinfo=UTC)


def instant(raw: str, *, zone: str | None = None, order: str | None = None) -> str | None:
    moment = parse_feed_date(raw, DateContext(NOW, zone=zone, date_order=order))
    return moment.at.strftime("%Y-%m-%dT%H:%M:%SZ") if moment is not None and moment.at is not None else None


def local(raw: str) -> str | None:
    moment = parse_feed_date(raw, DateContext(NOW))
    return None if moment is None else (moment.local or moment.on).isoformat()


@pytest.mark.parametrize(
    ("raw", "at"),
    [
        pytest.param("Mon, 26 Jan 2004 16:31:00 PT", "2004-01-27T00:31:00Z", id="zone of two letters"),
        pytest.param(
            "Mon, 26 Jul 2004 16:31:00 PT", "2004-07-26T23:31:00Z", id="zone of two letters in summer"
        ),
        pytest.param(
            "Thu, 30 Apr 2015 08:57:00 MEST", "2015-04-30T06:57:00Z", id="central European summer time"
        ),
        pytest.param("Fri, 2006/09/15 08:19:53 EDT", "2006-09-15T12:19:53Z", id="year first"),
        pytest.param("Wed, 19 Aug 2009 18:28:00 Etc/GMT", "2009-08-19T18:28:00Z", id="IANA name"),
        pytest.param(
            "Wed, 19 Aug 2009 18:28:00 Etc/GMT+3", "2009-08-19T21:28:00Z", id="IANA name, sign turned"
        ),
        pytest.param("Sun, 19 Feb 2012 22:40:00 GMT-01:01", "2012-02-19T23:41:00Z", id="odd offset"),
        pytest.param("Mon, 13 Feb, 2012 06:28:00 UTC", "2012-02-13T06:28:00Z", id="comma after the month"),
        pytest.param("2004-július-13T9:15-05:00", "2004-07-13T14:15:00Z", id="Hungarian month in W3CDTF"),
        pytest.param("Thu Aug 30 2012 17:26:16 +0200", "2012-08-30T15:26:16Z", id="asctime with offset"),
        pytest.param("1768064280", "2026-01-10T16:58:00Z", id="epoch seconds"),
        pytest.param("Thu, 01 Jan 2004 24:00:00 GMT", "2004-01-02T00:00:00Z", id="hour 24"),
        pytest.param(
            "Thu, 01 Jan 2004 00:00:00 +0200", "2003-12-31T22:00:00Z", id="midnight keeps its instant"
        ),
        pytest.param("sam., 10 janv. 2026 16:58:00 +0100", "2026-01-10T15:58:00Z", id="French RFC 822"),
        pytest.param("Сб, 10 янв 2026 16:58:00 +0300", "2026-01-10T13:58:00Z", id="Russian RFC 822"),
        pytest.param("2026-01-10T16:58:00.000000+00:00", "2026-01-10T16:58:00Z", id="microseconds"),
        pytest.param(
            "\n  Sat,\t10 Jan 2026\n 16:58:00 GMT ", "2026-01-10T16:58:00Z", id="white space inside"
        ),
        pytest.param("Sat, 10 Jan 2026 16:58:00", None, id="RFC 822 without zone"),
        pytest.param("2026-01-10 16:58:00", None, id="naive time is not UTC"),
    ],
)
def test_instant(raw, at):
    assert instant(raw) == at


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("10.01.2026 16:58", "2026-01-10T16:58:00", id="day first"),
        pytest.param("10 января 2026", "2026-01-10", id="Russian day"),
        pytest.param("031231", "2003-12-31", id="year of two digits"),
        pytest.param("03335", "2003-12-01", id="ordinal day, short"),
        pytest.param("2003-335", "2003-12-01", id="ordinal day"),
        pytest.param("-0312", "2003-12-01", id="year and month, short"),
        pytest.param("-03-12", "2003-12-01", id="year and month, short, hyphen"),
        pytest.param("2003-12", "2003-12-01", id="year and month"),
        pytest.param("2003", "2003-01-01", id="year"),
        pytest.param("2026-01-14T10:00:00", "2026-01-14T10:00:00", id="two days ahead"),
        pytest.param("1991-05-06", "1991-05-06", id="feeds reach back to 1990"),
        pytest.param("-62135596800", None, id="epoch of the year 1"),
        pytest.param("10000-01-01", None, id="year of five digits"),
        pytest.param("0000-00-00", None, id="database's empty date"),
        pytest.param("0000-00-00 00:00:00", None, id="database's empty time"),
        pytest.param("1970-01-01T00:00:00Z", None, id="epoch zero"),
        pytest.param("2026-01-15", None, id="three days ahead"),
        pytest.param("99999999999999999999", None, id="a long number"),
        pytest.param("Thu, 31 Jun 2004 19:48:21 GMT", None, id="no such day"),
        pytest.param("Thu, 01 Jan 2004 25:00:00 GMT", None, id="no such hour"),
        pytest.param("now", None, id="a word"),
    ],
)
def test_local(raw, expected):
    assert local(raw) == expected


def test_zone_of_a_feed_is_said_to_be_the_feeds():
    moment = parse_feed_date("Sat, 10 Jan 2026 16:58:00 +0300", DateContext(NOW, zone="Europe/Paris"))
    assert moment is not None
    assert (moment.origin, moment.zone_from, moment.utc_offset_minutes) == ("feed", "feed", 180)


def test_source_zone_and_order_are_used_where_the_feed_says_nothing():
    moment = parse_feed_date("01/10/2026 16:58", DateContext(NOW, zone="America/New_York", date_order="mdy"))
    assert moment is not None
    assert (moment.at, moment.zone_from) == (datetime(2026, 1, 10, 21, 58, tzinfo=UTC), "source")


def test_midnight_in_a_feed_has_the_precision_of_a_day():
    moment = parse_feed_date("Thu, 01 Jan 2004 00:00:00 GMT", DateContext(NOW))
    assert moment is not None
    assert (moment.on, moment.precision) == (date(2004, 1, 1), Precision.DAY)


def test_reduced_dates_can_be_told_apart():
    for raw, reduced in (("2003-12", True), ("2003", True), ("2003-12-01", False)):
        moment = parse_feed_date(raw, DateContext(NOW))
        assert moment is not None
        assert (moment.raw, is_reduced(moment)) == (raw, reduced)


def test_refusal_says_why():
    reading = read_feed_date("2026-02-01", DateContext(NOW))
    assert reading.refused == "2026-02-01 is later than the fetch on 2026-01-12."


def test_corpus_of_odd_dates(corpus):
    """Korean times without a zone stay without one; every other string gives its instant; none is wrong."""
    cases = json.loads((corpus / "feeds" / "dates.json").read_text("utf-8"))
    right, open_ = 0, 0
    for case in cases:
        moment = parse_feed_date(case["raw"], DateContext(NOW))
        assert moment is not None, case["raw"]
        if moment.local is not None and moment.at is None:
            open_ += 1
            continue
        said = moment.at.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.at else f"{moment.on}T00:00:00Z"
        assert said == case["utc"], case["raw"]
        right += 1
    assert (right, open_) == (21, 2)

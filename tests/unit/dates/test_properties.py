"""Any text in place of a date gives a value or None, quickly, and never an exception."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import find_moments, parse_feed_date, parse_moment, read_moment

NOW = datetime(2022, 1, 12, 17, 0, tzinfo=UTC)
ZONES = st.sampled_from([None, "Europe/Moscow", "America/New_York", "Asia/Kathmandu", "No/Where", ""])
ORDERS = st.sampled_from([None, "dmy", "mdy", "ymd"])
LANGUAGES = st.sampled_from([None, "en", "en-US", "ru", "pl", "hr", "th", "xx", ""])
PIECES = st.sampled_from(
    [
        *[
            "10",
            "01",
            "2022",
            "16",
            "58",
            "31",
            "0",
            "24",
            "99",
            "1400",
            "2565",
            "1641826680",
            ".",
            "/",
            "-",
            ":",
            ",",
            "(",
            ")",
            "+",
            "T",
            "Z",
            "am",
            "pm",
            "ago",
            "vor",
            "Jan",
            "января",
            "ene",
        ],
        *[
            "年",
            "月",
            "日",
            "午後",
            "令和",
            "tháng",
            "UTC",
            "GMT",
            "MSK",
            "IST",
            "ET",
            "Europe/Moscow",
            "вчера",
            "heute",
            "2",
            "hours",
            "時間前",
            "par",
            "x",
            "ﷺ",
            "١٠",
            "二十",
            "–",
        ],
        "\u200f",
        "\u00a0",
    ]
)
DATE_LIKE = st.lists(PIECES, max_size=14).flatmap(
    lambda parts: st.sampled_from([" ".join(parts), "".join(parts)])
)


@given(raw=st.one_of(st.text(max_size=300), DATE_LIKE), zone=ZONES, order=ORDERS, language=LANGUAGES)
@settings(deadline=None)
def test_any_text_gives_a_moment_or_a_reason(raw, zone, order, language):
    reading = read_moment(
        raw, DateContext(NOW, zone=zone, date_order=order, language=language), origin="test"
    )
    moment = reading.moment
    assert (moment is None) == (reading.refused is not None)
    if moment is None:
        return
    assert moment.on.year >= 1995
    assert moment.on <= (NOW + timedelta(days=3)).date()
    if moment.at is not None:
        assert moment.at.tzinfo is not None and moment.utc_offset_minutes is not None
    if moment.at is not None and moment.local is not None and moment.utc_offset_minutes is not None:
        shift = moment.local - moment.at.replace(tzinfo=None)
        assert abs(shift - timedelta(minutes=moment.utc_offset_minutes)) < timedelta(minutes=1)


@given(text=st.one_of(st.text(max_size=3000), DATE_LIKE), zone=ZONES, language=LANGUAGES)
@settings(deadline=None)
def test_any_line_gives_moments_inside_it(text, zone, language):
    for found in find_moments(text, DateContext(NOW, zone=zone, language=language), origin="test"):
        assert 0 <= found.start < found.end <= len(text)


@given(raw=st.one_of(st.text(max_size=60), DATE_LIKE, st.integers().map(str)), zone=ZONES, order=ORDERS)
@settings(deadline=None)
def test_any_feed_date_gives_a_moment_or_none(raw, zone, order):
    moment = parse_feed_date(raw, DateContext(NOW, zone=zone, date_order=order))
    assert moment is None or moment.on.year >= 1990


@given(at=st.datetimes(datetime(1996, 1, 1), datetime(2022, 1, 11)), offset=st.integers(-14 * 60, 14 * 60))
def test_iso_form_comes_back(at, offset):
    sign = "+" if offset >= 0 else "-"
    raw = f"{at:%Y-%m-%dT%H:%M}:30{sign}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    moment = parse_moment(raw, DateContext(NOW), origin="test")
    assert moment is not None
    assert moment.at == at.replace(second=30, microsecond=0, tzinfo=UTC) - timedelta(minutes=offset)


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("10." * 5000, id="day after day"),
        pytest.param("1 " * 5000, id="numbers"),
        pytest.param("(" * 10000, id="brackets"),
        pytest.param("10.01.2022 " * 900, id="many dates"),
        pytest.param("Jan " * 3000, id="months"),
        pytest.param("9" * 10000, id="one long number"),
        pytest.param("å" * 10000, id="one long word"),
        pytest.param("a.b" * 4000, id="dotted letters"),
        pytest.param("по " * 4000, id="starts of a zone in words"),
        pytest.param("一" * 10000, id="Chinese numerals"),
        pytest.param("10:" * 4000, id="clocks"),
    ],
)
def test_hostile_text_is_read_in_linear_time(hostile):
    started = time.process_time()
    find_moments(hostile, DateContext(NOW), origin="test")
    read_moment(hostile[:200], DateContext(NOW), origin="test")
    assert time.process_time() - started < 0.5

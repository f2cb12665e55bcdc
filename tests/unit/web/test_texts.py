"""How values are shown: links, times, numbers, cut texts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from warehouse.text.web_links import web_link
from web import texts


@pytest.mark.parametrize(
    ("url", "link"),
    [
        pytest.param("https://news.example/a?b=1&c=2", "https://news.example/a?b=1&c=2", id="https"),
        pytest.param("http://127.0.0.1:8080/", "http://127.0.0.1:8080/", id="http with a port"),
        pytest.param("HTTPS://news.example/", "HTTPS://news.example/", id="upper case"),
        pytest.param("https://münchen.example/ä", "https://münchen.example/ä", id="other letters"),
        pytest.param("javascript:alert(1)", "", id="javascript"),
        pytest.param("JaVaScRiPt:alert(1)", "", id="javascript in mixed case"),
        pytest.param(" javascript:alert(1)", "", id="javascript behind a space"),
        pytest.param("java\tscript:alert(1)", "", id="javascript with a tab"),
        pytest.param("data:text/html,x", "", id="data"),
        pytest.param("file:///etc/passwd", "", id="file"),
        pytest.param("//evil.example/x", "", id="without a scheme"),
        pytest.param("/path", "", id="a path"),
        pytest.param("https:///path", "", id="without a host"),
        pytest.param('https://a.example/" onclick="x', "", id="quotation marks"),
        pytest.param("https://a.example\\@b.example/", "", id="a backslash"),
        pytest.param("https://[::1", "", id="half an IPv6 host"),
        pytest.param("", "", id="empty"),
        pytest.param(None, "", id="not known"),
    ],
)
def test_only_web_addresses_become_links(url, link):
    assert web_link(url) == link


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(None, ""), (0, "0 s"), (59, "59 s"), (89, "89 s"), (90, "2 min"), (3_600, "60 min"), (5_400, "2 h"),
        (86_400, "24 h"), (172_800, "2 d")],
)  # fmt: skip
def test_durations(seconds, shown):
    assert texts.duration(seconds) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("short", "short", id="short"),
        pytest.param("one two three four", "one two…", id="at a space"),
        pytest.param("a" * 20, "a" * 10 + "…", id="no space"),
        pytest.param("東" * 20, "東" * 10 + "…", id="a script without spaces"),
    ],
)
def test_cut(text, shown):
    assert texts.cut(text, 10) == shown


def test_control_characters_are_replaced_and_new_lines_kept():
    assert texts.shown("a\x00b\x1b[31m\nc\td") == "a\ufffdb\ufffd[31m\nc\td"


def test_numbers_days_and_instants():
    assert texts.number(1_234_567) == "1\u202f234\u202f567"
    assert texts.day(date(2026, 11, 3)) == "3 Nov 2026"
    assert texts.instant(datetime(2026, 11, 3, 5, 30, tzinfo=UTC)) == "3 Nov 2026, 05:30 UTC"
    assert texts.plural(1, "story", "stories") == "1 story"
    assert texts.plural(2, "story", "stories") == "2 stories"
    assert texts.percent(0.045) == "4.5 %"
    assert texts.percent(0.5) == "50 %"


@pytest.mark.parametrize(
    ("minutes", "shown"), [(0, "UTC+00:00"), (330, "UTC+05:30"), (-210, "UTC-03:30"), (720, "UTC+12:00")]
)
def test_offsets(minutes, shown):
    assert texts.utc_offset(minutes) == shown


def test_only_what_is_later_has_a_distance():
    at = datetime(2026, 11, 3, tzinfo=UTC)
    assert texts.between(at, at + timedelta(hours=6)) == "+6 h"
    assert texts.between(at, at - timedelta(hours=6)) == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(None, "", id="nothing"),
        pytest.param(True, "yes", id="a switch"),
        pytest.param(12_345, "12\u202f345", id="a number"),
        pytest.param(0.456, "0.46", id="two decimals"),
        pytest.param(1_980.0, "1\u202f980", id="a whole number"),
        pytest.param(date(2026, 11, 3), "3 Nov 2026", id="a day"),
        pytest.param(datetime(2026, 11, 3, 5, 30, tzinfo=UTC), "3 Nov 2026, 05:30 UTC", id="an instant"),
        pytest.param(datetime(2026, 11, 3, 5, 30), "3 Nov 2026, 05:30", id="a local time has no zone"),
        pytest.param(["Ada", "Bo"], "Ada, Bo", id="a list"),
    ],
)
def test_cells(value, shown):
    assert texts.cell(value) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("n_articles", "Articles"),
        ("published_at", "Published"),
        ("last_on", "Last"),
        ("first_percent", "First %"),
        ("likely_origin_from", "Likely origin from"),
    ],
)
def test_column_names(name, shown):
    assert texts.column_name(name) == shown

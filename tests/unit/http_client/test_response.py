"""Response headers and their meaning."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.errors import ErrorClass
from tasks.http_client.response import content_fault, declared_length, parse_head, retry_after_s, type_fault
from tasks.http_client.result import Document

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        pytest.param("120", 120, id="seconds"),
        pytest.param("0", 0, id="none"),
        pytest.param("1.5", 1, id="a fraction"),
        pytest.param("00000090", 90, id="zeros in front"),
        pytest.param("86401", 86_400, id="more than a day"),
        pytest.param("9" * 20, 86_400, id="20 digits"),
        pytest.param("9" * 5000, 86_400, id="more digits than Python reads"),
        pytest.param("Tue, 24 Nov 2026 12:01:00 GMT", 60, id="a date"),
        pytest.param("Tue, 24 Nov 2026 11:00:00 GMT", 0, id="a date that has passed"),
        pytest.param("Tue, 24 Nov 2026 12:01:00", 60, id="a date without zone is UTC"),
        pytest.param("Fri, 31 Dec 9999 23:59:59 GMT", 86_400, id="the end of time"),
        pytest.param("Tue, 99 Nov 2026 12:01:00 GMT", 600, id="an invalid date"),
        pytest.param("-5", 600, id="below zero"),
        pytest.param("soon", 600, id="a word"),
        pytest.param("", 600, id="nothing"),
        pytest.param("１２０", 600, id="digits outside ASCII"),
    ],
)
def test_retry_after(value, seconds):
    assert retry_after_s((("Retry-After", value),), NOW) == seconds


def test_no_retry_after():
    assert retry_after_s((("Server", "x"),), NOW) is None


@given(st.text())
def test_any_retry_after_is_within_a_day(value):
    wait_s = retry_after_s((("retry-after", value),), NOW)
    assert wait_s is not None
    assert 0 <= wait_s <= 86_400


def test_parse_head_keeps_order_bytes_and_folds():
    head = b'HTTP/1.1 200 OK\r\nETag: "\xe9"\r\nX: a\r\n  b\r\nno field\r\nx :c\r\n\r\nbody: no\r\n'
    assert parse_head(head) == (("ETag", '"\xe9"'), ("X", "a b"), ("x", "c"))


@given(st.binary())
def test_parse_head_takes_any_bytes(head):
    for name, value in parse_head(head):
        assert "\n" not in name + value


@pytest.mark.parametrize(
    ("content_type", "is_refused"),
    [
        (None, False),
        ("", False),
        ("text/html; charset=utf-8", False),
        ("TEXT/HTML", False),
        ("text/html, text/html", False),
        ("application/xhtml+xml", False),
        ("application/xml", False),
        ("application/octet-stream", False),
        ("html", False),
        ("text/plain", False),
        ("application/pdf", True),
        ("image/svg+xml", True),
        ("image/jpeg", True),
        ("application/json", True),
        ("application/javascript", True),
        ("text/css", True),
        ("multipart/x-mixed-replace", True),
        ("application/zip", True),
    ],
)
def test_types_that_are_no_page(content_type, is_refused):
    assert (type_fault(content_type, Document.PAGE) is not None) is is_refused
    assert type_fault(content_type, Document.FEED) is None


def test_an_empty_robots_txt_is_no_fault():
    assert content_fault(b"", Document.ROBOTS) is None
    fault = content_fault(b"\n", Document.FEED)
    assert fault is not None
    assert fault.error_class is ErrorClass.EMPTY


@pytest.mark.parametrize(
    ("value", "length"),
    [("17", 17), ("", None), ("-1", None), ("1e3", None), ("9" * 5000, 10**15), ("0" * 40 + "7", 7)],
)
def test_declared_length(value, length):
    assert declared_length((("Content-Length", value),)) == length

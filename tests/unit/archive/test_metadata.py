"""The archive's metadata of a page is read back completely, also from other versions' files."""

import json
from datetime import UTC, datetime

import pytest

from tasks.archive.metadata import Capture, parse_json, to_json
from warehouse.records.feed import FeedEntry
from warehouse.records.page import PageRequest

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CAPTURE = Capture(
    PageRequest(
        "daily", "https://a.example/1", "a.example/1", FeedEntry("https://a.example/1", authors=("A",))
    ),
    "https://a.example/1",
    200,
    AT,
    "text/html",
    "00",
    7,
    9,
)


def test_there_and_back():
    assert parse_json(to_json(CAPTURE)) == CAPTURE


def test_a_newer_version_may_say_more():
    said = json.loads(to_json(CAPTURE))
    said["more"] = said["entry"]["more"] = 1
    assert parse_json(json.dumps(said).encode()) == CAPTURE


def test_an_older_version_may_have_said_less_of_an_entry():
    said = json.loads(to_json(CAPTURE))
    for name in ("summary", "authors", "updated_at"):
        del said["entry"][name]
    assert parse_json(json.dumps(said).encode()).request.entry == FeedEntry("https://a.example/1")


@pytest.mark.parametrize("block", [b"", b"{", b"[]", b"{}", b'"x"', b'{"entry": 1}', b"\xff", b"null"])
def test_what_is_none_of_ours(block):
    with pytest.raises(ValueError):
        parse_json(block)

"""A feed parser reads the feeds that wirehouse writes, whatever their titles contain."""

import json
from datetime import UTC, datetime

import feedparser
import pytest

from warehouse.text.syndication import OutgoingEntry, OutgoingFeed, atom, json_feed

AT = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)


def feed(title="A title", summary="A summary."):
    entry = OutgoingEntry(
        "urn:uuid:d935003f-0274-0780-739a-0716f9e40af7", title, "https://news.example/1?a=1&b=2",
        AT, AT, summary, "Alpha", "en",
    )  # fmt: skip
    return OutgoingFeed("urn:x", "Search: <b> & \x0b", "https://here/feed", "https://here/", AT, [entry])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Plain", id="plain"),
        pytest.param("<script>alert(1)</script>", id="markup stays text"),
        pytest.param("a & b &amp; c", id="ampersands"),
        pytest.param("]]>", id="end of a CDATA section"),
        pytest.param("東京 العربية", id="other scripts"),
        pytest.param("=1+1", id="a formula"),
    ],
)
def test_atom_gives_the_title_back(text):
    parsed = feedparser.parse(atom(feed(title=text)))
    assert not parsed.bozo
    (entry,) = parsed.entries
    assert entry.title_detail.type == "text/plain"
    assert entry.title == text
    assert entry.id == "urn:uuid:d935003f-0274-0780-739a-0716f9e40af7"
    assert entry.link == "https://news.example/1?a=1&b=2"
    assert entry.published == "2026-11-01T12:30:00Z"
    assert entry.updated == "2026-11-01T12:30:00Z"


def test_characters_that_xml_has_not_are_replaced():
    (entry,) = feedparser.parse(atom(feed(title="a\x00b\ud800c\ufffe"))).entries
    assert entry.title == "a\ufffdb\ufffdc\ufffd"


def test_json_feed():
    document = json.loads(json_feed(feed(title="<b>東京</b>")))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    (item,) = document["items"]
    assert item["title"] == "<b>東京</b>"
    assert item["date_published"] == "2026-11-01T12:30:00Z"
    assert item["content_text"] == "A summary."

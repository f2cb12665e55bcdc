"""Write Atom (RFC 4287) and JSON Feed (jsonfeed.org, version 1.1) documents. Pure.

Used by browse, the API and the feed files. Titles and bodies are plain text, never markup.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

_ATOM = "http://www.w3.org/2005/Atom"
_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


@dataclass(frozen=True, slots=True)
class OutgoingEntry:
    """An entry of a feed that wirehouse writes."""

    id: str  # urn:uuid:…, stable for an article
    title: str
    url: str
    published_at: datetime | None  # None: not known
    updated_at: datetime
    summary: str
    source: str  # empty: not known
    language: str | None = None
    body: str = ""  # the whole text; empty: only the summary goes out


@dataclass(frozen=True, slots=True)
class OutgoingFeed:
    """A feed that wirehouse writes."""

    id: str
    title: str
    feed_url: str  # of the Atom form; empty: a file that has no address
    page_url: str  # empty: no page shows the same
    updated_at: datetime
    entries: Sequence[OutgoingEntry]


def atom(feed: OutgoingFeed) -> bytes:
    """Return the feed as an Atom document, UTF-8."""
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed")
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", _instant(feed.updated_at))
    _add(_add(root, "author"), "name", "wirehouse")  # RFC 4287, 4.1.1: of entries that have none
    if feed.feed_url:
        _add(root, "link", rel="self", href=feed.feed_url, type="application/atom+xml")
    if feed.page_url:
        _add(root, "link", rel="alternate", href=feed.page_url, type="text/html")
    _add(root, "generator", "wirehouse")
    for entry in feed.entries:
        _add_entry(root, entry)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + bytes(ET.tostring(root, encoding="utf-8"))


def json_feed(feed: OutgoingFeed, feed_url: str = "") -> bytes:
    """Return the feed as a JSON Feed document, UTF-8; `feed_url` is where this form is read."""
    items = [
        {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "content_text": entry.body or entry.summary,
            **({"summary": entry.summary} if entry.body and entry.summary else {}),
            **({"date_published": _instant(entry.published_at)} if entry.published_at else {}),
            "date_modified": _instant(entry.updated_at),
            **({"authors": [{"name": entry.source}]} if entry.source else {}),
            **({"language": entry.language} if entry.language else {}),
        }
        for entry in feed.entries
    ]
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        **({"home_page_url": feed.page_url} if feed.page_url else {}),
        **({"feed_url": feed_url} if feed_url else {}),
        "items": items,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def _add_entry(root: ET.Element, entry: OutgoingEntry) -> None:
    node = _add(root, "entry")
    if entry.language:
        node.set("{http://www.w3.org/XML/1998/namespace}lang", entry.language)
    _add(node, "id", entry.id)
    _add(node, "title", entry.title, type="text")
    _add(node, "link", rel="alternate", href=entry.url)
    if entry.published_at:
        _add(node, "published", _instant(entry.published_at))
    _add(node, "updated", _instant(entry.updated_at))
    if entry.source:
        _add(_add(node, "author"), "name", entry.source)
    if entry.summary or not entry.body:
        _add(node, "summary", entry.summary, type="text")
    if entry.body:
        _add(node, "content", entry.body, type="text")


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    node = ET.SubElement(parent, f"{{{_ATOM}}}{name}", {k: _legal(v) for k, v in attributes.items()})
    if text is not None:
        node.text = _legal(text)
    return node


def _legal(text: str) -> str:
    return _ILLEGAL.sub("\ufffd", text)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")

"""Reads RSS, RDF, Atom and CDF through feedparser.

One of the readers behind `feed.parse_feed`; it is handed guarded UTF-8 text, never a URL.
"""

import io
from typing import Any

import feedparser

from tasks.domain.feed_item import RawFeed, RawItem
from warehouse.records import FeedKind


def read_with_feedparser(text: str, url: str, kind: FeedKind) -> RawFeed:
    """Return the items that feedparser finds, their links joined to xml:base and `url`."""
    parsed = feedparser.parse(
        io.BytesIO(text.encode()),  # a bytes argument could be taken for a file's name
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    feed = dict(parsed.feed)
    return RawFeed(
        kind,
        tuple(_item(dict(entry), kind) for entry in parsed.entries),
        title=feed.get("title"),
        language=feed.get("language"),
    )


def _item(entry: dict[str, Any], kind: FeedKind) -> RawItem:
    title_type = (entry.get("title_detail") or {}).get("type")
    return RawItem(
        title=entry.get("title"),
        is_markup=kind is FeedKind.RSS or title_type != "text/plain",
        link=entry.get("link"),
        original_link=entry.get("feedburner_origlink"),
        guid=entry.get("id"),
        published_raw=entry.get("published") or entry.get("created"),
        updated_raw=entry.get("updated"),
        summary=entry.get("summary"),
        authors=tuple(a["name"] for a in entry.get("authors") or () if a.get("name")),
    )

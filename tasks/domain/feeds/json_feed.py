"""Reads JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1).

One of the readers behind `parse.parse_feed`. A member of the wrong type counts as absent.
"""

import json
import re
from typing import Any

from tasks.domain.feeds.document import RawFeed, RawItem, read_each
from tasks.domain.feeds.full_text import plain_as_html
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.feed import FeedDocument
from warehouse.records.source import FeedKind

_ITEMS = re.compile(r'"items"\s*:\s*\[')
_SEPARATOR = re.compile(r"[\s,]*")


def read_json_feed(text: str, url: str) -> RawFeed:
    """Return the items of a JSON Feed; of a damaged one those that are complete.

    Raises FeedFormatError when the document is not JSON, or is JSON but not a feed.
    """
    problems: list[str] = []
    document = _load(text, url, problems)
    items = document.get("items")
    if not isinstance(items, list):
        raise FeedFormatError(url, ErrorClass.NOT_A_FEED, 'The document is JSON, but has no "items" list.')
    version = document.get("version")
    if not (isinstance(version, str) and "jsonfeed.org/version/" in version):
        problems.append('The document does not name its version of JSON Feed ("version").')
    entries, bad_items = read_each((item for item in items if isinstance(item, dict)), _read_item)
    return FeedDocument(
        FeedKind.JSON,
        entries,
        title=_text(document, "title"),
        language=_text(document, "language"),
        next_url=_text(document, "next_url"),
        problems=(*problems, *bad_items),
        home_url=_text(document, "home_page_url"),
        authors=_authors(document),
    )


def _load(text: str, url: str, problems: list[str]) -> dict[str, Any]:
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        document = _salvage(text)
        if document is None:
            reason = f"The document starts like JSON, but cannot be parsed: {error}."
            raise FeedFormatError(url, ErrorClass.PARSE, reason) from error
        problems.append("The JSON is damaged; only the items before the damage are read.")
    if not isinstance(document, dict):
        raise FeedFormatError(url, ErrorClass.NOT_A_FEED, "The document is JSON, but not an object.")
    return document


def _salvage(text: str) -> dict[str, Any] | None:
    """Return the complete items of a truncated document, read one after another; None without any."""
    start = _ITEMS.search(text)
    if start is None:
        return None
    decoder, items, position = json.JSONDecoder(strict=False), [], start.end()
    try:
        while True:
            position = _SEPARATOR.match(text, position).end()  # type: ignore[union-attr]
            item, position = decoder.raw_decode(text, position)
            items.append(item)
    except (ValueError, RecursionError):
        pass
    version = re.search(r'"version"\s*:\s*"([^"]*)"', text[: start.start()])
    return {"items": items, "version": version[1] if version else None} if items else None


def _read_item(item: dict[str, Any]) -> RawItem:
    return RawItem(
        title=_text(item, "title"),
        is_markup=False,
        link=_text(item, "url") or _text(item, "external_url"),
        guid=_text(item, "id"),
        published_raw=_text(item, "date_published"),
        updated_raw=_text(item, "date_modified"),
        summary=_text(item, "summary") or _text(item, "content_text") or _text(item, "content_html"),
        teaser=_text(item, "summary"),
        content=_text(item, "content_html") or plain_as_html(_text(item, "content_text") or "") or None,
        authors=_authors(item),
        language=_text(item, "language"),
    )


def _authors(holder: dict[str, Any]) -> tuple[str, ...]:
    """Return the authors of an item or of the feed; version 1.0 had one `author`, 1.1 has a list."""
    authors = holder.get("authors")
    listed = authors if isinstance(authors, list) and authors else [holder.get("author")]
    names = [_text(author, "name") for author in listed if isinstance(author, dict)]
    return tuple(dict.fromkeys(name for name in names if name))


def _text(holder: dict[str, Any], key: str) -> str | None:
    value = holder.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return str(value) or None

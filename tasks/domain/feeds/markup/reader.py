"""Reads XML feeds: by our own tree reader where the text is well-formed, else by feedparser too.

One of the readers behind `parse.parse_feed`; it gets text, never a URL to load.
"""

import io
from dataclasses import replace
from typing import Any

from lxml import etree

from tasks.domain.feeds.document import RawFeed, RawItem, read_each
from tasks.domain.feeds.markup.guard import PARSER_OPTIONS, first_fault, guard_xml, repair_xml
from tasks.domain.feeds.markup.tree import read_tree
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.feed import FeedDocument
from warehouse.records.source import FeedKind


def read_xml_feed(text: str, url: str, kind: FeedKind) -> RawFeed:
    """Return the items of an RSS, RDF, Atom or CDF document.

    Well-formed text is read by the tree reader. Other text is repaired first; what still is not
    well-formed is read twice, since feedparser's loose reader and libxml2's recovery fail on different
    faults, and the reading with more items is taken, feedparser's when both have as many.
    Raises FeedFormatError when neither finds a feed.
    """
    guarded = guard_xml(text, url)
    root, fault = parse_tree(guarded.text, url)
    if root is not None and fault is None:
        return _with_problems(read_tree(root, kind), guarded.problems)
    repaired = repair_xml(guarded, url)
    problems = (*repaired.problems, f"The document is not well-formed XML ({fault}).")
    root, fault = parse_tree(repaired.text, url)
    tree_feed = read_tree(root, kind) if root is not None else None
    if tree_feed is not None and fault is None:
        return _with_problems(tree_feed, problems)
    return _with_problems(_best(_read_loosely(repaired.text, url, kind), tree_feed, url, fault), problems)


def _best(loose: RawFeed | None, tree: RawFeed | None, url: str, fault: str | None) -> RawFeed:
    """Return the reading that found more items, feedparser's when both found as many."""
    if loose is None or tree is None:
        only = loose or tree
        if only is None:
            raise FeedFormatError(url, ErrorClass.PARSE, f"The document cannot be parsed as XML: {fault}.")
        return only
    if len(tree.entries) > len(loose.entries):
        return tree
    if len(tree.entries) < len(loose.entries):
        return replace(tree, entries=loose.entries)
    # feedparser calls dc:date an update; the tree tells them apart.
    pairs = zip(loose.entries, tree.entries, strict=True)
    items = (_with_dates(a, b) for a, b in pairs)
    return replace(tree, entries=tuple(items))


def _with_dates(item: RawItem, other: RawItem) -> RawItem:
    if other.published_raw is None:
        return item
    return replace(item, published_raw=other.published_raw, updated_raw=other.updated_raw)


def _with_problems(feed: RawFeed, problems: tuple[str, ...]) -> RawFeed:
    return replace(feed, problems=(*problems, *feed.problems))


def parse_tree(text: str, url: str) -> tuple["etree._Element | None", str | None]:
    """Return the tree, repaired where needed, and the first fault that is more than a missing namespace."""
    parser = etree.XMLParser(**PARSER_OPTIONS)
    try:
        root = etree.fromstring(text.encode(), parser, base_url=url or None)
    except (etree.XMLSyntaxError, ValueError) as error:
        return None, str(error)
    return root, first_fault(parser.error_log)


def _read_loosely(text: str, url: str, kind: FeedKind) -> RawFeed | None:
    try:
        return read_with_feedparser(text, url, kind)
    except Exception:  # feedparser raises many things on broken input
        return None


def read_with_feedparser(text: str, url: str, kind: FeedKind) -> RawFeed:
    """Return the items that feedparser finds, their links joined to xml:base and `url`."""
    import feedparser  # imported late: it loads requests, and only malformed documents need it

    parsed = feedparser.parse(
        io.BytesIO(text.encode()),  # a bytes argument could be taken for a file's name
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    feed = dict(parsed.feed)
    items, problems = read_each(parsed.entries, lambda entry: _item(dict(entry), kind))
    return FeedDocument(
        kind,
        items,
        title=feed.get("title"),
        language=feed.get("language"),
        problems=problems,
        home_url=feed.get("link"),
    )


def _item(entry: dict[str, Any], kind: FeedKind) -> RawItem:
    title_type = (entry.get("title_detail") or {}).get("type")
    guid = entry.get("id")
    return RawItem(
        title=entry.get("title"),
        is_markup=kind is FeedKind.RSS or title_type != "text/plain",
        link=entry.get("link"),
        original_link=entry.get("feedburner_origlink"),
        fallback_link=guid,
        guid=guid,
        published_raw=entry.get("published") or entry.get("created"),
        updated_raw=entry.get("updated"),
        summary=entry.get("summary"),
        teaser=entry.get("summary"),
        content=next((part.get("value") for part in entry.get("content") or ()), None),
        authors=tuple(a["name"] for a in entry.get("authors") or () if a.get("name")),
    )

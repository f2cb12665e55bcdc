"""What a feed reader hands on: items as the document writes them, and then made usable.

Between the readers (feed_xml, feed_json, sitemap, listing) and `feed.parse_feed`. An item here may
lack a link; an entry (`warehouse.records.FeedEntry`) never does.
"""

from dataclasses import dataclass
from datetime import datetime

from warehouse.records import FeedKind, Moment, SitemapLink


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as a reader found it: text untouched, links not yet joined to their base."""

    title: str | None = None
    is_markup: bool = True  # the title may hold HTML (RSS, Atom type="html"); False: plain text
    link: str | None = None
    original_link: str | None = None  # feedburner:origLink, where the link itself is a counter
    fallback_link: str | None = None  # an id that is an address: used when there is no link
    base: str | None = None  # xml:base in force, absolute or relative to the document's URL
    guid: str | None = None
    published_raw: str | None = None
    updated_raw: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A document as a reader found it."""

    kind: FeedKind
    items: tuple[RawItem, ...]
    title: str | None = None
    language: str | None = None
    ttl_s: int | None = None
    next_url: str | None = None
    feed_urls: tuple[str, ...] = ()
    sitemaps: tuple[tuple[str, str | None], ...] = ()  # an index's children: address, lastmod
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item made usable: plain title, absolute http(s) link or none, dates understood."""

    title: str | None = None
    link: str | None = None  # as the format names it; relative only when no base is known
    url: str | None = None  # what to fetch: absolute http(s), past a counting redirect
    guid: str | None = None
    published: Moment | None = None
    published_raw: str | None = None
    updated_at: datetime | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A document, read: every item in document order, those without a link included."""

    kind: FeedKind
    items: tuple[FeedItem, ...]
    title: str | None = None
    language: str | None = None
    ttl_s: int | None = None
    next_url: str | None = None
    feed_urls: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    sitemaps: tuple[SitemapLink, ...] = ()
    bad_links: tuple[str, ...] = ()  # of items without a usable address, as written

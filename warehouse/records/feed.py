"""What a feed showed: its entries, its document, and what is remembered of it between polls.

Frozen dataclasses, standard library only. `None` means "not known" and nothing else.
Instants (`_at`) are aware and in UTC; `_on` is a calendar day; `_raw` is text as it was found.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

from warehouse.records.source import FeedKind


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One item of a feed (RFC 4287 entry, RSS item, sitemap url), link absolute."""

    url: str
    title: str | None = None
    guid: str | None = None
    published_at: datetime | None = None  # aware UTC; None unless day, time and zone are known
    published_raw: str | None = None
    updated_at: datetime | None = None  # Atom updated, sitemap lastmod: never a publication time
    summary: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None
    content: str | None = None  # HTML of the whole article, where the feed carries it


@dataclass(frozen=True, slots=True)
class SitemapLink:
    """A sitemap that a sitemap index names."""

    url: str
    updated_at: datetime | None = None  # when the sitemap changed, as the index says
    updated_raw: str | None = None  # the same as written


Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class FeedDocument(Generic[Item]):
    """A feed document: items in document order, what it says of itself, and what is wrong with it."""

    kind: FeedKind
    entries: tuple[Item, ...]
    title: str | None = None
    language: str | None = None
    ttl_s: int | None = None  # RSS ttl, sy:updatePeriod
    next_url: str | None = None  # listing: next page; RFC 5005: prev-archive or next
    feed_urls: tuple[str, ...] = ()  # sitemap index: its sitemaps; home page: the feeds that it names
    problems: tuple[str, ...] = ()  # sentences
    sitemaps: tuple[SitemapLink, ...] = ()  # sitemap index: the same sitemaps, with their times
    bad_links: tuple[str, ...] = ()  # of items whose link is not an http(s) URL, as written
    home_url: str | None = None  # the site's page that the feed names
    authors: tuple[str, ...] = ()  # of the items that name no author themselves
    generator: str | None = None  # the software that made the feed


ParsedFeed: TypeAlias = FeedDocument[FeedEntry]


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between polls; written with the entries that it covers."""

    feed_url: str
    source: str
    kind: FeedKind
    etag: str | None = None  # byte for byte as sent (latin-1)
    last_modified: str | None = None
    items_sha256: str | None = None  # over the entries, not the bytes: lastBuildDate changes
    last_polled_at: datetime | None = None
    last_ok_at: datetime | None = None
    last_new_at: datetime | None = None
    last_unconditional_at: datetime | None = None
    n_failures: int = 0  # in a row
    error_class: str | None = None
    reason: str | None = None  # sentence of the last failure
    not_before_at: datetime | None = None  # Retry-After
    next_due_at: datetime | None = None
    next_due_reason: str | None = None
    new_per_day: float | None = None  # its own rate of news
    moved_to_url: str | None = None  # permanent redirect seen
    n_moved_polls: int = 0
    overlap_lost: bool = False  # the last poll showed nothing that was known
    stopped_at: datetime | None = None  # 410: not asked again

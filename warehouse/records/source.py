"""Sources and their feeds, as `sources.toml` describes them.

Frozen dataclasses, standard library only. `None` means "not known" and nothing else.
Instants (`_at`) are aware and in UTC; `_on` is a calendar day; `_raw` is text as it was found.
"""

from dataclasses import dataclass
from enum import StrEnum


class FeedKind(StrEnum):
    """The document formats that a feed can have; AUTO is decided by the content."""

    AUTO = "auto"
    RSS = "rss"
    ATOM = "atom"
    JSON = "json"
    SITEMAP = "sitemap"
    LISTING = "listing"


@dataclass(frozen=True, slots=True)
class ListingRules:
    """CSS selectors that read an HTML listing page; each is relative to `item`."""

    item: str
    link: str = "a"
    title: str | None = None
    date: str | None = None
    next: str | None = None  # relative to the document: the link to the following page


@dataclass(frozen=True, slots=True)
class Feed:
    """A document that is polled for new entries."""

    url: str
    kind: FeedKind = FeedKind.AUTO
    listing: ListingRules | None = None  # set when kind is LISTING


class BodyFrom(StrEnum):
    """Where an article's text comes from."""

    PAGE = "page"
    FEED = "feed"  # the feed's entry carries the whole article
    IMPORT = "import"  # a row of an imported file


@dataclass(frozen=True, slots=True)
class ArticleRules:
    """What a source says about its own pages, so that generic extraction need not guess."""

    title: str | None = None  # CSS selectors
    published: str | None = None
    body: str | None = None
    author: str | None = None
    strip: tuple[str, ...] = ()  # regular expressions; a body line that one matches whole is dropped
    body_from: BodyFrom = BodyFrom.PAGE  # which is preferred where the feed carries the whole article


@dataclass(frozen=True, slots=True)
class ArchiveRules:
    """Where a source keeps its past: patterns with {n}, or {YYYY}, {MM}, {DD}."""

    page_url: str | None = None
    day_url: str | None = None
    sitemap: str | None = None


@dataclass(frozen=True, slots=True)
class PollInterval:
    """Bounds of the time between two polls of a feed, in seconds."""

    min_s: int = 600
    max_s: int = 86_400


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher, as `sources.toml` describes it."""

    name: str  # key, [a-z0-9-]
    title: str
    homepage: str | None = None
    country: str | None = None  # ISO 3166-1 alpha-2
    language: str | None = None  # ISO 639-1
    timezone: str | None = None  # IANA; for dates that name no zone
    date_order: str | None = None  # "dmy", "mdy" or "ymd"; for numeric dates that do not tell
    feeds: tuple[Feed, ...] = ()
    article: ArticleRules = ArticleRules()
    archive: ArchiveRules = ArchiveRules()
    delay_s: float = 1.0  # least gap between two requests to one host
    allow: tuple[str, ...] = ()  # "host:port" of inner addresses that this source may use
    enabled: bool = True  # False: neither polled nor fetched by scheduled runs
    tags: tuple[str, ...] = ()
    interval: PollInterval = PollInterval()

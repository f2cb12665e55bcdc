"""The nouns of wirehouse: what travels between steps and into the warehouse.

Frozen dataclasses, standard library only. `None` means "not known" and nothing else.
Instants (`_at`) are aware and in UTC; `_on` is a calendar day; `_raw` is text as it was found.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar


class Step(StrEnum):
    """The steps an item travels through, in order; a reject names the one it failed at."""

    POLL = "poll"
    FETCH = "fetch"
    EXTRACT = "extract"
    DEDUPLICATE = "deduplicate"
    LOAD = "load"


# --- what we read: sources and their feeds ---------------------------------------------------


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


# --- what a feed showed ----------------------------------------------------------------------


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


# --- what was fetched ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ArchiveRef:
    """Where a page lies in the raw archive."""

    file: str  # relative to the archive's root: "2026/11/name.warc.gz"
    offset: int  # of the response record, bytes
    length: int  # of the compressed response record, bytes


class FetchReason(StrEnum):
    """Why a page was asked for."""

    NEW = "new"
    UPDATED = "updated"  # feed or sitemap says that it changed
    RECHECK = "recheck"  # its age says that it may have changed
    RETRY = "retry"  # an earlier try was rejected
    BACKFILL = "backfill"
    IMPORT = "import"
    FEED = "feed"  # not asked for: the text is the feed's


@dataclass(frozen=True, slots=True)
class KnownPage:
    """What was kept of a page when it last came, to ask whether it has changed since."""

    etag: str | None = None  # byte for byte as sent (latin-1)
    last_modified: str | None = None
    body_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """An article page to be fetched, and what its feed said of it."""

    source: str
    url: str
    url_key: str
    entry: FeedEntry
    feed_url: str | None = None
    reason: FetchReason = FetchReason.NEW
    n_attempts: int = 0  # earlier tries that were rejected
    known: KnownPage | None = None  # set when the page is stored and may be unchanged


@dataclass(frozen=True, slots=True)
class Page:
    """A page that lies in the archive; its bytes are read from there by who needs them."""

    request: PageRequest
    final_url: str  # after redirects
    status: int
    fetched_at: datetime
    ref: ArchiveRef
    body_sha256: str
    content_type: str | None = None
    n_bytes: int = 0
    duration_ms: int = 0
    etag: str | None = None  # validators as sent
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """One request that was made, page or feed, for the record."""

    source: str
    url: str
    url_key: str | None
    feed_url: str | None
    final_url: str | None
    started_at: datetime
    duration_ms: int
    status: int | None
    outcome: str  # ok, not_modified or an error class
    reason: str | None  # why it was asked for (FetchReason) or "poll"
    n_bytes: int
    body_sha256: str | None = None
    ref: ArchiveRef | None = None
    etag: str | None = None  # of a page: what to ask with next time
    last_modified: str | None = None


# --- what extraction gave --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Candidate:
    """One value that a reader found for a field, and where."""

    field: str  # title, published, modified, authors, source_credit, site_name, language, body
    value: str
    origin: str  # json_ld, meta, feed, visible_text, time_element, url, source, ...
    evidence: str  # the text or markup that says so, at most 200 characters
    chosen: bool = False


class Precision(StrEnum):
    """How exactly a moment is known."""

    MINUTE = "minute"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, and why we believe it."""

    at: datetime | None  # aware, UTC; None unless day, time and zone are known
    on: date  # local day as printed
    local: datetime | None  # naive, as printed; None when only the day is known
    utc_offset_minutes: int | None
    precision: Precision
    origin: str  # of the day: json_ld, meta, feed, visible_text, time_element, url, htmldate, ...
    zone_from: str | None  # page, feed, source; None when no zone is known
    raw: str  # as printed
    is_ambiguous: bool = False  # a clock change makes the local time ambiguous or impossible


class AuthorKind(StrEnum):
    """Who an author is."""

    PERSON = "person"
    ORGANISATION = "organisation"


class Certainty(StrEnum):
    """How sure extraction is that a field is right, by calibrated probability."""

    SURE = "sure"
    LIKELY = "likely"
    DOUBTFUL = "doubtful"  # also when nothing was found


@dataclass(frozen=True, slots=True)
class FieldCertainty:
    """How sure extraction is of each field of an article."""

    title: Certainty
    published: Certainty
    body: Certainty
    authors: Certainty


@dataclass(frozen=True, slots=True)
class Link:
    """An image or an outgoing link of an article's body."""

    kind: str  # image, link
    url: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What extraction made of one page."""

    source: str
    url: str  # as the feed or file gave it
    url_key: str
    title: str
    body: str  # paragraphs joined by "\n"; before recurring lines are taken out
    published: Moment | None = None
    modified: Moment | None = None
    dates_disagree: bool = False  # origins differ by more than a day
    authors: tuple[str, ...] = ()
    language: str | None = None
    site_name: str | None = None  # the publisher as the page names it
    source_credit: str | None = None  # who the text is credited to: "Source: X", agency dateline
    dateline_place: str | None = None
    word_count: int = 0
    direction: str = "ltr"  # reading direction: ltr, rtl
    final_url: str | None = None
    canonical_url: str | None = None  # declared by the page, absolute
    links: tuple[Link, ...] = ()
    origins: tuple[Candidate, ...] = ()
    extractor: str = ""  # name and version of the rules
    content_sha256: str = ""  # of the normalised token sequence
    fetched_at: datetime | None = None
    ref: ArchiveRef | None = None
    author_kinds: tuple[AuthorKind, ...] = ()  # of each author
    is_partial: bool = False  # only the beginning of the text, before a paywall
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None  # the page's main image, absolute
    description: str | None = None  # the page's own summary
    certainty: FieldCertainty | None = None  # None for imported rows
    body_from: BodyFrom = BodyFrom.PAGE
    identity_key: str | None = None  # URL key of the believed canonical URL, when it is not url_key


@dataclass(frozen=True, slots=True)
class Reject:
    """An item that failed at a step, with its reason; its row can be replayed."""

    source: str
    step: Step
    error_class: str
    reason: str  # a sentence
    url: str | None = None
    url_key: str | None = None
    feed_url: str | None = None
    ref: ArchiveRef | None = None
    at: datetime | None = None
    next_try_at: datetime | None = None  # None: not tried again by itself


# --- duplicates ------------------------------------------------------------------------------


class Relation(StrEnum):
    """How two articles' texts stand to each other."""

    EXACT = "exact"
    NEAR = "near"
    PART_OF = "part_of"
    DECLARED_SYNDICATION = "declared_syndication"


@dataclass(frozen=True, slots=True)
class DuplicateLink:
    """Two articles that carry the same story text, or part of it; `a` < `b`."""

    a: str  # article_id, UUID text
    b: str
    relation: Relation
    similarity: float  # 0..1
    why: str  # one readable sentence
    measures: dict[str, float] = field(default_factory=dict)
    rule: str = ""  # version of the rule


# --- runs ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Counts:
    """What a batch or a run did; adds up with `+`."""

    n_entries: int = 0
    n_fetched: int = 0
    n_new: int = 0
    n_revised: int = 0
    n_unchanged: int = 0
    n_duplicates: int = 0
    n_rejects: int = 0
    n_not_modified: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, n) + getattr(other, n) for n in self.__slots__))


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction loads: the outcome of some hundred pages."""

    run_id: str
    fetches: tuple[Fetch, ...] = ()
    articles: tuple[Article, ...] = ()
    rejects: tuple[Reject, ...] = ()
    gone: tuple[PageRequest, ...] = ()  # 404 or 410 for an article that is stored


@dataclass(frozen=True, slots=True)
class PolledFeed:
    """One poll of a feed: its new state, the entries that it showed, what went wrong."""

    state: FeedState
    fetch: Fetch
    entries: tuple[FeedEntry, ...] = ()
    reject: Reject | None = None
    lost: tuple[Reject, ...] = ()  # items whose link is not an http(s) URL

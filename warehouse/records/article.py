"""What extraction found on a page: an article with its dates, authors and candidates; links to its copies.

Frozen dataclasses, standard library only. `None` means "not known" and nothing else.
Instants (`_at`) are aware and in UTC; `_on` is a calendar day; `_raw` is text as it was found.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from warehouse.records.page import ArchiveRef
from warehouse.records.source import BodyFrom


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

"""What becomes of items: rejects, the batch that one transaction loads, and counts.

Frozen dataclasses, standard library only. `None` means "not known" and nothing else.
Instants (`_at`) are aware and in UTC; `_on` is a calendar day; `_raw` is text as it was found.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from warehouse.records.article import Article
from warehouse.records.feed import FeedEntry, FeedState
from warehouse.records.page import ArchiveRef, Fetch, PageRequest


class Step(StrEnum):
    """The steps an item travels through, in order; a reject names the one it failed at."""

    POLL = "poll"
    FETCH = "fetch"
    EXTRACT = "extract"
    DEDUPLICATE = "deduplicate"
    LOAD = "load"


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
    """What one transaction loads: the outcome of a few hundred pages."""

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


@dataclass(frozen=True, slots=True)
class PageOutcomes:
    """What became of pages: how many have each outcome."""

    stored: int = 0
    undated: int = 0  # of these, articles without a date
    outside: int = 0  # their own date is outside the range; stored by another run, or archived only
    forgotten: int = 0
    rejected: dict[str, int] = field(default_factory=dict)  # by error class, the most frequent first
    left: int = 0  # not fetched

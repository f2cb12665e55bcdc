"""What was fetched: the request for a page, the archived page, and the record of each request.

Frozen dataclasses, standard library only. `None` means "not known" and nothing else.
Instants (`_at`) are aware and in UTC; `_on` is a calendar day; `_raw` is text as it was found.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from warehouse.records.feed import FeedEntry


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

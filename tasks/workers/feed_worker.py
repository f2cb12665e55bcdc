"""What a feed worker process does: read one document, return its contents or why it cannot be read.

Apart from `tasks.workers.feed_parser`, so that workers load neither the pool nor anything of Prefect. The
parsers are imported where they are used, so that the parent process does not load them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from tasks.domain.dates.context import DateContext
from tasks.errors import ErrorClass, FeedFormatError
from tasks.workers.limits import OUT_OF_MEMORY, Failure
from warehouse.records.feed import FeedDocument, ParsedFeed
from warehouse.records.source import FeedKind, ListingRules

if TYPE_CHECKING:
    from tasks.domain.feeds.document import FeedItem
    from tasks.domain.feeds.home_page import HomePage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FeedJob:
    """A fetched document, and what its source says of reading it."""

    body: bytes
    url: str  # where it was found, after redirects; may be empty for a file
    context: DateContext
    content_type: str | None = None
    kind: FeedKind = FeedKind.AUTO
    listing: ListingRules | None = None


def parse_job(job: FeedJob) -> ParsedFeed | Failure:
    """Return the entries of a document, or why it gives none."""
    from tasks.domain.feeds.parse import parse_feed

    return _guarded(
        lambda: parse_feed(
            job.body,
            job.context,
            url=job.url,
            content_type=job.content_type,
            kind=job.kind,
            listing=job.listing,
        )
    )


def read_job(job: FeedJob) -> "FeedDocument[FeedItem] | Failure":
    """Return all items of a document, those without a link included, or why it gives none."""
    from tasks.domain.feeds.parse import read_document

    return _guarded(
        lambda: read_document(
            job.body,
            job.context,
            url=job.url,
            content_type=job.content_type,
            kind=job.kind,
            listing=job.listing,
        )
    )


def read_home_page_job(job: FeedJob) -> "HomePage | Failure":
    """Return what a home page says of its site, or why it cannot be read."""
    from tasks.domain.feeds.home_page import parse_home_page

    return _guarded(lambda: parse_home_page(job.body, job.url, job.content_type))


def propose_job(job: FeedJob) -> ListingRules | Failure | None:
    """Return selectors for a page's list of articles, None when it has none, or why it cannot be read."""
    from tasks.domain.feeds.repeated import propose_listing

    return _guarded(lambda: propose_listing(job.body, job.url, job.content_type, job.context))


def _guarded(read: Callable[[], T]) -> T | Failure:
    try:
        return read()
    except FeedFormatError as error:
        return Failure(error.error_class, error.reason)
    except MemoryError:
        return Failure(ErrorClass.WORKER_KILLED, OUT_OF_MEMORY)
    except Exception as error:  # a worker outlives any document; the class of the fault is kept
        reason = f"The document cannot be read ({type(error).__name__}: {error})."
        return Failure(ErrorClass.PARSE, reason[:500])

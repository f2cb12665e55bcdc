"""What a feed worker process does: read one document, hand back what it holds or why it cannot.

Apart from `tasks.workers.feed_parser`, so that workers load neither the pool nor anything of Prefect.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from tasks.domain.feeds.document import FeedDocument
from tasks.domain.feeds.home_page import HomePage, parse_home_page
from tasks.domain.feeds.parse import parse_feed, read_document
from tasks.errors import ErrorClass, FeedFormatError
from tasks.workers.limits import OUT_OF_MEMORY, Failure
from warehouse.records import FeedKind, ListingRules, ParsedFeed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FeedJob:
    """A fetched document, and what its source says of reading it."""

    body: bytes
    url: str  # where it was found, after redirects; may be empty for a file
    now: datetime
    content_type: str | None = None
    kind: FeedKind = FeedKind.AUTO
    listing: ListingRules | None = None
    zone: str | None = None
    date_order: str | None = None
    language: str | None = None


def parse_job(job: FeedJob) -> ParsedFeed | Failure:
    """Return the entries of a document, or why it gives none."""
    return _guarded(parse_feed, job)


def read_job(job: FeedJob) -> FeedDocument | Failure:
    """Return all items of a document, those without a link included, or why it gives none."""
    return _guarded(read_document, job)


def read_home_page_job(job: FeedJob) -> HomePage | Failure:
    """Return what a front page says of its site, or why it cannot be read."""
    return _guarded(lambda body, **rest: parse_home_page(body, rest["url"], rest["content_type"]), job)


def _guarded(read: Callable[..., T], job: FeedJob) -> T | Failure:
    try:
        return read(
            job.body,
            url=job.url,
            content_type=job.content_type,
            kind=job.kind,
            listing=job.listing,
            zone=job.zone,
            date_order=job.date_order,
            language=job.language,
            now=job.now,
        )
    except FeedFormatError as error:
        return Failure(error.error_class, error.reason)
    except MemoryError:
        return Failure(ErrorClass.WORKER_KILLED, OUT_OF_MEMORY)
    except Exception as error:  # a worker outlives any document; the class of the fault is kept
        reason = f"The document cannot be read ({type(error).__name__}: {error})."
        return Failure(ErrorClass.PARSE, reason[:500])

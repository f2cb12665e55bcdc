"""What one worker process does: extract an article from an archived page or a file.

Apart from `tasks.extract`, so that workers load neither the pool nor Prefect. The extraction modules
are imported where they are used, so that the parent process does not load them.
"""

import gzip
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

from tasks.archive.reader import read_page
from tasks.errors import ErrorClass, ExtractionError, ItemError
from tasks.workers.limits import OUT_OF_MEMORY, Failure
from warehouse.archive.files import Archive
from warehouse.errors import why_unreadable
from warehouse.records.article import Article
from warehouse.records.outcome import Reject, Step
from warehouse.records.page import Page
from warehouse.records.source import Source

if TYPE_CHECKING:
    from tasks.domain.articles.article import PageContext, Reading

MAX_FILE_BYTES = 64_000_000
DEFERRED_FOR = timedelta(hours=1)  # of a page whose source used up its budget


@dataclass(frozen=True, slots=True)
class PageJob:
    """One archived page to extract."""

    page: Page
    source: Source
    archive: Archive


@dataclass(frozen=True, slots=True)
class FileJob:
    """One page in a file (.html or .html.gz), or whose bytes were just fetched."""

    context: "PageContext"
    source: Source
    path: Path | None = None
    html: bytes | None = None


T = TypeVar("T")


class _Overtime(BaseException):
    # Not an Exception: no `except Exception` in a library may swallow the alarm.
    pass


def extract_chunk(jobs: tuple[PageJob, ...], limit_s: float) -> list[Article | Failure]:
    """Return the article of each archived page, or its failure, in order."""
    return [guarded(partial(_parse_stored, job), limit_s) for job in jobs]


def read_chunk(jobs: tuple[FileJob, ...], limit_s: float) -> "list[Reading | Failure]":
    """Return the reading of each page, whether refused or not, or its failure, in order."""
    return [guarded(partial(_read_file, job), limit_s) for job in jobs]


def guarded(read: Callable[[], T], limit_s: float) -> T | Failure:
    """Return what `read` returns, or why it failed; it is stopped after `limit_s` seconds of CPU."""
    try:
        with _alarm(limit_s):
            return read()
    except ItemError as error:
        return Failure(error.error_class, error.reason)
    except _Overtime:
        return Failure(ErrorClass.TIMEOUT, overtime(limit_s))
    except MemoryError:
        return Failure(ErrorClass.WORKER_KILLED, OUT_OF_MEMORY)
    except Exception as error:  # a worker outlives any page; the traceback is recorded
        where = traceback.format_exc(limit=-4)
        return Failure(ErrorClass.INTERNAL, f"{type(error).__name__}: {error}\n{where}"[:2000])


def overtime(limit_s: float) -> str:
    """Return the reason of a page that exceeded its time limit."""
    return f"Extraction took more than {limit_s:g} s of CPU."


def _parse_stored(job: PageJob) -> Article:
    from tasks.domain.articles.article import PageContext
    from tasks.domain.articles.entry_text import is_from_feed
    from tasks.domain.articles.full_text import parse_feed_page, parse_page_or_entry
    from tasks.domain.articles.imported import is_imported, parse_imported_page

    page = job.page
    stored = read_page(job.archive, page.ref)
    if is_imported(page):
        return parse_imported_page(stored.body, page)
    context = PageContext(
        url=page.request.url,
        final_url=page.final_url or page.request.url,
        url_key=page.request.url_key,
        content_type=stored.content_type or page.content_type,
        fetched_at=page.fetched_at,
        entry=page.request.entry,
        ref=page.ref,
        is_truncated=stored.is_truncated,
    )
    parse = parse_feed_page if is_from_feed(page) else parse_page_or_entry
    return parse(stored.body, context, job.source)


def _read_file(job: FileJob) -> "Reading":
    from tasks.domain.articles.article import read_article

    return read_article(job.html if job.html is not None else _bytes_of(job), job.context, job.source)


def _bytes_of(job: FileJob) -> bytes:
    assert job.path is not None
    try:
        with gzip.open(job.path) if job.path.suffix == ".gz" else job.path.open("rb") as file:
            html = file.read(MAX_FILE_BYTES + 1)
    except (OSError, EOFError, ValueError) as error:
        reason = f"'{job.path}' cannot be read: {why_unreadable(error)}"
        raise ExtractionError(job.context.url, ErrorClass.EMPTY, reason) from error
    if len(html) > MAX_FILE_BYTES:
        raise ExtractionError(job.context.url, ErrorClass.TOO_LARGE, f"'{job.path}' is larger than 64 MB.")
    return bytes(html)


def reject_of(job: PageJob, failure: Failure) -> Reject:
    """Return the reject of an archived page whose extraction failed."""
    request = job.page.request
    return Reject(
        source=request.source,
        step=Step.EXTRACT,
        error_class=failure.error_class.value,
        reason=failure.reason,
        url=request.url,
        url_key=request.url_key,
        feed_url=request.feed_url,
        ref=job.page.ref,
        at=job.page.fetched_at,
        next_try_at=job.page.fetched_at + DEFERRED_FOR if failure.is_deferred else None,
    )


@contextmanager
def _alarm(limit_s: float) -> Iterator[None]:
    def ring(signum: int, frame: FrameType | None) -> None:
        raise _Overtime

    # CPU time: on a busy machine a page must not fail because of other processes.
    previous = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)

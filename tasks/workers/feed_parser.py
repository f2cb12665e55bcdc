"""Feed documents read in worker processes with a time limit. Between a feed's fetch and its state.

No document can hang or kill a run: one that takes too long, too much memory or its worker's life
is a FeedFormatError like any other.
"""

import os
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import datetime
from multiprocessing import get_context
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from tasks.domain.feeds.document import FeedDocument
from tasks.domain.feeds.home_page import HomePage
from tasks.errors import ErrorClass, FeedFormatError
from tasks.workers.feed_worker import FeedJob, limit_worker, parse_job, read_home_page_job, read_job
from warehouse.records import FeedKind, ListingRules, ParsedFeed

LIMIT_S = 20.0
MEMORY_LIMIT_BYTES = 2_000_000_000
MAX_TASKS = 2_000  # documents a worker lives for

T = TypeVar("T")


class FeedParser:
    """Worker processes that read feed documents; a context manager, usable from many threads.

    No process is started before the first document: a run of nothing but 304s costs none.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        limit_s: float = LIMIT_S,
        memory_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        self._limit_s = limit_s
        # Fork from a clean server process: threads of the parent must not be copied half-way.
        context = get_context("forkserver")
        context.set_forkserver_preload(["tasks.workers.feed_worker"])
        self._pool = ProcessPool(
            max_workers=workers or min(4, os.cpu_count() or 1),
            max_tasks=MAX_TASKS,
            initializer=limit_worker,
            initargs=(memory_bytes,),
            context=context,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; documents under way are given up."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def parse(self, job: FeedJob) -> ParsedFeed | FeedFormatError:
        """Return a document's entries, or the error that a reject row is made of. Waits for it."""
        return self._run(parse_job, job)

    def read(self, job: FeedJob) -> FeedDocument | FeedFormatError:
        """Return all of a document's items, those without a link included. Waits for it."""
        return self._run(read_job, job)

    def read_home_page(self, job: FeedJob) -> HomePage | FeedFormatError:
        """Return what a front page says of its site. Waits for it."""
        return self._run(read_home_page_job, job)

    def _run(self, work: Callable[[FeedJob], T | FeedFormatError], job: FeedJob) -> T | FeedFormatError:
        future = self._pool.schedule(work, args=(job,), timeout=self._limit_s)
        try:
            result: T | FeedFormatError = future.result()
        except FutureTimeout:
            reason = f"Reading the document took longer than {self._limit_s:g} s."
            return FeedFormatError(job.url, ErrorClass.TIMEOUT, reason)
        except ProcessExpired as error:
            reason = f"The document killed the process that read it (exit code {error.exitcode})."
            return FeedFormatError(job.url, ErrorClass.WORKER_KILLED, reason)
        return result


def parse_in_worker(
    parser: FeedParser,
    body: bytes,
    *,
    url: str,
    content_type: str | None = None,
    kind: FeedKind = FeedKind.AUTO,
    listing: ListingRules | None = None,
    zone: str | None = None,
    date_order: str | None = None,
    language: str | None = None,
    now: datetime,
) -> ParsedFeed:
    """Return what `tasks.domain.feeds.parse.parse_feed` gives, read in a worker; raises FeedFormatError."""
    job = FeedJob(body, url, now, content_type, kind, listing, zone, date_order, language)
    result = parser.parse(job)
    if isinstance(result, FeedFormatError):
        raise result
    return result

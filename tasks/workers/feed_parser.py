"""Feed documents read in worker processes with a time limit. Between a feed's fetch and its state.

No document can hang or kill a run: one that exceeds the time or memory limit, or crashes its worker, is a
FeedFormatError like any other.
"""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Self, TypeVar

from tasks.errors import FeedFormatError
from tasks.workers.feed_worker import FeedJob, parse_job, propose_job, read_home_page_job, read_job
from tasks.workers.limits import Failure
from tasks.workers.preload import FEEDS
from tasks.workers.worker_pool import MEMORY_LIMIT_BYTES, WorkerPool
from warehouse.records.feed import FeedDocument, ParsedFeed
from warehouse.records.source import ListingRules

if TYPE_CHECKING:
    from tasks.domain.feeds.document import FeedItem
    from tasks.domain.feeds.home_page import HomePage

LIMIT_S = 20.0
MAX_TASKS = 2_000  # documents per worker process
PRELOAD = FEEDS

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
        shared: WorkerPool | None = None,
    ) -> None:
        """Prepare a pool of `workers` processes (up to four by default), or use a `shared` one."""
        self._limit_s = limit_s
        self._pool = shared or WorkerPool(
            workers or min(4, os.cpu_count() or 1),
            preload=PRELOAD,
            max_tasks=MAX_TASKS,
            memory_bytes=memory_bytes,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the workers; documents under way are abandoned."""
        self._pool.close()

    def parse(self, job: FeedJob) -> ParsedFeed | FeedFormatError:
        """Wait for and return a document's entries, or the error that a reject row is made of."""
        return self._run(parse_job, job)

    def read(self, job: FeedJob) -> "FeedDocument[FeedItem] | FeedFormatError":
        """Wait for and return all of a document's items, those without a link included."""
        return self._run(read_job, job)

    def read_home_page(self, job: FeedJob) -> "HomePage | FeedFormatError":
        """Wait for and return what a home page says of its site."""
        return self._run(read_home_page_job, job)

    def propose(self, job: FeedJob) -> ListingRules | FeedFormatError | None:
        """Wait for and return selectors for a page's list of articles, or None when it has none."""
        return self._run(propose_job, job)

    def _run(self, work: Callable[[FeedJob], T | Failure], job: FeedJob) -> T | FeedFormatError:
        result: T | Failure = self._pool.submit(work, job, limit_s=self._limit_s).result()
        if isinstance(result, Failure):
            return FeedFormatError(job.url, result.error_class, result.reason)
        return result

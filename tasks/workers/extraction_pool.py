"""Worker processes that extract articles from pages, with limits per page and fair shares per source."""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Self, TypeVar

from tasks.errors import ErrorClass, WorkersUnavailable
from tasks.workers.extract_worker import overtime
from tasks.workers.fair_share import Call, FairShare, SourceBudget
from tasks.workers.limits import Failure, timed
from tasks.workers.preload import PAGES
from tasks.workers.worker_pool import MEMORY_LIMIT_BYTES, Job, WorkerPool

PAGE_LIMIT_S = 10.0
MAX_TASKS = 400  # calls per worker process: the caches of lxml and trafilatura grow
CHUNK = 8  # pages per call, of a source whose pages are quick
_WALL = 3  # wall-clock seconds allowed per second of CPU, for a busy machine
_EXCEEDED = frozenset({ErrorClass.TIMEOUT, ErrorClass.WORKER_KILLED})

J = TypeVar("J")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Item:
    """One queued job and the future of its result."""

    job: Any
    work: Callable[..., Any]
    future: "Future[Any]"


class ExtractionPool:
    """Worker processes that extract articles from pages; use as a context manager.

    A page has `limit_s` seconds of CPU and a worker `memory_bytes` of address space. A page that
    exceeds either, or kills its worker, fails alone: the others of its chunk are parsed again. With a
    `budget`, a page that exceeds the time of its trial is parsed again later, with `limit_s`; the remaining
    pages of a source that exceeds the budget fail at once, as deferred.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        limit_s: float = PAGE_LIMIT_S,
        memory_bytes: int = MEMORY_LIMIT_BYTES,
        max_tasks: int = MAX_TASKS,
        budget: SourceBudget | None = None,
        shared: WorkerPool | None = None,
    ) -> None:
        """Prepare a pool of `workers` processes (one per CPU core by default), or use a `shared` one."""
        self._limit_s = limit_s
        self._trial_s = min(budget.trial_s, limit_s) if budget else limit_s
        self._pool = shared or WorkerPool(
            workers, preload=PAGES, max_tasks=max_tasks, memory_bytes=memory_bytes
        )
        self._shares: FairShare[_Item] = FairShare(self._pool.n_workers, CHUNK, budget)
        self._lock = threading.RLock()
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def prepare(self) -> None:
        """Begin to load the workers in the background."""
        self._pool.prepare()

    def close(self) -> None:
        """Stop the workers; pages under way are abandoned."""
        with self._lock:
            self._is_closed = True
            for item in self._shares.take_all():
                item.future.cancel()
        self._pool.close()

    def run(
        self, jobs: Sequence[J], work: Callable[[tuple[J, ...], float], list[R | Failure]]
    ) -> list[R | Failure]:
        """Return each job's result or failure, in the order of the jobs."""
        return [future.result() for future in self.submit(jobs, work)]

    def submit(
        self, jobs: Sequence[J], work: Callable[[tuple[J, ...], float], list[R | Failure]]
    ) -> "list[Future[R | Failure]]":
        """Queue jobs by their `source`; return the futures of their results, in the order of the jobs."""
        items = [_Item(job, work, Future()) for job in jobs]
        with self._lock:
            for item in items:
                source = getattr(item.job, "source", None)
                self._shares.add(source.name if source is not None else "", item)
        self._dispatch()
        return [item.future for item in items]

    def _dispatch(self) -> None:
        """Give calls to free workers, and fail the items of sources over their budget."""
        with self._lock:
            deferred = list(self._shares.take_deferred())
            while not self._is_closed and (call := self._shares.start(time.monotonic())) is not None:
                self._start(call)
        for item, reason in deferred:
            text = f"Not extracted in this run: {reason}."
            item.future.set_result(Failure(ErrorClass.TIMEOUT, text, is_deferred=True))

    def _start(self, call: Call[_Item]) -> None:
        # The worker's own alarm counts CPU time and stops Python code; this limit stops C code as well.
        page_s = self._page_s(call)
        limit_s = page_s * max(_WALL, len(call.items) / 2)
        jobs = tuple(item.job for item in call.items)
        try:
            job = self._pool.submit(timed, call.items[0].work, jobs, page_s, limit_s=limit_s)
        except WorkersUnavailable as error:
            self._shares.finish(call, spent_s=0.0, n_done=0, n_exceeded=0)
            for item in call.items:
                item.future.set_exception(error)
            return
        job.future.add_done_callback(partial(self._end, call, job))

    def _page_s(self, call: Call[_Item]) -> float:
        """Return the CPU seconds that each page of a call has."""
        return self._trial_s if call.is_trial else self._limit_s

    def _end(self, call: Call[_Item], job: Job, _: "Future[Any]") -> None:
        """Set the results of a call; the items of a chunk that failed as a whole run again, one by one."""
        try:
            outcome = job.result()
        except BaseException as error:
            with self._lock:
                self._shares.finish(call, spent_s=0.0, n_done=0, n_exceeded=0)
            for item in call.items:
                item.future.set_exception(error)
            return
        if isinstance(outcome, Failure):
            self._end_failed(call, outcome)
        else:
            spent_s, results = outcome
            self._finish(call, spent_s, results)
        self._dispatch()

    def _end_failed(self, call: Call[_Item], failure: Failure) -> None:
        if len(call.items) == 1:
            if failure.error_class is ErrorClass.TIMEOUT:
                failure = Failure(ErrorClass.TIMEOUT, overtime(self._limit_s))
            self._finish(call, self._page_s(call), [failure])
            return
        with self._lock:
            self._shares.finish(call, spent_s=self._page_s(call), n_done=0, n_exceeded=0)
            for item in call.items:
                self._shares.add_single(call.source, item)

    def _finish(self, call: Call[_Item], spent_s: float, results: Sequence[Any]) -> None:
        """Set the results of a call; the items that exceeded their trial run again."""
        outcomes = list(zip(call.items, results, strict=True))
        ended = [(item, r) for item, r in outcomes if not (call.is_trial and _is_timeout(r))]
        n_exceeded = sum(isinstance(r, Failure) and r.error_class in _EXCEEDED for _, r in ended)
        with self._lock:
            self._shares.finish(call, spent_s=spent_s, n_done=len(ended), n_exceeded=n_exceeded)
            for item, result in outcomes:
                if call.is_trial and _is_timeout(result):
                    self._shares.add_long(call.source, item)
        for item, result in ended:
            item.future.set_result(result)


def _is_timeout(result: object) -> bool:
    return isinstance(result, Failure) and result.error_class is ErrorClass.TIMEOUT

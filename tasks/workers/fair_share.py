"""Which source's pages a free worker process extracts next: fair shares, and a budget per source. Pure.

Used by `tasks.workers.extraction_pool`, which passes the clock. The source that has used the least time
comes first; pages of one source never hold more than half of the workers while its pages are slow or
others wait. Nothing tells a costly page from the others before it is parsed: with a budget each page has a
short trial, and one that exceeds it runs again with the whole limit, after the others of its source.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

SLOW_S = 2.0  # a call that runs for longer makes its source slow
PROVEN_PAGES = 5  # quick pages after which a source may use idle workers
PROVEN_PAGE_S = 1.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SourceBudget:
    """What one source may cost in a run before its remaining pages are deferred to a later one."""

    trial_s: float = 2.0  # of CPU, for the first try of a page
    n_exceeded: int = 3  # pages over their own limit, when they are at least half of the source's pages
    spent_s: float = 120.0  # of CPU, when the average page costs more than `page_s`
    page_s: float = 2.0


@dataclass(slots=True)
class SourceQueue(Generic[T]):
    """The waiting items of one source, and what its pages have cost so far."""

    name: str
    waiting: deque[T] = field(default_factory=deque)
    singles: deque[T] = field(default_factory=deque)  # to run alone, before the waiting ones
    long: deque[T] = field(default_factory=deque)  # exceeded their trial: to run alone, after the others
    running: dict[int, float] = field(default_factory=dict)  # start of each running call, by its number
    spent_s: float = 0.0
    n_done: int = 0
    n_exceeded: int = 0

    @property
    def has_items(self) -> bool:
        """Say whether items wait."""
        return bool(self.waiting or self.singles or self.long)

    def is_slow(self, now_s: float) -> bool:
        """Say whether a page exceeded its limit, waits after its trial, or has been running for long."""
        has_long = bool(self.long) or any(now_s - start_s > SLOW_S for start_s in self.running.values())
        return has_long or self.n_exceeded > 0

    def take_next(self) -> T:
        """Remove and return the item that runs next."""
        return (self.singles or self.waiting or self.long).popleft()

    def is_proven(self, now_s: float) -> bool:
        """Say whether enough pages were quick, and none is slow."""
        is_quick = self.n_done >= PROVEN_PAGES and self.spent_s < PROVEN_PAGE_S * self.n_done
        return is_quick and not self.is_slow(now_s)

    def used_s(self, now_s: float) -> float:
        """Return the time used so far, running calls included."""
        return self.spent_s + sum(now_s - start_s for start_s in self.running.values())


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """Items of one source for one call of a worker."""

    number: int
    source: str
    items: tuple[T, ...]
    is_trial: bool  # the first try of its items


class FairShare(Generic[T]):
    """The queues of all sources over a number of workers; not safe for threads."""

    def __init__(self, n_workers: int, chunk: int, budget: SourceBudget | None = None) -> None:
        self._n_workers = n_workers
        self._share = max(1, n_workers // 2)
        self._chunk = chunk
        self._budget = budget
        self._queues: dict[str, SourceQueue[T]] = {}
        self._n_calls = 0

    def add(self, source: str, item: T) -> None:
        """Queue an item of a source."""
        self._queue(source).waiting.append(item)

    def add_single(self, source: str, item: T) -> None:
        """Queue an item that runs alone: its chunk failed, and one of its pages is the reason."""
        self._queue(source).singles.append(item)

    def add_long(self, source: str, item: T) -> None:
        """Queue an item that exceeded its trial."""
        self._queue(source).long.append(item)

    def start(self, now_s: float) -> Call[T] | None:
        """Return the next call to give to a worker, or None when none may start."""
        n_running = sum(len(queue.running) for queue in self._queues.values())
        if n_running >= self._n_workers:
            return None
        candidates = [queue for queue in self._queues.values() if self._may_start(queue, now_s)]
        if not candidates:
            return None
        queue = min(candidates, key=lambda queue: (queue.used_s(now_s), len(queue.running)))
        is_trial = self._budget is not None and not queue.is_slow(now_s)
        items = self._take(queue, now_s)
        self._n_calls += 1
        queue.running[self._n_calls] = now_s
        return Call(self._n_calls, queue.name, items, is_trial)

    def finish(self, call: Call[T], *, spent_s: float, n_done: int, n_exceeded: int) -> None:
        """Record the end of a call."""
        queue = self._queue(call.source)
        queue.running.pop(call.number, None)
        queue.spent_s += spent_s
        queue.n_done += n_done
        queue.n_exceeded += n_exceeded

    def take_deferred(self) -> Iterator[tuple[T, str]]:
        """Yield the waiting items of sources that are over their budget, each with the reason."""
        for queue in self._queues.values():
            reason = self._why_deferred(queue) if queue.has_items else None
            while reason is not None and queue.has_items:
                yield queue.take_next(), reason

    def take_all(self) -> Iterator[T]:
        """Yield all waiting items."""
        for queue in self._queues.values():
            while queue.has_items:
                yield queue.take_next()

    def _queue(self, source: str) -> SourceQueue[T]:
        return self._queues.setdefault(source, SourceQueue(source))

    def _may_start(self, queue: SourceQueue[T], now_s: float) -> bool:
        if not queue.has_items:
            return False
        if queue.is_slow(now_s) and self._n_slow_calls(now_s) >= self._share:
            return False
        return len(queue.running) < self._limit(queue, now_s)

    def _limit(self, queue: SourceQueue[T], now_s: float) -> int:
        """Return how many workers the source may hold now."""
        if any(other.has_items for other in self._queues.values() if other is not queue):
            return self._share
        is_trusted = self._budget is None or queue.is_proven(now_s)
        return self._n_workers if is_trusted else self._share

    def _n_slow_calls(self, now_s: float) -> int:
        return sum(len(queue.running) for queue in self._queues.values() if queue.is_slow(now_s))

    def _take(self, queue: SourceQueue[T], now_s: float) -> tuple[T, ...]:
        is_trusted = (self._budget is None and not queue.n_exceeded) or queue.is_proven(now_s)
        if queue.singles or not queue.waiting or not is_trusted:
            return (queue.take_next(),)
        size = min(self._chunk, len(queue.waiting))
        return tuple(queue.waiting.popleft() for _ in range(size))

    def _why_deferred(self, queue: SourceQueue[T]) -> str | None:
        budget = self._budget
        if budget is None or not queue.n_done:
            return None
        if queue.n_exceeded >= budget.n_exceeded and queue.n_exceeded * 2 >= queue.n_done:
            return f"{queue.n_exceeded} of {queue.n_done} pages of '{queue.name}' exceeded their limit"
        if queue.spent_s > budget.spent_s and queue.spent_s > budget.page_s * queue.n_done:
            return f"{queue.n_done} pages of '{queue.name}' took {queue.spent_s:.0f} s of CPU"
        return None

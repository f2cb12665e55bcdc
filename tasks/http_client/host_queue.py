"""A thread pool over many hosts: hosts in parallel, the jobs of one host in order and one at a time.

A slow host occupies one thread while it answers, and none while its rate limit runs. A source with many
slow hosts holds a quarter of the threads at most. All callers of one client share the queues, so that
two batches do not wait for each other's threads.
"""

import heapq
import itertools
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from tasks.errors import WorkersUnavailable

T = TypeVar("T")

_CLOSE_S = 1.0  # Ctrl-C must not wait for a host that hangs


@dataclass(frozen=True, slots=True)
class _Job:
    source: str
    work: Callable[[], Any]
    wait_s: Callable[[], float]  # how long the rate limit still holds its host back
    future: "Future[Any]"


class HostQueues:
    """A pool of threads; each takes the next job of the host that is ready first."""

    def __init__(self, n_threads: int = 64) -> None:
        self._n_threads = n_threads
        self._share = max(1, n_threads // 4)  # threads that one source may hold
        self._running: Counter[str] = Counter()  # jobs by source
        self._threads: list[threading.Thread] = []
        self._queues: dict[str, deque[_Job]] = {}  # by host; the first job may be running
        self._ready: list[tuple[float, int, str]] = []  # hosts that wait for a thread, by ready time
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._is_closed = False

    def submit(
        self, host: str, source: str, work: Callable[[], T], wait_s: Callable[[], float]
    ) -> "Future[T]":
        """Add a job of a source to the queue of a host; return the future of its result."""
        # The log of a Prefect task takes the run that a line belongs to from the context.
        job = _Job(source, partial(copy_context().run, work), wait_s, Future())
        first_s = 0.0 if host in self._queues else wait_s()  # reads a file: not under the lock
        with self._changed:
            if self._is_closed:
                raise CancelledError("the client is closed")
            queue = self._queues.setdefault(host, deque())
            queue.append(job)
            if len(queue) == 1:
                self._push(host, first_s)
            self._start_thread()
        return job.future

    def close(self) -> None:
        """Cancel queued jobs; wait a moment for running ones, which end at their own deadline."""
        with self._changed:
            self._is_closed = True
            for queue in self._queues.values():
                for job in queue:
                    job.future.cancel()
            self._changed.notify_all()
        until = time.monotonic() + _CLOSE_S
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _push(self, host: str, wait_s: float) -> None:
        heapq.heappush(self._ready, (time.monotonic() + max(wait_s, 0.0), next(self._order), host))
        self._changed.notify()

    def _start_thread(self) -> None:
        """Start one more thread if it has a host to take; those that run go on without it if they must."""
        if len(self._threads) < min(self._n_threads, len(self._queues)):
            thread = threading.Thread(target=self._work, name=f"fetch-{len(self._threads)}", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the limit of threads or of memory is reached
                if not self._threads:
                    raise WorkersUnavailable(
                        "No thread can be started for requests. Check the limits of memory and processes "
                        "(ulimit -a)."
                    ) from error
                return
            self._threads.append(thread)

    def _work(self) -> None:
        while (host := self._next_host()) is not None:
            job = self._queues[host][0]
            if job.future.set_running_or_notify_cancel():
                _run(job)
            self._finish(host, job)

    def _next_host(self) -> str | None:
        """Wait for a host that is ready and whose source may use a thread; None when the pool is closed."""
        with self._changed:
            while not self._is_closed:
                host, left_s = self._take_ready()
                if host is not None:
                    return host
                self._changed.wait(left_s)
            return None

    def _take_ready(self) -> tuple[str | None, float | None]:
        """Return the first ready host, or how long to wait for one."""
        held: list[tuple[float, int, str]] = []  # ready, but their source holds its share of the threads
        chosen, now = None, time.monotonic()
        while chosen is None and self._ready and self._ready[0][0] <= now:
            entry = heapq.heappop(self._ready)
            source = self._queues[entry[2]][0].source
            if self._running[source] < self._share:
                self._running[source] += 1
                chosen = entry[2]
            else:
                held.append(entry)
        left_s = self._ready[0][0] - now if self._ready else None
        for entry in held:
            heapq.heappush(self._ready, entry)
        return chosen, left_s

    def _finish(self, host: str, job: _Job) -> None:
        with self._changed:
            self._running[job.source] -= 1
            self._changed.notify()  # a host of the same source may be next
            queue = self._queues[host]
            queue.popleft()
            if not queue:
                del self._queues[host]
                return
            following = queue[0]
        wait_s = following.wait_s()
        with self._changed:
            self._push(host, wait_s)


def _run(job: _Job) -> None:
    try:
        job.future.set_result(job.work())
    except BaseException as error:
        job.future.set_exception(error)

"""A thread pool over many hosts: hosts in parallel, the jobs of one host in order and one at a time.

A slow host occupies one thread while it answers, and none while its rate limit runs. All callers of one
client share the queues, so that two batches do not wait for each other's threads.
"""

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

_CLOSE_S = 1.0  # Ctrl-C must not wait for a host that hangs


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[], Any]
    wait_s: Callable[[], float]  # how long the rate limit still holds its host back
    future: "Future[Any]"


class HostQueues:
    """A pool of threads; each takes the next job of the host that is ready first."""

    def __init__(self, n_threads: int = 16) -> None:
        self._n_threads = n_threads
        self._threads: list[threading.Thread] = []
        self._queues: dict[str, deque[_Job]] = {}  # by host; the first job may be running
        self._ready: list[tuple[float, int, str]] = []  # hosts that wait for a thread, by ready time
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._is_closed = False

    def submit(self, host: str, work: Callable[[], T], wait_s: Callable[[], float]) -> "Future[T]":
        """Add a job to a host's queue; return the future of its result."""
        job = _Job(work, wait_s, Future())
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
        if len(self._threads) < min(self._n_threads, len(self._queues)):
            thread = threading.Thread(target=self._work, name=f"fetch-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while (host := self._next_host()) is not None:
            job = self._queues[host][0]
            if job.future.set_running_or_notify_cancel():
                _run(job)
            self._finish(host)

    def _next_host(self) -> str | None:
        """Wait for a host that is ready; None when the pool is closed."""
        with self._changed:
            while not self._is_closed:
                left_s = self._ready[0][0] - time.monotonic() if self._ready else None
                if left_s is not None and left_s <= 0:
                    return heapq.heappop(self._ready)[2]
                self._changed.wait(left_s)
            return None

    def _finish(self, host: str) -> None:
        with self._changed:
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

"""Results of several batches, returned as soon as they are ready.

Used by poll, fetch and extract in a run: a batch does not wait for its slowest result. What is not ready is
returned with a later batch.
"""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Generic, TypeVar

PATIENCE_S = 5.0  # how long a batch waits for its own results

K = TypeVar("K")
T = TypeVar("T")


class Backlog(Generic[K, T]):
    """Futures of all batches whose results have not been returned yet; safe to share between threads.

    A batch waits for its own results for `patience_s` at most. With `stall_s` it also stops waiting when it
    has results and no other has come for so long.
    """

    def __init__(self, patience_s: float = PATIENCE_S, stall_s: float | None = None) -> None:
        self._patience_s = patience_s
        self._stall_s = stall_s
        self._pending: dict[Future[T], K] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of results that have not been returned."""
        return len(self._pending)

    def take(self, batch: "Mapping[Future[T], K]") -> list[tuple[K, T]]:
        """Add a batch, wait for it, and return the results of any batch that are ready: perhaps none.

        Each comes with the value that its future was added with. Raises what a future raises.
        """
        with self._lock:
            self._pending.update(batch)
        self._wait(list(batch))
        return self._take_ready()

    def take_late(self) -> list[tuple[K, T]]:
        """Wait for all results, as for a batch, and return those that are ready: perhaps none.

        Raises what a future raises.
        """
        self._wait(self._all())
        return self._take_ready()

    def take_next(self) -> list[tuple[K, T]]:
        """Wait for all results, as for a batch and until one is ready; return those that are.

        Returns none when none is pending. Raises what a future raises.
        """
        self._wait(self._all())
        wait(self._all(), return_when=FIRST_COMPLETED)  # returns at once when one is done already
        return self._take_ready()

    def _all(self) -> "list[Future[T]]":
        with self._lock:
            return list(self._pending)

    def _wait(self, futures: "list[Future[T]]") -> None:
        if self._stall_s is None:
            wait(futures, self._patience_s)
            return
        until = time.monotonic() + self._patience_s
        n_done = len(wait(futures, self._patience_s, FIRST_COMPLETED).done)
        while n_done < len(futures) and (left_s := until - time.monotonic()) > 0:
            n_before, n_done = n_done, len(wait(futures, min(self._stall_s, left_s)).done)
            if n_done == n_before:
                return

    def _take_ready(self) -> list[tuple[K, T]]:
        with self._lock:
            ready = [future for future in self._pending if future.done()]
            return [(self._pending.pop(future), future.result()) for future in ready]

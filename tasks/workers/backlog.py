"""Results of several batches, returned as soon as they are ready.

Used by fetch and extract in a run: a batch does not wait for its slowest page. A result that is not ready is
returned with a later batch.
"""

import threading
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Generic, TypeVar

PATIENCE_S = 5.0  # how long a batch waits for its own results

K = TypeVar("K")
T = TypeVar("T")


class Backlog(Generic[K, T]):
    """Futures of all batches whose results have not been returned yet; safe to share between threads."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._pending: dict[Future[T], K] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return the number of results that have not been returned."""
        return len(self._pending)

    def take(self, batch: "Mapping[Future[T], K]") -> list[tuple[K, T]]:
        """Add a batch; return the results, of any batch, that are ready when it is or patience ends.

        Each comes with the value that its future was added with. An empty batch waits for all results; at
        least one is waited for. Raises what a future raises.
        """
        with self._lock:
            self._pending.update(batch)
            awaited = list(batch or self._pending)
        wait(awaited, self._patience_s)
        with self._lock:
            pending = list(self._pending)
        wait(pending, return_when=FIRST_COMPLETED)  # returns at once when one is done already
        with self._lock:
            ready = [future for future in self._pending if future.done()]
            return [(self._pending.pop(future), future.result()) for future in ready]

"""Batches of a re-extraction or a rebuild on the workers of a Dask cluster.

Plain Dask, not its Prefect runner: a task costs 4 ms instead of 0.4 s (docs/explanation/scale.md). Names and
places in the archive travel to a worker, never HTML: it opens store, archive and worker processes itself and
keeps them. A worker that dies costs the batches in its hands, which another repeats. `distributed` is
imported here only, and only with `runner.kind = "dask"` in `cluster.toml`.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from distributed import Client, get_worker

from tasks.errors import WorkersUnavailable
from tasks.sources import read_sources
from tasks.upkeep.rebuild import extract_archived
from tasks.upkeep.reextract import BatchContext, apply_batch, compare_batch
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.cluster.settings import read_cluster
from warehouse.store.connection import Home

R = TypeVar("R")

_CONNECT_S = 10
_AHEAD = 2  # batches under way for each thread of a worker
_RETRIES = 3  # of a batch whose store was locked for too long, say
_STEPS: dict[str, Callable[..., Any]] = {
    "compare_batch": compare_batch,
    "apply_batch": apply_batch,
    "extract_archived": extract_archived,
}
_CLIENT: Any = Client  # the library has no type hints for its methods
_GET_WORKER: Any = get_worker
_OPENING = threading.Lock()


@dataclass(frozen=True, slots=True)
class WorkPlace:
    """What a worker opens: paths that are the same on all machines."""

    home: str
    config: str
    cluster: str


class DaskRunner:
    """Runs batches on Dask workers; a context manager."""

    def __init__(self, address: str, place: WorkPlace) -> None:
        """Connect to a scheduler. Raises WorkersUnavailable when it does not answer or has no worker."""
        try:
            self._client: Any = _CLIENT(address, timeout=_CONNECT_S, set_as_default=False)
        except OSError as error:
            raise WorkersUnavailable(
                f"The Dask scheduler '{address}' does not answer: {error}. "
                "Check runner.address in cluster.toml."
            ) from error
        self._place = place
        if not self._client.nthreads():
            self._client.close()
            raise WorkersUnavailable(
                f"The Dask scheduler '{address}' has no workers. Start some: dask worker."
            )

    def __enter__(self) -> "DaskRunner":
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._client.close()

    def each(
        self, step: Callable[..., R], context: BatchContext, batches: Iterable[tuple[Any, ...]]
    ) -> Iterator[R]:
        """Yield the result of the step for each batch, in their order; some are under way at a time.

        `context` is not used: each worker has its own.
        """
        under_way: deque[Any] = deque()
        for arguments in batches:
            future = self._client.submit(
                _work, self._place, step.__name__, arguments, pure=False, retries=_RETRIES
            )
            under_way.append(future)
            if len(under_way) >= _AHEAD * max(1, sum(self._client.nthreads().values())):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def _work(place: WorkPlace, step_name: str, arguments: tuple[Any, ...]) -> Any:
    """Run a step on a worker."""
    with _OPENING:
        context = _open_context(place)
    return _STEPS[step_name](context, *arguments)


@cache
def _open_context(place: WorkPlace) -> BatchContext:
    """Return what the steps of this process share; it lives as long as the process."""
    home = Home(Path(place.home), read_cluster(Path(place.cluster)))
    n_processes = int(_GET_WORKER().state.nthreads)
    return BatchContext(home, read_sources(Path(place.config)).by_name(), ExtractionPool(n_processes))

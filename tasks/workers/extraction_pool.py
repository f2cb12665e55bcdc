"""Worker processes that extract articles from pages, with limits for each page."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self, TypeVar

from tasks.errors import ErrorClass
from tasks.workers.extract_worker import overtime
from tasks.workers.limits import Failure
from tasks.workers.worker_pool import MEMORY_LIMIT_BYTES, Job, WorkerPool

PAGE_LIMIT_S = 10.0
MAX_TASKS = 80  # chunks per worker process: the caches of lxml and trafilatura grow
CHUNK = 8  # pages per call
_WALL = 3  # wall-clock seconds allowed per second of CPU, for a busy machine
_PRELOAD = ("tasks.workers.extract_worker", "tasks.workers.extract_warm")

J = TypeVar("J")
R = TypeVar("R")


class ExtractionPool:
    """Worker processes that extract articles from pages; use as a context manager.

    A page has `limit_s` seconds of CPU and a worker `memory_bytes` of address space. A page that
    exceeds either, or kills its worker, fails alone: the others of its chunk are parsed again.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        limit_s: float = PAGE_LIMIT_S,
        memory_bytes: int = MEMORY_LIMIT_BYTES,
        max_tasks: int = MAX_TASKS,
    ) -> None:
        self._limit_s = limit_s
        self._pool = WorkerPool(workers, preload=_PRELOAD, max_tasks=max_tasks, memory_bytes=memory_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the workers; pages under way are abandoned."""
        self._pool.close()

    def run(
        self, jobs: Sequence[J], work: Callable[[tuple[J, ...], float], list[R | Failure]]
    ) -> list[R | Failure]:
        """Return each job's result or failure, in the order of the jobs."""
        chunks = [tuple(jobs[start : start + CHUNK]) for start in range(0, len(jobs), CHUNK)]
        calls = [self._submit(chunk, work) for chunk in chunks]
        results: list[R | Failure] = []
        for chunk, call in zip(chunks, calls, strict=True):
            found = call.result()
            results.extend(self._one_by_one(chunk, work) if isinstance(found, Failure) else found)
        return results

    def _submit(self, chunk: tuple[J, ...], work: Callable[..., Any]) -> Job:
        # The worker's own alarm counts CPU time and stops Python code; this limit stops C code as well.
        limit_s = self._limit_s * max(_WALL, len(chunk) / 2)
        return self._pool.submit(work, chunk, self._limit_s, limit_s=limit_s)

    def _one_by_one(self, chunk: tuple[J, ...], work: Callable[..., Any]) -> Iterator[Any]:
        for job in chunk:
            found = self._submit((job,), work).result()
            if isinstance(found, Failure):
                is_late = found.error_class is ErrorClass.TIMEOUT
                yield Failure(ErrorClass.TIMEOUT, overtime(self._limit_s)) if is_late else found
            else:
                yield from found

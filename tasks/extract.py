"""Pages -> articles and rejects, in worker processes. After fetch, before deduplicate.

HTML never travels between processes: a worker reads a page's bytes from the archive itself.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from tasks.errors import ErrorClass
from tasks.workers.extract_worker import (
    OUT_OF_MEMORY,
    Failure,
    Job,
    extract_chunk,
    limit_worker,
    overtime,
    reject_of,
)
from warehouse.records import Article, Page, Reject, Source

PAGE_LIMIT_S = 10.0
MEMORY_LIMIT_BYTES = 2_000_000_000
MAX_TASKS = 80  # chunks that a worker lives for: the caches of lxml and trafilatura grow
CHUNK = 8  # pages that travel together
_WALL = 3  # seconds of waiting for a second of CPU, on a busy machine

J = TypeVar("J")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a batch of pages gave."""

    articles: tuple[Article, ...]
    rejects: tuple[Reject, ...]


class ExtractionPool:
    """Worker processes that read articles out of pages; use as a context manager.

    A page has `limit_s` seconds of CPU and a worker `memory_bytes` of address space; a page that
    exceeds either, or kills its worker, fails alone: the others of its batch are read again.
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
        # Workers come from a clean server process: Prefect's threads must not be copied half-way.
        context = get_context("forkserver")
        context.set_forkserver_preload(["tasks.workers.extract_worker", "tasks.workers.extract_warm"])
        self._pool = ProcessPool(
            max_workers=workers or os.cpu_count() or 1,
            max_tasks=max_tasks,
            initializer=limit_worker,
            initargs=(memory_bytes,),
            context=context,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers; pages under way are given up."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def run(
        self, jobs: Sequence[J], work: Callable[[tuple[J, ...], float], list[R | Failure]]
    ) -> list[R | Failure]:
        """Return each job's result or failure, in the order of the jobs."""
        chunks = [tuple(jobs[start : start + CHUNK]) for start in range(0, len(jobs), CHUNK)]
        futures = [self._submit(chunk, work) for chunk in chunks]
        results: list[R | Failure] = []
        for chunk, future in zip(chunks, futures, strict=True):
            try:
                results.extend(future.result())
            except (FutureTimeout, ProcessExpired, MemoryError):
                results.extend(self._one_by_one(chunk, work))
        return results

    def _submit(self, chunk: tuple[J, ...], work: Callable[..., Any]) -> Future[Any]:
        # The worker's own alarm counts CPU time and ends what Python runs; this ends what it cannot.
        limit_s = self._limit_s * max(_WALL, len(chunk) / 2)
        future: Future[Any] = self._pool.schedule(work, args=(chunk, self._limit_s), timeout=limit_s)
        return future

    def _one_by_one(self, chunk: tuple[J, ...], work: Callable[..., Any]) -> Iterator[Any]:
        for job in chunk:
            try:
                yield from self._submit((job,), work).result()
            except FutureTimeout:
                yield Failure(ErrorClass.TIMEOUT, overtime(self._limit_s))
            except ProcessExpired as error:
                reason = f"The page killed its worker process (exit code {error.exitcode})."
                yield Failure(ErrorClass.WORKER_KILLED, reason)
            except MemoryError:
                yield Failure(ErrorClass.WORKER_KILLED, OUT_OF_MEMORY)


def extract_pages(
    pages: Sequence[Page], sources: Mapping[str, Source], pages_dir: Path, pool: ExtractionPool
) -> Extracted:
    """Turn stored pages into articles; a page that gives none becomes a reject."""
    jobs = [Job(page, _source_of(page, sources), pages_dir) for page in pages]
    articles: list[Article] = []
    rejects: list[Reject] = []
    for job, result in zip(jobs, pool.run(jobs, extract_chunk), strict=True):
        if isinstance(result, Failure):
            rejects.append(reject_of(job, result))
        else:
            articles.append(result)
    return Extracted(tuple(articles), tuple(rejects))


def _source_of(page: Page, sources: Mapping[str, Source]) -> Source:
    name = page.request.source
    return sources.get(name) or Source(name=name, title=name)

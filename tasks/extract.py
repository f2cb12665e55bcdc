"""Pages -> articles and rejects, in worker processes. After fetch, before load.

HTML is never sent between processes: a worker reads a page's bytes from the archive itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from tasks.errors import ErrorClass
from tasks.workers.extract_worker import PageJob, extract_chunk, overtime, reject_of
from tasks.workers.limits import Failure
from tasks.workers.worker_pool import MEMORY_LIMIT_BYTES, Job, WorkerPool
from warehouse.records import Article, Page, Reject, Source

PAGE_LIMIT_S = 10.0
MAX_TASKS = 80  # chunks per worker process: the caches of lxml and trafilatura grow
CHUNK = 8  # pages per call
_WALL = 3  # wall-clock seconds allowed per second of CPU, for a busy machine
_PRELOAD = ("tasks.workers.extract_worker", "tasks.workers.extract_warm")

J = TypeVar("J")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Extracted:
    """The articles and rejects of one batch of pages."""

    articles: tuple[Article, ...]
    rejects: tuple[Reject, ...]


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


def extract_pages(
    pages: Sequence[Page], sources: Mapping[str, Source], pages_dir: Path, pool: ExtractionPool
) -> Extracted:
    """Extract articles from stored pages; a page that is not an article becomes a reject."""
    jobs = [PageJob(page, _source_of(page, sources), pages_dir) for page in pages]
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

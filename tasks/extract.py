"""Pages -> articles and rejects, in worker processes. After fetch, before load.

HTML is never sent between processes: a worker reads a page's bytes from the archive itself.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from tasks.fetch import FetchedPages
from tasks.workers.backlog import PATIENCE_S, Backlog
from tasks.workers.extract_worker import PageJob, extract_chunk, reject_of
from tasks.workers.extraction_pool import ExtractionPool
from tasks.workers.limits import Failure
from warehouse.archive.files import Archive
from warehouse.records.article import Article
from warehouse.records.outcome import Reject
from warehouse.records.page import ArchiveRef, Fetch, Page
from warehouse.records.source import Source

STALL_S = 1.0  # a batch that has results does not wait longer for the next one: the rest are slow pages


@dataclass(frozen=True, slots=True)
class Extracted:
    """The articles and rejects of one batch of pages."""

    articles: tuple[Article, ...]
    rejects: tuple[Reject, ...]


def extract_pages(
    pages: Sequence[Page], sources: Mapping[str, Source], archive: Archive, pool: ExtractionPool
) -> Extracted:
    """Extract articles from stored pages; a page that is not an article becomes a reject."""
    jobs = [PageJob(page, _source_of(page, sources), archive) for page in pages]
    return _extracted(zip(jobs, pool.run(jobs, extract_chunk), strict=True))


@dataclass(frozen=True, slots=True)
class ReadyPages:
    """Pages whose extraction has ended, ready to be loaded."""

    fetched: FetchedPages
    extracted: Extracted


NOTHING_READY = ReadyPages(FetchedPages(), Extracted((), ()))


def joined(parts: Sequence[ReadyPages]) -> ReadyPages:
    """Return the pages of several batches as one."""
    fetched = [part.fetched for part in parts]
    extracted = [part.extracted for part in parts]
    return ReadyPages(
        FetchedPages(
            pages=tuple(page for part in fetched for page in part.pages),
            fetches=tuple(row for part in fetched for row in part.fetches),
            rejects=tuple(reject for part in fetched for reject in part.rejects),
            gone=tuple(request for part in fetched for request in part.gone),
        ),
        Extracted(
            articles=tuple(article for part in extracted for article in part.articles),
            rejects=tuple(reject for part in extracted for reject in part.rejects),
        ),
    )


class PageExtractor:
    """Extracts the pages of a run; a batch does not wait for its slowest page.

    A page may be begun as soon as it is archived, before its batch is complete.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        archive: Archive,
        pool: ExtractionPool,
        patience_s: float = PATIENCE_S,
        stall_s: float = STALL_S,
    ) -> None:
        self._sources = sources
        self._archive = archive
        self._pool = pool
        self._collecting = threading.Lock()
        self._begun: dict[ArchiveRef, tuple[PageJob, Future[Article | Failure]]] = {}
        self._late: Backlog[tuple[PageJob, Fetch | None], Article | Failure] = Backlog(patience_s, stall_s)

    @property
    def n_late(self) -> int:
        """The number of pages that no batch has returned yet."""
        return len(self._late)

    def begin(self, page: Page) -> None:
        """Queue an archived page; the result comes with its batch. Called by the threads that fetch."""
        job = PageJob(page, _source_of(page, self._sources), self._archive)
        (future,) = self._pool.submit([job], extract_chunk)
        self._begun[page.ref] = job, future

    def extract_ready(self, fetched: FetchedPages) -> ReadyPages:
        """Extract a batch of pages; return those that are ready, of earlier batches too.

        Their fetch rows go with them, so that a page whose extraction has not ended is not recorded as
        loaded. An empty batch waits for late ones.
        """
        rows = {row.ref: row for row in fetched.fetches if row.ref is not None}
        for page in fetched.pages:
            if page.ref not in self._begun:
                self.begin(page)
        begun = [self._begun.pop(page.ref) for page in fetched.pages]
        batch = {future: (job, rows.get(job.page.ref)) for job, future in begun}
        with self._collecting:  # batches that wait at the same time would share what is ready, in small loads
            done = self._late.take_late() if fetched == FetchedPages() else self._late.take(batch)
        ready = FetchedPages(
            pages=tuple(job.page for (job, _), _ in done),
            fetches=(
                *(row for row in fetched.fetches if row.ref is None),
                *(row for (_, row), _ in done if row is not None),
            ),
            rejects=fetched.rejects,
            gone=fetched.gone,
        )
        return ReadyPages(ready, _extracted((job, result) for (job, _), result in done))


def _extracted(results: Iterable[tuple[PageJob, Article | Failure]]) -> Extracted:
    articles: list[Article] = []
    rejects: list[Reject] = []
    for job, result in results:
        if isinstance(result, Failure):
            rejects.append(reject_of(job, result))
        else:
            articles.append(result)
    return Extracted(tuple(articles), tuple(rejects))


def _source_of(page: Page, sources: Mapping[str, Source]) -> Source:
    name = page.request.source
    return sources.get(name) or Source(name=name, title=name)

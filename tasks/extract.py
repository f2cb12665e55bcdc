"""Pages -> articles and rejects, in worker processes. After fetch, before load.

HTML is never sent between processes: a worker reads a page's bytes from the archive itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tasks.workers.extract_worker import PageJob, extract_chunk, reject_of
from tasks.workers.extraction_pool import ExtractionPool
from tasks.workers.limits import Failure
from warehouse.records import Article, Page, Reject, Source


@dataclass(frozen=True, slots=True)
class Extracted:
    """The articles and rejects of one batch of pages."""

    articles: tuple[Article, ...]
    rejects: tuple[Reject, ...]


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

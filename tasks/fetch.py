"""Article pages: asked for politely, their bytes stored before anything reads them.

After poll (which found the links), before extract. A page that cannot be fetched becomes a
reject with its reason; one that is gone is told apart, since what was stored of it stays.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from tasks.archive import ArchiveWriter
from tasks.errors import ErrorClass
from tasks.http_client import HttpClient, policy_for
from tasks.http_result import FetchResult
from warehouse.records import Fetch, Page, PageRequest, Reject, Source, Step


@dataclass(frozen=True, slots=True)
class FetchedPages:
    """The outcome of one batch of page requests."""

    pages: tuple[Page, ...] = ()
    fetches: tuple[Fetch, ...] = ()
    rejects: tuple[Reject, ...] = ()
    gone: tuple[PageRequest, ...] = ()  # 404 or 410


def fetch_pages(
    requests: Sequence[PageRequest],
    sources: Mapping[str, Source],
    client: HttpClient,
    archive: ArchiveWriter,
) -> FetchedPages:
    """Fetch pages and store their bytes; each request ends as a page, a reject or gone."""

    def one(request: PageRequest) -> tuple[PageRequest, FetchResult, Page | None]:
        result = client.fetch(request.url, policy_for(sources[request.source]))
        return request, result, archive.write(request, result) if result.is_ok else None

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(one, requests))
    archive.sync()
    return FetchedPages(
        pages=tuple(page for _, _, page in outcomes if page),
        fetches=tuple(_fetch(*outcome) for outcome in outcomes),
        rejects=tuple(_reject(r, result) for r, result, page in outcomes if page is None),
        gone=tuple(
            r for r, result, _ in outcomes if result.error_class in {ErrorClass.GONE, ErrorClass.NOT_FOUND}
        ),
    )


def fetch_row(page: Page) -> Fetch:
    """Return the record of the request that gave an archived page."""
    request = page.request
    return Fetch(
        source=request.source,
        url=request.url,
        url_key=request.url_key,
        feed_url=request.feed_url,
        final_url=page.final_url,
        started_at=page.fetched_at,
        duration_ms=page.duration_ms,
        status=page.status,
        outcome=ErrorClass.OK.value,
        reason=request.reason.value,
        n_bytes=page.n_bytes,
        body_sha256=page.body_sha256,
        ref=page.ref,
    )


def _fetch(request: PageRequest, result: FetchResult, page: Page | None) -> Fetch:
    return Fetch(
        source=request.source,
        url=request.url,
        url_key=request.url_key,
        feed_url=request.feed_url,
        final_url=result.final_url,
        started_at=result.started_at,
        duration_ms=result.duration_ms,
        status=result.status,
        outcome=result.error_class.value,
        reason=request.reason.value,
        n_bytes=result.n_bytes,
        body_sha256=page.body_sha256 if page else None,
        ref=page.ref if page else None,
    )


def _reject(request: PageRequest, result: FetchResult) -> Reject:
    return Reject(
        source=request.source,
        step=Step.FETCH,
        error_class=result.error_class.value,
        reason=result.reason,
        url=request.url,
        url_key=request.url_key,
        feed_url=request.feed_url,
        at=datetime.now(UTC),
    )

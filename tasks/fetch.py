"""Article pages: fetched within the rate limit, their bytes archived before anything parses them.

After poll (which found the links), before extract. A page that cannot be fetched becomes a reject with
its reason; one that is gone (404, 410) is recorded as such, and what was stored of it stays. A stored
page that has not changed is neither archived nor extracted again.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tasks.archive.writer import ArchiveWriter
from tasks.domain.articles.entry_text import FEED_PAGE_TYPE, feed_page, prefers_feed, stands_in
from tasks.errors import ErrorClass
from tasks.http_client.client import HttpClient, policy_for
from tasks.http_client.health import FetchHealth, Skipped
from tasks.http_client.host_time import HostTime
from tasks.http_client.result import FetchPolicy, FetchResult, Validators
from tasks.http_client.retry import next_try_at
from tasks.http_client.target import host_key_of
from tasks.workers.backlog import PATIENCE_S, Backlog
from warehouse.records.outcome import Reject, Step
from warehouse.records.page import Fetch, FetchReason, KnownPage, Page, PageRequest
from warehouse.records.source import Source

log = logging.getLogger("wirehouse")

_GONE = frozenset({ErrorClass.NOT_FOUND, ErrorClass.GONE})
_STORED = frozenset({FetchReason.UPDATED, FetchReason.RECHECK})  # fetched again because it is stored


@dataclass(frozen=True, slots=True)
class FetchedPages:
    """The outcome of one batch of page requests."""

    pages: tuple[Page, ...] = ()
    fetches: tuple[Fetch, ...] = ()
    rejects: tuple[Reject, ...] = ()
    gone: tuple[PageRequest, ...] = ()  # 404 or 410


@dataclass(frozen=True, slots=True)
class _Outcome:
    request: PageRequest
    result: FetchResult  # without its bytes
    page: Page | None
    was_asked: bool = True
    entry_fetch: Fetch | None = None  # set when the feed's text stands in for the page
    is_left: bool = False  # for the next run: nothing is recorded


def archived_pages(pages: Sequence[Page], rejects: Sequence[Reject] = ()) -> FetchedPages:
    """Return pages from the archive as if they had just been fetched."""
    return FetchedPages(tuple(pages), tuple(fetch_row(page) for page in pages), tuple(rejects))


def fetch_row(page: Page) -> Fetch:
    """Return the row of the request that fetched an archived page."""
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
        etag=page.etag,
        last_modified=page.last_modified,
    )


class PageFetcher:
    """Fetches the pages of a run; remembers the hosts and sources that fail.

    With a `host_time`, the pages of a host that has used it up stay pending. `on_archived` is called with
    each page, in the thread that fetched it, as soon as it can be read from the archive; `on_left` with each
    that stays pending.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        client: HttpClient,
        archive: ArchiveWriter,
        patience_s: float = PATIENCE_S,
        host_time: HostTime | None = None,
        on_archived: Callable[[Page], None] | None = None,
        on_left: Callable[[PageRequest], None] | None = None,
    ) -> None:
        self._sources = sources
        self._client = client
        self._archive = archive
        self._health = FetchHealth()
        self._host_time = host_time
        self._on_archived = on_archived
        self._on_left = on_left
        self._late: Backlog[None, _Outcome] = Backlog(patience_s)

    @property
    def n_late(self) -> int:
        """The number of requests that no batch has returned yet."""
        return len(self._late)

    def fetch_all(self, requests: Sequence[PageRequest]) -> FetchedPages:
        """Fetch a batch and wait for all of it, the archive flushed to disk. Raises DiskFull or OSError."""
        futures = [self._queue(request) for request in requests]
        outcomes = [future.result() for future in futures]
        self._archive.sync()
        return _fetched(outcomes)

    def fetch_ready(self, requests: Sequence[PageRequest]) -> FetchedPages:
        """Fetch a batch; return the requests that have ended, of earlier batches too.

        A batch without requests waits for a late one. The archive is flushed to disk. Raises DiskFull or
        OSError.
        """
        if requests:
            outcomes = self._late.take({self._queue(request): None for request in requests})
        else:
            outcomes = self._late.take_next()
        self._archive.sync()
        return _fetched([outcome for _, outcome in outcomes if not outcome.is_left])

    def _queue(self, request: PageRequest) -> "Future[_Outcome]":
        """Add one request to the queue of its host."""
        source = self._sources.get(request.source) or Source(request.source, request.source)
        policy = policy_for(source)
        if prefers_feed(request.entry, source):
            taken: Future[_Outcome] = Future()
            taken.set_result(self._take_entry(request))
            return taken
        return self._client.queue(request.url, policy, lambda: self._archived(self._fetch(request, policy)))

    def _archived(self, outcome: _Outcome) -> _Outcome:
        if outcome.page is not None and self._on_archived is not None:
            self._on_archived(outcome.page)
        return outcome

    def _fetch(self, request: PageRequest, policy: FetchPolicy) -> _Outcome:
        """Fetch and archive in one thread, so that bodies do not accumulate in memory."""
        host = host_key_of(request.url)
        if self._host_time is not None and not self._host_time.has_left(host):
            if self._on_left is not None:
                self._on_left(request)
            return _left(request)
        skipped = self._health.why_skip(request.source, host, time.monotonic())
        if skipped is not None:
            failure = _not_requested(request, skipped)
            if stands_in(request.entry, failure.error_class):
                return self._take_entry(request)
            return _Outcome(request, failure, None, was_asked=False)
        result = self._client.fetch(request.url, policy, validators=_validators(request))
        self._health.record(request.source, host, result, time.monotonic())
        self._note_time(request, host, self._client.gap_s(request.url, policy), result)
        if _is_as_known(request, result):
            result = replace(result, error_class=ErrorClass.NOT_MODIFIED)
        if stands_in(request.entry, result.error_class):
            return self._take_entry(request, replace(result, body=b"", wire_body=b""))
        page = self._archive.write(request, result) if result.is_ok else None
        return _Outcome(request, replace(result, body=b"", wire_body=b""), page)

    def _note_time(self, request: PageRequest, host: str, gap_s: float, result: FetchResult) -> None:
        if self._host_time is None:
            return
        if self._host_time.add(host, gap_s=gap_s, duration_s=result.duration_ms / 1000):
            log.info(
                "Host '%s' of '%s' has kept this run busy for %.0f s; its other pages wait for the next run",
                *(host, request.source, self._host_time.limit_s),
            )

    def _take_entry(self, request: PageRequest, failure: FetchResult | None = None) -> _Outcome:
        """Archive the text of the feed's entry, unless it is stored; `failure` is that of the page."""
        now, body = datetime.now(UTC), feed_page(request.entry)
        of_entry = replace(request, reason=FetchReason.FEED)
        result = failure or FetchResult(request.url, request.url, ErrorClass.OK, "", now)
        sha256 = hashlib.sha256(body).hexdigest()
        if request.known is not None and request.known.body_sha256 == sha256:
            return _Outcome(
                request, result, None, failure is not None, _unchanged_entry(of_entry, sha256, now)
            )
        page = self._archive.write_imported(of_entry, body, at=now, content_type=FEED_PAGE_TYPE)
        return _Outcome(request, result, page, failure is not None, fetch_row(page))


def _validators(request: PageRequest) -> Validators | None:
    """Return the validators to send; a page that its feed reports as changed is fetched in full."""
    known = request.known
    if known is None or request.reason is not FetchReason.RECHECK:
        return None
    return Validators(known.etag, known.last_modified)


def _is_as_known(request: PageRequest, result: FetchResult) -> bool:
    """Say whether the response is the stored page, byte for byte."""
    if not result.is_ok or request.known is None or request.known.body_sha256 is None:
        return False
    return hashlib.sha256(result.body).hexdigest() == request.known.body_sha256


def _unchanged_entry(request: PageRequest, sha256: str, now: datetime) -> Fetch:
    """Return the row of an entry whose text is stored already."""
    return Fetch(
        source=request.source,
        url=request.url,
        url_key=request.url_key,
        feed_url=request.feed_url,
        final_url=request.url,
        started_at=now,
        duration_ms=0,
        status=None,
        outcome=ErrorClass.NOT_MODIFIED.value,
        reason=request.reason.value,
        n_bytes=0,
        body_sha256=sha256,
    )


def _left(request: PageRequest) -> _Outcome:
    result = FetchResult(request.url, request.url, ErrorClass.TIMEOUT, "", datetime.now(UTC))
    return _Outcome(request, result, None, was_asked=False, is_left=True)


def _not_requested(request: PageRequest, skipped: Skipped) -> FetchResult:
    reason = f"Not requested, because {skipped.reason}"
    last, now = skipped.last, datetime.now(UTC)
    return replace(last, url=request.url, final_url=request.url, reason=reason, started_at=now)


def _fetched(outcomes: Sequence[_Outcome]) -> FetchedPages:
    now = datetime.now(UTC)
    return FetchedPages(
        pages=tuple(outcome.page for outcome in outcomes if outcome.page),
        fetches=tuple(row for outcome in outcomes for row in _rows(outcome)),
        rejects=tuple(_reject(outcome, now) for outcome in outcomes if _is_reject(outcome)),
        gone=tuple(outcome.request for outcome in outcomes if outcome.result.error_class in _GONE),
    )


def _rows(outcome: _Outcome) -> Iterator[Fetch]:
    """Yield the rows of a request and of the text that stands in for its page."""
    if outcome.was_asked:
        yield _fetch(outcome)
    if outcome.entry_fetch is not None:
        yield outcome.entry_fetch


def _is_reject(outcome: _Outcome) -> bool:
    """Say whether a request becomes a reject; a stored page that is gone does not."""
    is_gone = outcome.result.error_class in _GONE and outcome.request.reason in _STORED
    is_replaced = outcome.page is not None or outcome.entry_fetch is not None
    return not (is_replaced or is_gone or outcome.result.is_not_modified)


def _fetch(outcome: _Outcome) -> Fetch:
    request, result = outcome.request, outcome.result
    if outcome.page and outcome.entry_fetch is None:
        return fetch_row(outcome.page)
    known = _confirmed(outcome)
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
        body_sha256=known.body_sha256,
        etag=known.etag,
        last_modified=known.last_modified,
    )


def _confirmed(outcome: _Outcome) -> KnownPage:
    """Return the validators of the next recheck; a 304 may bring newer ones (RFC 9111 §4.3.4)."""
    known, sent = outcome.request.known, outcome.result.validators
    if known is None or not outcome.result.is_not_modified:
        return KnownPage()
    return KnownPage(sent.etag or known.etag, sent.last_modified or known.last_modified, known.body_sha256)


def _reject(outcome: _Outcome, now: datetime) -> Reject:
    request, result = outcome.request, outcome.result
    return Reject(
        source=request.source,
        step=Step.FETCH,
        error_class=result.error_class.value,
        reason=result.reason,
        url=request.url,
        url_key=request.url_key,
        feed_url=request.feed_url,
        at=now,
        next_try_at=next_try_at(result, request.n_attempts, now),
    )

"""One backfill: which pages of the past to fetch, within a range of days and a budget.

Replaces poll. Nothing needs to be stored between two runs: a page that is stored, archived or rejected
for good is skipped, so that a killed backfill resumes where it stopped.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from filelock import FileLock, Timeout

from tasks.archive.reader import read_page
from tasks.archive.writer import ArchiveWriter
from tasks.backfill.account import RangeAccount
from tasks.backfill.files import capture_files, read_urls
from tasks.backfill.indexes import find_ways, read_indexes
from tasks.backfill.walk import Days, Index, Walk, Way
from tasks.captures.store import CaptureBatch, CaptureFiles
from tasks.errors import UsageError
from tasks.extract import Extracted
from tasks.fetch import FetchedPages
from tasks.http_client.client import HttpClient
from tasks.priority import wait_for_scheduled_runs
from tasks.workers.feed_parser import FeedParser
from warehouse.pages.past import (
    find_backfilled_since,
    find_done_keys,
    find_page_outcomes,
    find_unstored_pages,
)
from warehouse.records.article import Article
from warehouse.records.outcome import Reject
from warehouse.records.page import FetchReason, PageRequest
from warehouse.records.source import Source
from warehouse.rejects import has_open_polls, resolve_indexes
from warehouse.store.claims import Claimed, Claims
from warehouse.store.connection import Home, read_store, write
from warehouse.store.progress import report_progress

PAGES_PER_BATCH = 50  # small, so that scheduled runs get their turn at the host and the store

log = logging.getLogger("wirehouse.backfill")


@dataclass(slots=True)
class Progress:
    """The progress of a backfill; pages of indexes not read yet are not counted."""

    n_named: int = 0  # pages to fetch, named by the indexes read so far
    n_done: int = 0
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def sentence(self, now: datetime) -> str:
        """Return the progress, with the minutes left for the pages named so far."""
        n_left = max(0, self.n_named - self.n_done)
        seconds_each = (now - self.started_at).total_seconds() / max(1, self.n_done)
        minutes = n_left * seconds_each / 60
        return f"{self.n_done} of {self.n_named} pages named so far are done, about {minutes:.0f} min left"


@dataclass(frozen=True, slots=True)
class Past:
    """What one backfill reads, lazily."""

    home: Home
    source: Source
    days: Days
    walk: Walk
    ways: tuple[Way, ...]
    captures: CaptureFiles  # instead of indexes and the network
    budget: int | None = None  # pages a day
    urls_file: Path | None = None  # instead of indexes
    claims: Claims | None = None  # of the run; None when nothing will be fetched
    progress: Progress = field(default_factory=Progress)
    rejects: list[Reject] = field(default_factory=list)  # of indexes that could not be read
    read_urls: list[str] = field(default_factory=list)  # of indexes that could be read
    indexes_read: Counter[Way] = field(default_factory=Counter)
    named: set[str] = field(default_factory=set)  # URL keys of pages that may be in the range

    def archived(self) -> Iterator[FetchedPages]:
        """Yield the pages that an earlier backfill archived and left out, being outside its range."""
        with read_store(self.home, owner=f"backfill of {self.source.name}") as con:
            refs = iter(find_unstored_pages(con, self.source.name))
        while batch := tuple(islice(refs, PAGES_PER_BATCH)):
            pages = tuple(read_page(self.home.archive, ref).page(ref) for ref in batch)
            yield FetchedPages(pages=pages)

    def indexes(self) -> Iterator[Index]:
        """Yield index pages with the requests still to be made."""
        for index in self._read_indexes():
            self.indexes_read[index.way] += 1
            self.named.update(request.url_key for request in index.requests)
            with read_store(self.home, owner=f"backfill of {self.source.name}") as con:
                done = find_done_keys(con, [r.url_key for r in index.requests], datetime.now(UTC))
            remaining = tuple(request for request in index.requests if request.url_key not in done)
            self.progress.n_named += len(remaining)
            log.info(
                "%s: %s names %d pages, %d in the range, %d to fetch",
                index.way, index.url, index.n_entries, len(index.requests), len(remaining),
            )  # fmt: skip
            if index.reject is not None:
                self.rejects.append(index.reject)
                log.warning("%s: %s could not be read: %s", index.way, index.url, index.reject.reason)
            else:
                self.read_urls.append(index.url)
            yield replace(index, requests=remaining)

    def _read_indexes(self) -> Iterator[Index]:
        if self.urls_file is not None:
            yield read_urls(self.urls_file, self.source)
        elif not self.captures.paths:
            yield from read_indexes(self.walk, self.ways)

    def from_files(self, archive: ArchiveWriter) -> Iterator[CaptureBatch]:
        """Yield the pages of WARC files that the warehouse lacks, written to our own archive."""
        return self.captures.batches(self.home, archive)

    def unread_indexes(self) -> FetchedPages:
        """Return the rejects of the indexes that could not be read; call it after `batches`."""
        return FetchedPages(rejects=tuple(self.rejects))

    def account(self) -> RangeAccount | None:
        """Return how complete the range is; call it after the last load. None for WARC files."""
        if self.captures.paths:
            return None
        with read_store(self.home, owner=f"backfill of {self.source.name}") as con:
            outcomes = find_page_outcomes(con, self.named, self.days.since, self.days.until)
        is_used_up = self.budget is not None and self._left_today() == 0
        return RangeAccount(
            self.days.since.isoformat(),
            self.days.until.isoformat(),
            self.indexes_read.total(),
            len(self.rejects),
            self.walk.n_stale_sitemaps,
            len(self.named),
            outcomes,
            self.budget if is_used_up else None,
        )

    def resolve_indexes(self) -> None:
        """Resolve the rejects of indexes that failed in an earlier run and were read in this one."""
        owner, source = f"backfill of {self.source.name}", self.source.name
        with read_store(self.home, owner=owner) as con:
            is_any_open = has_open_polls(con, source, self.read_urls)
        if is_any_open:
            now = datetime.now(UTC)
            write(self.home, lambda con: resolve_indexes(con, source, self.read_urls, now), owner=owner)

    def batches(self) -> Iterator[Sequence[PageRequest]]:
        """Yield the pages to fetch, in batches, until the indexes or the day's budget is exhausted."""
        requests = (request for index in self.indexes() for request in index.requests)
        allowed = islice(requests, self._left_today()) if self.budget is not None else requests
        while batch := list(islice(allowed, PAGES_PER_BATCH)):
            waited_s = wait_for_scheduled_runs(self.home)
            if waited_s:
                log.info("Waited %.0f s for a scheduled run to finish", waited_s)
            if own := self._claimed(batch):
                yield own

    def _claimed(self, batch: Sequence[PageRequest]) -> list[PageRequest]:
        """Return the pages of a batch that no other run fetches or has stored meanwhile, claimed."""
        if self.claims is None:
            return list(batch)
        with read_store(self.home, owner=f"backfill of {self.source.name}") as con:
            claimed = self.claims.find_others(Claimed.PAGES)
            done = find_done_keys(con, [request.url_key for request in batch], datetime.now(UTC))
            own = [request for request in batch if request.url_key not in claimed | done]
            self.claims.add(Claimed.PAGES, (request.url_key for request in own))
        self.progress.n_done += len(batch) - len(own)
        return own

    def note_done(self, batch: Sequence[PageRequest], n_pages: int) -> None:
        """Count the loaded pages of a batch and log the progress."""
        if self.claims is not None:
            self.claims.drop(Claimed.PAGES, (request.url_key for request in batch))
        self.progress.n_done += n_pages
        n_done, n_named = self.progress.n_done, self.progress.n_named
        report_progress("pages listed so far", n_done, max(n_done, n_named))
        sentence = self.progress.sentence(datetime.now(UTC))
        counts = {"n_done": n_done, "n_named": n_named}
        log.info("Backfill of %s: %s", self.source.name, sentence, extra=counts)

    def within(self, fetched: FetchedPages, extracted: Extracted) -> Extracted:
        """Return the articles whose own dates are in the range; the others stay in the archive only."""
        days = [_day(article) for article in extracted.articles]
        named_by = {page.request.url_key: page.request.feed_url for page in fetched.pages}
        self.walk.note_articles([named_by.get(article.url_key) for article in extracted.articles], days)
        kept = tuple(
            article for article, day in zip(extracted.articles, days, strict=True) if self.days.holds(day)
        )
        return replace(extracted, articles=kept)

    def within_own(self, fetched: FetchedPages, extracted: Extracted) -> Extracted:
        """Return what a killed run left behind, without the articles outside the range.

        That run may have been this backfill; pages of other runs and sources have no range.
        """
        own = {
            page.ref
            for page in fetched.pages
            if page.request.source == self.source.name and page.request.reason is FetchReason.BACKFILL
        }
        kept = tuple(
            article
            for article in extracted.articles
            if article.ref not in own or self.days.holds(_day(article))
        )
        return replace(extracted, articles=kept)

    def _left_today(self) -> int:
        midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        with read_store(self.home, owner=f"backfill of {self.source.name}") as con:
            n_today = find_backfilled_since(con, self.source.name, midnight)
        return max(0, (self.budget or 0) - n_today)


def parse_days(since: str, until: str, source: Source) -> Days:
    """Return the range of days in the source's zone. Raises UsageError."""
    first, last = _parse_day(since, "since"), _parse_day(until, "until")
    if first > last:
        raise UsageError(f"--since: '{since}' is after --until '{until}'")
    return Days(first, last, source.timezone)


@contextmanager
def open_past(
    home: Home,
    client: HttpClient,
    parser: FeedParser,
    source: Source,
    days: Days,
    via: str | None = None,
    budget: int | None = None,
    urls_file: Path | None = None,
    warc_files: tuple[Path, ...] = (),
    claims: Claims | None = None,
) -> Iterator[Past]:
    """Open a backfill of one source; only one backfill of a source runs at a time.

    Raises UsageError.
    """
    ways = find_ways(source, via)
    folder = home.state_file.parent
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"backfill-{source.name}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UsageError(
            f"A backfill of '{source.name}' is already running; wait for it or stop it."
        ) from error
    try:
        walk = Walk(source, days, client, parser)
        captures = capture_files(warc_files, source, days)
        yield Past(home, source, days, walk, ways, captures, budget, urls_file, claims=claims)
    finally:
        lock.release()


def _parse_day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"--{name}: '{text}' is not a date (expected YYYY-MM-DD)") from error


def _day(article: Article) -> date | None:
    return article.published.on if article.published else None

"""Reads the index pages of one source's past, and selects the requests of a range of days.

Used by `tasks.backfill.indexes`, which chooses the pages to read.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from urllib.parse import urldefrag, urljoin
from zoneinfo import ZoneInfo

from tasks.backfill.plan import PageSeen, is_stale
from tasks.domain.dates.context import DateContext
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, FeedFormatError, ItemError
from tasks.http_client.client import HttpClient
from tasks.http_client.result import Document, policy_for
from tasks.http_client.robots_groups import sitemap_lines
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from warehouse.records.feed import FeedEntry, ParsedFeed
from warehouse.records.outcome import Reject, Step
from warehouse.records.page import FetchReason, PageRequest
from warehouse.records.source import Feed, FeedKind, Source

ENOUGH_OLDER = 10  # articles older than the range that end a chain of index pages

log = logging.getLogger("wirehouse.backfill")


class Way(StrEnum):
    """How a source's past can be reached, in the order of trying."""

    ARCHIVE = "archive"  # pages already in our archive
    SITEMAP = "sitemap"
    RFC5005 = "rfc5005"
    DATED = "dated"
    PAGED = "paged"
    URLS = "urls"  # a file of URLs, instead of an index


@dataclass(frozen=True, slots=True)
class Days:
    """A range of days, both inclusive, in a source's time zone."""

    since: date
    until: date
    zone: str | None = None

    def holds(self, day: date | None) -> bool:
        """Say whether a day is in the range; an unknown day may be."""
        return day is None or self.since <= day <= self.until

    def day_of(self, at: datetime | None) -> date | None:
        """Return the day of an instant in the source's time zone."""
        return None if at is None else at.astimezone(ZoneInfo(self.zone) if self.zone else UTC).date()


@dataclass(frozen=True, slots=True)
class Index:
    """One index page: the requests that may be in the range, or why it could not be read."""

    way: Way
    url: str
    n_entries: int = 0  # on the page
    requests: tuple[PageRequest, ...] = ()
    keys: frozenset[str] = frozenset()  # of all its entries
    reject: Reject | None = None
    sitemaps: tuple[str, ...] = ()  # of a robots.txt


@dataclass(slots=True)
class Walk:
    """Reads a source's index pages one after another; each article is named once."""

    source: Source
    days: Days
    client: HttpClient
    parser: FeedParser
    seen: set[str] = field(default_factory=set)  # URL keys named so far
    visited: set[str] = field(default_factory=set)  # sitemaps
    unlinked: dict[str, PageSeen] = field(default_factory=dict)  # first pages that link no next page, by URL
    chain: set[str] = field(default_factory=set)  # index pages of the chain that is being followed
    is_past_range: bool = False  # set when extraction finds only older articles in the chain
    n_stale_sitemaps: int = 0  # not read, as they last changed before the range
    notes: list[str] = field(default_factory=list)  # what the indexes may not have named, and why

    def begin_chain(self) -> None:
        """Begin a chain of index pages: how far back another one went says nothing of it."""
        self.chain, self.is_past_range = set(), False

    def note(self, sentence: str) -> None:
        """Log and keep a reason why pages of the range may be missing."""
        log.warning("%s", sentence)
        self.notes.append(sentence)

    def note_articles(self, index_urls: Iterable[str | None], days: Sequence[date | None]) -> None:
        """Note the days of a batch's articles, and the index pages that named them.

        A chain ends when enough of them were named by it and all are older than the range. Batches of an
        earlier chain may still be under way.
        """
        own = [day for url, day in zip(index_urls, days, strict=True) if url in self.chain]
        if len(own) >= ENOUGH_OLDER and all(day is not None and day < self.days.since for day in own):
            self.is_past_range = True

    def read(
        self, way: Way, url: str, feed: Feed | None = None, *, below: str | None = None
    ) -> tuple[Index, ParsedFeed | None]:
        """Return one index page and its document; a failure is an index with a reject.

        `below` keeps only the links under that URL.
        """
        self.visited.add(url)
        self.chain.add(url)
        document = Document.SITEMAP if way is Way.SITEMAP else Document.FEED
        result = self.client.fetch(url, policy_for(self.source), document=document)
        if not result.is_ok:
            return Index(way, url, reject=self._reject(url, result.error_class, result.reason)), None
        job = FeedJob(
            result.body,
            result.final_url,
            DateContext.of_source(self.source, result.started_at),
            result.content_type,
            feed.kind if feed else FeedKind.AUTO,
            feed.listing if feed else None,
        )
        parsed = self.parser.parse(job)
        if isinstance(parsed, FeedFormatError):
            return Index(way, url, reject=self._reject(url, parsed.error_class, parsed.reason)), None
        if below is not None:
            parsed = replace(parsed, entries=tuple(e for e in parsed.entries if _lies_below(e.url, below)))
        keys = frozenset(key for entry in parsed.entries if (key := _key(entry)))
        return Index(way, url, len(parsed.entries), self._requests(url, parsed), keys), parsed

    def read_robots(self, way: Way) -> Index:
        """Return the sitemaps in the site's robots.txt (sitemaps.org, "Informing search engine crawlers").

        A site without a robots.txt has none; one that cannot be asked for it is an index with a reject.
        """
        url = urljoin(self.source.homepage or "", "/robots.txt")
        result = self.client.fetch(url, policy_for(self.source), document=Document.ROBOTS)
        if result.is_ok:
            return Index(way, url, sitemaps=tuple(sitemap_lines(result.body, result.final_url)))
        if result.status is not None and 400 <= result.status < 500:
            return Index(way, url)
        return Index(way, url, reject=self._reject(url, result.error_class, result.reason))

    def _requests(self, index_url: str, parsed: ParsedFeed) -> tuple[PageRequest, ...]:
        requests = []
        for entry in parsed.entries:
            key = _key(entry)
            if key is None or key in self.seen:
                continue
            self.seen.add(key)
            if self._may_be_in_range(entry):
                requests.append(
                    PageRequest(self.source.name, entry.url, key, entry, index_url, FetchReason.BACKFILL)
                )
        return tuple(requests)

    def _may_be_in_range(self, entry: FeedEntry) -> bool:
        if entry.published_at is not None:
            return self.days.holds(self.days.day_of(entry.published_at))
        # An article is not published after its last change.
        return not is_stale(entry.updated_at, self.days.since)

    def _reject(self, url: str, error_class: ErrorClass, reason: str) -> Reject:
        return Reject(
            self.source.name, Step.POLL, error_class.value, reason, url, feed_url=url, at=datetime.now(UTC)
        )


def _key(entry: FeedEntry) -> str | None:
    try:
        return url_key(entry.url)
    except ItemError:
        return None


def _lies_below(url: str, folder: str) -> bool:
    return url.startswith(folder) and urldefrag(url).url.rstrip("/") != folder.rstrip("/")

"""Documents behind a document: the feed that a home page names, the newest parts of a sitemap index.

Part of polling. One step, never further: what a followed document names is not followed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tasks.errors import ErrorClass, FeedFormatError
from tasks.http_client.client import HttpClient, policy_for
from tasks.http_client.result import Document, FetchResult, Validators
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from warehouse.records import Feed, FeedKind, ParsedFeed, Source

MAX_PARTS = 4  # of a sitemap index, newest first: what is older is for a backfill


@dataclass(frozen=True, slots=True)
class Reading:
    """A feed's documents, fetched and read, or why there is none."""

    result: FetchResult  # of the first document, without its bytes
    parsed: ParsedFeed | None
    error_class: ErrorClass
    reason: str = ""  # the sentence of a failure
    found_url: str | None = None  # the feed that a home page named
    is_covered: bool = True  # a 304 of the first document means that nothing is new behind it either


@dataclass(frozen=True, slots=True)
class FeedReader:
    """Fetches and reads feed documents for one poll."""

    client: HttpClient
    parser: FeedParser
    now: datetime

    def read(self, url: str, feed: Feed, source: Source, validators: Validators | None) -> Reading:
        """Fetch and read a feed, and what it stands for when it is a home page or an index."""
        reading = self._read_one(url, feed, source, validators)
        parsed = reading.parsed
        if parsed is None or parsed.entries or not parsed.feed_urls:
            return replace(reading, is_covered=True)
        if parsed.kind is FeedKind.SITEMAP:
            return self._read_parts(reading, parsed, source)
        # A listing that has rules and shows nothing is broken, not a hint to look elsewhere.
        return self._read_named(reading, parsed, source) if feed.kind is FeedKind.AUTO else reading

    def _read_one(self, url: str, feed: Feed, source: Source, validators: Validators | None) -> Reading:
        is_sitemap = feed.kind is FeedKind.SITEMAP or "sitemap" in url.lower()
        document = Document.SITEMAP if is_sitemap else Document.FEED
        result = self.client.fetch(url, policy_for(source), validators=validators, document=document)
        bare = replace(result, body=b"", wire_body=b"")
        if not result.is_ok:
            return Reading(bare, None, result.error_class, result.reason)
        parsed = self.parser.parse(self._job(result, feed, source))
        if isinstance(parsed, FeedFormatError):
            return Reading(bare, None, parsed.error_class, parsed.reason)
        # An index changes with its parts when it says when they changed.
        is_covered = parsed.kind is not FeedKind.SITEMAP or b"lastmod" in result.body
        return Reading(bare, parsed, ErrorClass.OK, is_covered=is_covered)

    def _job(self, result: FetchResult, feed: Feed, source: Source) -> FeedJob:
        return FeedJob(
            result.body,
            result.final_url,
            self.now,
            result.content_type,
            feed.kind,
            feed.listing,
            source.timezone,
            source.date_order,
            source.language,
        )

    def _read_named(self, home: Reading, page: ParsedFeed, source: Source) -> Reading:
        url = page.feed_urls[0]
        named = self._read_one(url, Feed(url), source, None)
        if named.parsed is None or not named.parsed.entries:
            reason = f"The page is no feed; the feed that it names, {url}, gives none: {named.reason}"
            return Reading(home.result, None, ErrorClass.NOT_A_FEED, reason)
        return replace(named, result=home.result, found_url=named.result.final_url, is_covered=False)

    def _read_parts(self, index: Reading, parsed: ParsedFeed, source: Source) -> Reading:
        urls = newest_parts(parsed.feed_urls)
        parts = [self._read_one(url, Feed(url, FeedKind.SITEMAP), source, None) for url in urls]
        entries = tuple(entry for part in parts if part.parsed for entry in part.parsed.entries)
        failed = tuple(f"{part.result.url}: {part.reason}" for part in parts if part.parsed is None)
        if failed and len(failed) == len(parts):
            return Reading(index.result, None, parts[0].error_class, failed[0])
        whole = replace(parsed, entries=entries, problems=parsed.problems + failed)
        return replace(index, parsed=whole)


def newest_parts(urls: Sequence[str]) -> list[str]:
    """Return the parts of a sitemap index that are likely to hold news, newest first.

    By name, since an index's lastmod is often the time of its making: a news part first, then
    the highest numbers (sitemap-2026-11.xml, post-sitemap12.xml).
    """

    def rank(url: str) -> tuple[bool, list[int]]:
        numbers = [int(n[:18]) for n in re.findall(r"[0-9]+", url)]
        return "news" in url.rpartition("/")[2].lower(), numbers

    return sorted(urls, key=rank, reverse=True)[:MAX_PARTS]

"""One poll of a feed: its document fetched and read, with the documents that it stands for.

Between `tasks.poll`, which decides and stores, and the worker processes that parse. A home page stands for
the feed that it names, a sitemap index for its newest parts. One step, never further: the documents that a
followed document names are not followed.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tasks.domain.dates.context import DateContext
from tasks.domain.feeds.freshness import freshness_s, permanent_target
from tasks.domain.feeds.older import OlderPage
from tasks.domain.feeds.polling import FeedAnswer, FeedPoll, needs_unconditional, poll_url
from tasks.errors import ErrorClass, FeedFormatError
from tasks.http_client.client import HttpClient, policy_for
from tasks.http_client.result import Document, FetchResult, Validators
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_worker import FeedJob
from warehouse.records.feed import ParsedFeed
from warehouse.records.page import Fetch
from warehouse.records.source import Feed, FeedKind, Source

MAX_PARTS = 4  # of a sitemap index, newest first: older ones are left to a backfill


@dataclass(frozen=True, slots=True)
class FeedReader:
    """Fetches and reads feed documents for one round of polls."""

    client: HttpClient
    parser: FeedParser
    now: datetime

    def read(self, poll: FeedPoll) -> FeedAnswer:
        """Return a feed's answer; it is asked without validators once a day."""
        state, feed, source = poll.state, poll.feed, poll.source
        validators = None
        if state is not None and not needs_unconditional(state, self.now):
            validators = Validators(state.etag, state.last_modified)
        answer = self._read_one(poll_url(state, feed), feed, source, validators)
        parsed = answer.parsed
        if parsed is None or parsed.entries or not parsed.feed_urls:
            return answer
        if parsed.kind is FeedKind.SITEMAP:
            return self._with_parts(answer, parsed, source)
        # A listing that has rules and shows nothing is broken; its feeds are not looked for.
        return self._with_named_feed(answer, parsed, source) if feed.kind is FeedKind.AUTO else answer

    def read_older(self, poll: FeedPoll, page: OlderPage) -> FeedAnswer:
        """Return the answer of an older page of a feed; of a sitemap index that of its newest parts."""
        if page.is_sitemap:
            sitemap = self._read_one(page.url, Feed(page.url, FeedKind.SITEMAP), poll.source, None)
            parsed = sitemap.parsed
            is_index = parsed is not None and not parsed.entries and bool(parsed.feed_urls)
            return self._with_parts(sitemap, parsed, poll.source) if parsed and is_index else sitemap
        listing = poll.feed.listing or next((f.listing for f in poll.source.feeds if f.listing), None)
        return self._read_one(page.url, Feed(page.url, listing=listing), poll.source, None)

    def _read_one(self, url: str, feed: Feed, source: Source, validators: Validators | None) -> FeedAnswer:
        is_sitemap = feed.kind is FeedKind.SITEMAP or "sitemap" in url.lower()
        document = Document.SITEMAP if is_sitemap else Document.FEED
        result = self.client.fetch(url, policy_for(source), validators=validators, document=document)
        answer = _answer(url, result, feed, source, was_unconditional=validators is None)
        if not result.is_ok:
            return answer
        context = DateContext.of_source(source, self.now)
        job = FeedJob(result.body, result.final_url, context, result.content_type, feed.kind, feed.listing)
        parsed = self.parser.parse(job)
        if isinstance(parsed, FeedFormatError):
            return _failed(answer, parsed.error_class, parsed.reason)
        return replace(answer, parsed=parsed)

    def _with_named_feed(self, home: FeedAnswer, page: ParsedFeed, source: Source) -> FeedAnswer:
        """Return the answer of the feed that a home page names."""
        url = page.feed_urls[0]
        named = self._read_one(url, Feed(url), source, None)
        if named.parsed is None or not named.parsed.entries:
            reason = (
                f"The page is not a feed, and the feed that it names, {url}, has no entries: {named.reason}"
            )
            return _failed(home, ErrorClass.NOT_A_FEED, reason)
        return replace(_uncovered(home), parsed=named.parsed, permanent_url=named.fetch.final_url)

    def _with_parts(self, index: FeedAnswer, parsed: ParsedFeed, source: Source) -> FeedAnswer:
        """Return the answer of a sitemap index: the entries of its newest parts."""
        urls = newest_parts(parsed.feed_urls)
        parts = [self._read_one(url, Feed(url, FeedKind.SITEMAP), source, None) for url in urls]
        entries = tuple(entry for part in parts if part.parsed for entry in part.parsed.entries)
        failures = tuple(f"{part.asked_url}: {part.reason}" for part in parts if part.parsed is None)
        if failures and len(failures) == len(parts):
            return _failed(index, parts[0].outcome, failures[0])
        # An index changes with its parts only if it says when they changed.
        answer = index if any(link.updated_raw for link in parsed.sitemaps) else _uncovered(index)
        problems = parsed.problems + failures
        return replace(answer, parsed=replace(parsed, entries=entries, problems=problems))


def newest_parts(urls: Sequence[str]) -> list[str]:
    """Return the parts of a sitemap index that are likely to hold news, newest first.

    By name, since an index's lastmod is often the time of its making: a news part first, then the
    highest numbers (sitemap-2026-11.xml, post-sitemap12.xml).
    """

    def rank(url: str) -> tuple[bool, list[int]]:
        numbers = [int(n[:18]) for n in re.findall(r"[0-9]+", url)]
        return "news" in url.rpartition("/")[2].lower(), numbers

    return sorted(urls, key=rank, reverse=True)[:MAX_PARTS]


def _answer(
    url: str, result: FetchResult, feed: Feed, source: Source, *, was_unconditional: bool
) -> FeedAnswer:
    """Return what the response says, before its document is read."""
    fresh_s = freshness_s(
        result.header("cache-control"), result.header("expires"), result.header("date"), result.started_at
    )
    return FeedAnswer(
        outcome=result.error_class,
        asked_url=url,
        fetch=_fetch(result, feed, source),
        reason=result.reason,
        etag=result.header("etag"),
        last_modified=result.header("last-modified"),
        fresh_s=fresh_s,
        retry_after_s=result.retry_after_s,
        permanent_url=permanent_target((hop.status, hop.location) for hop in result.hops),
        was_unconditional=was_unconditional,
    )


def _fetch(result: FetchResult, feed: Feed, source: Source) -> Fetch:
    return Fetch(
        source=source.name,
        url=feed.url,
        url_key=None,
        feed_url=feed.url,
        final_url=result.final_url,
        started_at=result.started_at,
        duration_ms=result.duration_ms,
        status=result.status,
        outcome=result.error_class.value,
        reason="poll",
        n_bytes=result.n_bytes,
    )


def _failed(answer: FeedAnswer, error_class: ErrorClass, reason: str) -> FeedAnswer:
    fetch = replace(answer.fetch, outcome=error_class.value)
    return replace(answer, outcome=error_class, reason=reason, parsed=None, fetch=fetch)


def _uncovered(answer: FeedAnswer) -> FeedAnswer:
    """Return the answer without validators: a 304 of its document would hide news in those that follow it."""
    return replace(answer, etag=None, last_modified=None)

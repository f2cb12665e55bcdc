"""Older pages of feeds that showed nothing known: what was published between two polls and dropped again.

Between the answers of a poll and their storing. The decisions are those of `tasks.domain.feeds.older`; what
cannot be found is logged, and the feed keeps `overlap_lost`.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from tasks.domain.feeds.older import (
    MAX_OLDER_PAGES,
    OlderPage,
    dated_since,
    first_older_page,
    has_lost_overlap,
    missed_entries,
    next_older_page,
    reaches_back,
)
from tasks.domain.feeds.polling import FeedAnswer, FeedPoll, items_sha256
from tasks.http_client.client import HttpClient, policy_for
from tasks.poll import Answered, entry_key
from tasks.workers.backlog import PATIENCE_S, Backlog
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_reader import FeedReader
from warehouse.feeds import find_known_keys
from warehouse.records.feed import FeedEntry, ParsedFeed
from warehouse.store.connection import Home, read_store
from warehouse.wording import plural

log = logging.getLogger("wirehouse")


@dataclass(slots=True)
class _Walk:
    """The older pages of one feed, read so far."""

    place: int  # among the answers
    poll: FeedPoll
    answer: FeedAnswer
    parsed: ParsedFeed
    page: OlderPage | None  # to be read next
    entries: list[FeedEntry]  # of the feed, then of its older pages
    n_pages: int = 0
    problem: str | None = None  # why the last older page could not be read
    is_recovered: bool = False


class OverlapRecovery:
    """Reads the older pages of the feeds of a run that lost their overlap; they hold back no other feed."""

    def __init__(
        self, home: Home, client: HttpClient, parser: FeedParser, patience_s: float = PATIENCE_S
    ) -> None:
        self._home = home
        self._client = client
        self._parser = parser
        self._late: Backlog[FeedPoll, FeedAnswer] = Backlog(patience_s)

    @property
    def n_late(self) -> int:
        """The number of feeds whose older pages are being read."""
        return len(self._late)

    def recover_ready(self, answered: Answered, now: datetime) -> Answered:
        """Return the answers that need no older page, and those of which the older pages have been read.

        Pages are followed until one shows a known entry or one from before the last poll, or to a limit. A
        call without answers waits for late ones.
        """
        lost = {walk.place: walk for walk in _find_lost(self._home, answered)}
        kept = [entry for place, entry in enumerate(answered) if place not in lost]
        reader = FeedReader(self._client, self._parser, now)
        batch = {self._queue(walk, reader): walk.poll for walk in lost.values()}
        return kept + (self._late.take(batch) if answered else self._late.take_late())

    def _queue(self, walk: "_Walk", reader: FeedReader) -> "Future[FeedAnswer]":
        """Add the whole walk to the queue of the feed's host, where nothing else waits for it."""
        policy = policy_for(walk.poll.source)
        return self._client.queue(walk.poll.feed.url, policy, partial(_walk_back, self._home, walk, reader))


def _walk_back(home: Home, walk: "_Walk", reader: FeedReader) -> FeedAnswer:
    while walk.page is not None:
        older = reader.read_older(walk.poll, walk.page)
        if older.parsed is None:
            walk.problem = f"{walk.page.url} could not be read: {older.reason}"
        _step(walk, older.parsed, _known(home, older.parsed.entries if older.parsed else ()))
    return _answer(walk)


def _find_lost(home: Home, answered: Answered) -> list[_Walk]:
    """Return the feeds of which a poll showed entries and nothing known."""
    read_before = [
        (place, poll, answer, answer.parsed)
        for place, (poll, answer) in enumerate(answered)
        if answer.parsed is not None
        and poll.state is not None
        and poll.state.items_sha256 not in (None, items_sha256(answer.parsed.entries))
    ]
    known = _known(home, (entry for *_, parsed in read_before for entry in parsed.entries))
    walks = []
    for place, poll, answer, parsed in read_before:
        keys = {key for entry in parsed.entries if (key := entry_key(entry))}
        if has_lost_overlap(poll, parsed, len(keys & known), len(keys)):
            page = first_older_page(poll, parsed, answer.fetch.final_url or answer.asked_url)
            walks.append(_Walk(place, poll, answer, parsed, page, list(parsed.entries)))
    return walks


def _known(home: Home, entries: Iterable[FeedEntry]) -> set[str]:
    keys = {key for entry in entries if (key := entry_key(entry))}
    if not keys:
        return set()
    with read_store(home, owner="comparing feeds with what is known") as con:
        return find_known_keys(con, keys)


def _step(walk: _Walk, parsed: ParsedFeed | None, known: set[str]) -> None:
    """Take the entries of a page that was read, and decide on the next one."""
    page, walk.page = walk.page, None
    if page is None or parsed is None:
        return
    walk.n_pages += 1
    since = walk.poll.state.last_ok_at if walk.poll.state else None
    entries = dated_since(parsed.entries, since) if page.is_sitemap else list(parsed.entries)
    seen = {entry.url for entry in walk.entries}
    missed = missed_entries(entries, [entry_key(entry) for entry in entries], known, since)
    walk.entries += [entry for entry in missed if entry.url not in seen]
    walk.is_recovered = reaches_back(page, parsed.entries, since) or any(
        entry_key(entry) in known for entry in parsed.entries
    )
    is_further = page.number == 1 or any(entry.url not in seen for entry in entries)
    if is_further and not walk.is_recovered and walk.n_pages < MAX_OLDER_PAGES:
        walk.page = next_older_page(walk.poll, page, parsed)


def _answer(walk: _Walk) -> FeedAnswer:
    """Return the feed's answer with the entries of its older pages, and log what remains."""
    url, n_added = walk.answer.asked_url, len(walk.entries) - len(walk.parsed.entries)
    if walk.is_recovered:
        log.info("Feed %s showed no known entry; %d entries of older pages are added", url, n_added)
    else:
        log.warning(
            "Feed %s showed no known entry%s: entries since %s may be missing. To look for them: wirehouse "
            "backfill %s --since DAY --until DAY",
            *(url, _searched(walk), walk.poll.state and walk.poll.state.last_ok_at, walk.poll.source.name),
        )
    parsed = replace(walk.parsed, entries=tuple(walk.entries))
    return replace(walk.answer, parsed=parsed, is_recovered=walk.is_recovered)


def _searched(walk: _Walk) -> str:
    """Return where older entries were looked for, as the middle of a sentence."""
    if not walk.n_pages and walk.problem is None:
        return ", and it has no older pages ([source.archive] may name some)"
    found = f", and neither did {plural(walk.n_pages, 'older page')} of it" if walk.n_pages else ""
    return f"{found} ({walk.problem.rstrip('.')})" if walk.problem else found

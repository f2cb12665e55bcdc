"""Older pages of feeds that showed nothing known: what was published between two polls and dropped again.

Between the answers of a poll and their storing. The decisions are those of `tasks.domain.feeds.older`; what
cannot be found is logged, and the feed keeps `overlap_lost`.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, replace
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
from tasks.http_client.client import policy_for
from tasks.poll import Answered, entry_key
from tasks.workers.feed_reader import FeedReader
from warehouse.feeds import find_known_keys
from warehouse.records import FeedEntry, ParsedFeed
from warehouse.store.connection import Home, read_store

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
    is_recovered: bool = False


def recover_overlap(home: Home, answered: Answered, reader: FeedReader) -> Answered:
    """Return the answers, those that lost their overlap with the entries of older pages.

    Pages are followed until one shows a known entry or one from before the last poll, or to a limit.
    """
    walks = _find_lost(home, answered)
    recovered = list(answered)
    while active := [walk for walk in walks if walk.page is not None]:
        futures = [_queue(reader, walk) for walk in active]
        pages = [future.result() for future in futures]
        known = _known(home, (entry for parsed in pages if parsed for entry in parsed.entries))
        for walk, parsed in zip(active, pages, strict=True):
            _step(walk, parsed, known)
    for walk in walks:
        recovered[walk.place] = (walk.poll, _answer(walk))
    return recovered


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


def _queue(reader: FeedReader, walk: _Walk) -> "Future[ParsedFeed | None]":
    assert walk.page is not None
    policy = policy_for(walk.poll.source)
    return reader.client.queue(walk.page.url, policy, partial(reader.read_older, walk.poll, walk.page))


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
            "Feed %s showed no known entry, and neither did %d older pages of it: entries since %s may be "
            "missing. To look for them: wirehouse backfill %s --since DAY --until DAY",
            *(url, walk.n_pages, walk.poll.state and walk.poll.state.last_ok_at, walk.poll.source.name),
        )
    parsed = replace(walk.parsed, entries=tuple(walk.entries))
    return replace(walk.answer, parsed=parsed, is_recovered=walk.is_recovered)

"""What a run will do: whether there is work at all, which feeds are due, which pages are pending.

The first step of a run. `find_work` is asked before one is started, so this module imports little. Groups and
batches mix hosts, so that the delay between two requests to one host is used for the others.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import duckdb

from tasks.archive.unchecked import select_unchecked
from tasks.domain.feeds.polling import FeedPoll
from tasks.sources import Sources
from warehouse.feed_states import (
    find_due_states,
    find_feed_states,
    find_next_due,
    has_due_feed,
    has_source_list,
)
from warehouse.pages.archive_files import find_checked_bytes
from warehouse.pages.pages import RECHECK_SHARE, find_pending, has_pending
from warehouse.records.page import PageRequest
from warehouse.records.source import Source
from warehouse.runs import find_running
from warehouse.store.backend import store_of
from warehouse.store.claims import Claimed, Claims
from warehouse.store.connection import Home, read_store
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.shards import Shard

SMALLEST = 12  # feeds in the first group
FEEDS_PER_GROUP = 200
PAGES_PER_BATCH = 200
PAGES_PER_SOURCE = 500  # in one run; the rest stays pending for the next
PAGES_AT_ONCE = 4_000  # about; requests hold the texts of their feed entries

log = logging.getLogger("wirehouse")

T = TypeVar("T")


class Work(StrEnum):
    """Why a run is needed."""

    NEW_HOME = "nothing has been loaded yet"
    SOURCES = "the source list has changed"
    FEED = "a feed is due"
    PAGE = "a page is to be fetched: new, changed, or due for a retry or a recheck"
    ARCHIVE = "an archived page is not loaded"
    DEAD_RUN = "a killed run is still recorded as running"
    SNAPSHOT = "the snapshot is older than the store"

    @property
    def parses_pages(self) -> bool:
        """Say whether such a run nearly always has pages to parse; a due feed often has nothing new."""
        return self in (Work.NEW_HOME, Work.SOURCES, Work.PAGE, Work.ARCHIVE)


def find_work(
    home: Home, sources: Sources, selected: Sequence[Source], now: datetime, *, publish_gap_s: float = 0
) -> Work | None:
    """Return the first reason to start a run of the selected sources; None when it would change nothing.

    Raises WarehouseError when the store cannot be used.
    """
    store = store_of(home)
    if not store.exists():
        return Work.NEW_HOME
    with read_store(home, owner="looking for work") as con:
        work = _work_in_store(con, home, sources, selected, now)
    # Asked last: opening the store may have replayed the log of a killed writer.
    is_published = store.is_published(publish_gap_s, now)
    return work or (None if is_published else Work.SNAPSHOT)


def note_idle(home: Home) -> None:
    """Note that an ingest had nothing to do; `wirehouse metrics` shows the time."""
    home.idle_file.touch(mode=0o640)


def _work_in_store(
    con: duckdb.DuckDBPyConnection, home: Home, sources: Sources, selected: Sequence[Source], now: datetime
) -> Work | None:
    names = [source.name for source in selected]
    if not has_source_list(con, sources.sources):
        return Work.SOURCES
    if has_due_feed(con, names, now):
        return Work.FEED
    if any(not store_of(home).is_alive(run_id) for run_id in find_running(con)):
        return Work.DEAD_RUN
    if select_unchecked(home, find_checked_bytes(con)):
        return Work.ARCHIVE
    return Work.PAGE if has_pending(con, names, now) else None


def find_due_feeds(
    home: Home,
    sources: Sequence[Source],
    now: datetime,
    shard: "Shard | None" = None,
    claims: Claims | None = None,
) -> list[FeedPoll]:
    """Return the feeds to poll now, each with its stored state. The store knows sources and slots already.

    `sources` are those of the shard, if any. With the `claims` of a run, they are claimed for it, and those
    that another run is about to poll are left out.
    """
    with read_store(home, owner="looking for due feeds") as con:
        # Before the states: a feed that the other run has polled since is not due any more.
        claimed = claims.find_others(Claimed.FEEDS) if claims else ()
        states = find_due_states(con, now, (shard.number, shard.n) if shard else None)
        due = [FeedPoll(s, feed, states[feed.url]) for s in sources for feed in s.feeds if feed.url in states]
        polls = [poll for poll in due if poll.feed.url not in claimed]
        if claims:
            claims.add(Claimed.FEEDS, (poll.feed.url for poll in polls))
    if len(polls) < len(due):
        log.info("Another run is polling %s; left out here", plural(len(due) - len(polls), "due feed"))
    return polls


def find_all_feeds(home: Home, sources: Iterable[Source], claims: Claims | None = None) -> list[FeedPoll]:
    """Return all feeds, due or not, each with its stored state; claim them for a run."""
    with read_store(home, owner="looking for feeds") as con:
        states = find_feed_states(con)
        polls = [FeedPoll(s, feed, states.get(feed.url)) for s in sources for feed in s.feeds]
        if claims:
            claims.add(Claimed.FEEDS, (poll.feed.url for poll in polls))
    return polls


def log_next_feed(home: Home, sources: Iterable[Source]) -> None:
    """Log which feed is due next, when none is due now."""
    with read_store(home, owner="looking for due feeds") as con:
        feed = find_next_due(con, [source.name for source in sources])
    if feed is None:
        log.warning("No feed is polled: no enabled source has one, or all answered that they are gone (410).")
    else:
        log.info("No feed is due; next: %s at %s", feed[0], f"{feed[1]:%Y-%m-%d %H:%M:%S %Z}")


def group_feeds(polls: Sequence[FeedPoll]) -> list[list[FeedPoll]]:
    """Return the polls in groups of mixed hosts; small ones first, so that the first pages are soon known."""
    return list(_chunks(_interleave(polls, [_host(p.feed.url) for p in polls]), SMALLEST, FEEDS_PER_GROUP))


class PagePlan:
    """Which pages a run fetches: those of a source are looked for after each poll of its feeds.

    Of sources with many pages some are planned at a time, and the others when these are under way. With the
    `claims` of a run, its pages are claimed, and those that another run is about to request are left out.
    """

    def __init__(
        self,
        home: Home,
        sources: Iterable[str] = (),
        pages: Iterable[PageRequest] = (),
        pages_at_once: int = PAGES_AT_ONCE,
        claims: Claims | None = None,
    ) -> None:
        """Begin with these pages, and those of sources without a due feed."""
        self._home = home
        self._pages = list(pages)
        self._pages_at_once = pages_at_once
        self._claims = claims
        self._has_left_out = False
        self._ready = dict.fromkeys(sources)
        self._planned: set[str] = set()  # by key: a page that two sources name is fetched once
        self._n_planned: Counter[str] = Counter()  # by source

    def note_polled(self, sources: Iterable[str]) -> None:
        """Note sources of which a feed's entries have been stored."""
        self._ready.update(dict.fromkeys(sources))

    def note_done(self, url_keys: Iterable[str]) -> None:
        """Note pages that are stored, or that this run will not request: others may."""
        if self._claims:
            self._claims.drop(Claimed.PAGES, url_keys)

    def next_batches(self, now: datetime) -> list[list[PageRequest]]:
        """Return the pages to fetch that became known since the last call, in batches of mixed hosts.

        Where sources have more pages, the next call returns more of them.
        """
        named, self._pages = self._pages, []
        planned = self._planned_of(named)
        if self._ready:
            planned += self._find_pending(now)
        return batch_pages(planned)

    def _find_pending(self, now: datetime) -> list[PageRequest]:
        """Return pages of the sources that are ready; those that have more stay ready."""
        names = list(self._ready)
        # Pages that are planned are pending until they are loaded.
        share = max(1, self._pages_at_once // len(names))
        limit = min(PAGES_PER_SOURCE, share + max(self._n_planned[name] for name in names))
        with read_store(self._home, owner="looking for pending pages") as con:
            claimed = self._find_claimed()
            found = find_pending(
                con,
                source_names=names,
                now=now,
                limit_per_source=limit,
                recheck_limit=PAGES_PER_SOURCE // RECHECK_SHARE,
                planned=self._planned,
                claimed=claimed,
            )
            n_new: Counter[str] = Counter()
            new = []
            for request in found:
                n_new[request.source] += 1
                if n_new[request.source] <= share:
                    new.append(request)
            planned = self._planned_of(new)
        self._ready = dict.fromkeys(
            name for name in names if n_new[name] and self._n_planned[name] + share < PAGES_PER_SOURCE
        )
        return planned

    def _find_claimed(self) -> set[str]:
        """Return the pages that other runs are about to request; log once that there are some."""
        claimed = self._claims.find_others(Claimed.PAGES) if self._claims else set()
        if claimed and not self._has_left_out:
            self._has_left_out = True
            log.info("Another run is fetching %s; left out here", plural(len(claimed), "page"))
        return claimed

    def _planned_of(self, requests: Iterable[PageRequest]) -> list[PageRequest]:
        """Return those of the pages that the run fetches, claimed for it."""
        planned = [request for request in requests if self._plans(request)]
        if self._claims:
            self._claims.add(Claimed.PAGES, (request.url_key for request in planned))
        return planned

    def _plans(self, request: PageRequest) -> bool:
        """Note a page; say whether the run fetches it: not yet planned, its source below the limit."""
        if request.url_key in self._planned or self._n_planned[request.source] >= PAGES_PER_SOURCE:
            return False
        self._planned.add(request.url_key)
        self._n_planned[request.source] += 1
        return True


def batch_pages(requests: Sequence[PageRequest]) -> list[list[PageRequest]]:
    """Return requests in batches of mixed hosts, each host's own order kept."""
    return list(
        _chunks(_interleave(requests, [_host(r.url) for r in requests]), PAGES_PER_BATCH, PAGES_PER_BATCH)
    )


def _interleave(items: Sequence[T], hosts: Sequence[str]) -> list[T]:
    queues: dict[str, list[T]] = defaultdict(list)
    for item, host in zip(items, hosts, strict=True):
        queues[host].append(item)
    missing = object()
    rounds = zip_longest(*queues.values(), fillvalue=missing)
    return [item for round_ in rounds for item in round_ if item is not missing]  # type: ignore[misc]


def _chunks(items: Sequence[T], smallest: int, largest: int) -> Iterator[list[T]]:
    """Yield the items in chunks, each twice the size of the one before up to the largest."""
    start, size = 0, smallest
    while start < len(items):
        yield list(items[start : start + size])
        start, size = start + size, min(2 * size, largest)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()

"""What a run will do: which feeds are due, which pages are pending, in which batches.

The first step of a run. Groups and batches mix hosts, so that the delay between two requests to one host is
used for the others.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import TypeVar
from urllib.parse import urlsplit

from tasks.domain.feeds.polling import FeedPoll
from tasks.domain.urls.key import url_key
from tasks.errors import ItemError, UsageError
from warehouse.feeds import MAX_POLL_WAIT, find_feed_states
from warehouse.pages.pages import find_known, find_pending
from warehouse.records import FeedState, PageRequest, Source
from warehouse.store.connection import Home, open_store

FEEDS_PER_GROUP = 200
PAGES_PER_BATCH = 200
PAGES_PER_SOURCE = 500  # in one run; the rest stays pending for the next

T = TypeVar("T")


def find_due_feeds(
    home: Home, sources: Iterable[Source], now: datetime, *, only_due: bool = True
) -> list[FeedPoll]:
    """Return the feeds to poll now, each with its stored state."""
    with open_store(home, owner="looking for due feeds") as con:
        states = find_feed_states(con)
    polls = [FeedPoll(s, feed, states.get(feed.url)) for s in sources for feed in s.feeds]
    return [poll for poll in polls if not only_due or is_due(poll.state, now)]


@dataclass(frozen=True, slots=True)
class NextFeed:
    """The feed that is due next."""

    url: str
    due_at: datetime


def find_next_feed(home: Home, sources: Iterable[Source]) -> NextFeed | None:
    """Return the feed that is due next; None when all are stopped or there is none."""
    with open_store(home, owner="looking for due feeds") as con:
        states = find_feed_states(con)
    waiting = [
        NextFeed(feed.url, state.next_due_at)
        for source in sources
        for feed in source.feeds
        if (state := states.get(feed.url)) and state.next_due_at and not state.stopped_at
    ]
    return min(waiting, key=lambda feed: feed.due_at, default=None)


def is_due(state: FeedState | None, now: datetime) -> bool:
    """Say whether a feed is to be polled: never polled before, or due and not stopped.

    A due time later than the longest interval from now was written by a wrong clock and counts as due.
    """
    if state is None:
        return True
    if state.stopped_at is not None:
        return False
    return state.next_due_at is None or not now < state.next_due_at <= now + MAX_POLL_WAIT


def group_feeds(polls: Sequence[FeedPoll]) -> list[list[FeedPoll]]:
    """Return the polls in groups of mixed hosts."""
    return list(_chunks(_interleave(polls, [_host(p.feed.url) for p in polls]), FEEDS_PER_GROUP))


def find_page_batches(home: Home, sources: Mapping[str, Source], now: datetime) -> list[list[PageRequest]]:
    """Return the pages to fetch, in batches of mixed hosts."""
    with open_store(home, owner="looking for pending pages") as con:
        pending = find_pending(con, source_names=list(sources), now=now, limit_per_source=PAGES_PER_SOURCE)
    return batch_pages(pending)


def find_rechecks(home: Home, urls: Iterable[str]) -> list[PageRequest]:
    """Return the requests that ask for known pages again. Raises UsageError for one that is not known."""
    url_of: dict[str, str] = {}
    for url in urls:
        try:
            url_of[url_key(url)] = url
        except ItemError as error:
            raise UsageError(f"--recheck: '{url}': {error.reason}") from error
    with open_store(home, owner="looking for known pages") as con:
        requests = find_known(con, list(url_of))
    for request in requests:
        del url_of[request.url_key]
    for url in url_of.values():
        raise UsageError(
            f"--recheck: '{url}' is not known: no feed has shown it, and no article is stored from it. "
            "To fetch new pages, use `wirehouse backfill SOURCE --urls FILE`."
        )
    return requests


def batch_pages(requests: Sequence[PageRequest]) -> list[list[PageRequest]]:
    """Return requests in batches of mixed hosts, each host's own order kept."""
    return list(_chunks(_interleave(requests, [_host(r.url) for r in requests]), PAGES_PER_BATCH))


def _interleave(items: Sequence[T], hosts: Sequence[str]) -> list[T]:
    queues: dict[str, list[T]] = defaultdict(list)
    for item, host in zip(items, hosts, strict=True):
        queues[host].append(item)
    missing = object()
    rounds = zip_longest(*queues.values(), fillvalue=missing)
    return [item for round_ in rounds for item in round_ if item is not missing]  # type: ignore[misc]


def _chunks(items: Sequence[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()

"""The feeds of a source list, each asked once: which fail, and which have moved. Used by `sources check`.

Beside the pipeline: nothing is stored. What runs have remembered of permanent redirects counts as well.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from tasks.domain.feeds.polling import N_MOVED_POLLS, FeedPoll
from tasks.domain.source_list.moves import MovedFeed, find_moves
from tasks.http_client.client import HttpClient
from tasks.http_client.name_lookup import system_resolver
from tasks.poll import poll_feeds
from tasks.run import limits_for
from tasks.sources import Sources
from warehouse.cluster.place import find_leases
from warehouse.feed_states import find_moved_feeds
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, connect

N_RESOLVERS = 16  # host names that are looked up at the same time


@dataclass(frozen=True, slots=True)
class FailedFeed:
    """A feed that could not be read."""

    source: str
    url: str
    reason: str  # a sentence


@dataclass(frozen=True, slots=True)
class FeedSurvey:
    """What the feeds of a source list answered."""

    n_asked: int = 0
    failed: tuple[FailedFeed, ...] = ()
    moved: tuple[MovedFeed, ...] = ()
    is_offline: bool = False  # no host name of the feeds resolves: nothing was asked


def survey_feeds(sources: Sources, home: Home, now: datetime) -> FeedSurvey:
    """Ask the feeds of the enabled sources once, several hosts at the same time."""
    polls = [FeedPoll(source, feed, None) for source in sources.enabled() for feed in source.feeds]
    if polls and _is_offline(poll.feed.url for poll in polls):
        return FeedSurvey(moved=tuple(find_moves(sources.sources, remembered_moves(home))), is_offline=True)
    limits = limits_for(sources.fetch)
    with HttpClient(
        hosts_dir=home.hosts_dir, contact=sources.contact, limits=limits, leases=find_leases()
    ) as client:
        answered = list(zip(polls, poll_feeds(polls, client, now), strict=True)) if polls else []
    targets = {poll.feed.url: answer.permanent_url for poll, answer in answered if answer.parsed}
    return FeedSurvey(
        n_asked=len(polls),
        failed=tuple(
            FailedFeed(poll.source.name, poll.feed.url, answer.reason)
            for poll, answer in answered
            if answer.parsed is None
        ),
        moved=tuple(find_moves(sources.sources, remembered_moves(home) | _known_targets(targets))),
    )


def remembered_moves(home: Home) -> dict[str, str]:
    """Return where feeds have moved to by what runs have seen, new by old URL; empty without a warehouse."""
    if not store_of(home).is_readable():
        return {}
    with connect(home) as con:
        return find_moved_feeds(con, N_MOVED_POLLS)


def _is_offline(urls: Iterable[str]) -> bool:
    """Say whether no host name resolves; without a network each feed would be tried for five seconds."""
    names = {urlsplit(url).hostname or "" for url in urls}
    with ThreadPoolExecutor(N_RESOLVERS) as pool:
        return not any(pool.map(_resolves, names))


def _resolves(host: str) -> bool:
    try:
        return bool(system_resolver(host, 443))
    except (OSError, UnicodeError):
        return False


def _known_targets(targets: dict[str, str | None]) -> dict[str, str]:
    return {url: target for url, target in targets.items() if target is not None}

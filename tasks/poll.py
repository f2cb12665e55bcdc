"""Feeds: asked whether they have changed, their entries read, their state stored with them.

The first step that touches the network. Validators are saved in the transaction that saves the entries
which they cover, so a crash between can never hide an entry behind a 304.
"""

import random
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import TypeAlias

from tasks.domain.feeds.polling import FeedAnswer, FeedPoll, next_state
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, ItemError
from tasks.http_client.client import HttpClient, policy_for
from tasks.workers.backlog import PATIENCE_S, Backlog
from tasks.workers.feed_parser import FeedParser
from tasks.workers.feed_reader import FeedReader
from warehouse.feeds import find_known_keys
from warehouse.feeds import load_polls as load_polled_feeds
from warehouse.records.feed import FeedEntry, FeedState
from warehouse.records.outcome import Counts, PolledFeed, Reject, Step
from warehouse.store.connection import Home, open_store, transaction

Answered: TypeAlias = Sequence[tuple[FeedPoll, FeedAnswer]]


def poll_feeds(
    polls: Sequence[FeedPoll], client: HttpClient, now: datetime, parser: FeedParser | None = None
) -> list[FeedAnswer]:
    """Ask feeds for news; return their answers in the order of `polls`.

    Pass a `parser` where several groups are polled: its processes are slow to start.
    """
    with nullcontext(parser) if parser else FeedParser() as running:
        poller = FeedPoller(client, running)
        return [future.result() for future in poller.queue(polls, now)]


class FeedPoller:
    """Polls the feeds of a run; a slow feed does not hold back the answers of the others."""

    def __init__(self, client: HttpClient, parser: FeedParser, patience_s: float = PATIENCE_S) -> None:
        self._client = client
        self._parser = parser
        self._late: Backlog[FeedPoll, FeedAnswer] = Backlog(patience_s)

    @property
    def n_late(self) -> int:
        """The number of feeds whose answers have not been returned yet."""
        return len(self._late)

    def poll_ready(self, polls: Sequence[FeedPoll], now: datetime) -> list[tuple[FeedPoll, FeedAnswer]]:
        """Ask feeds for news; return the answers that have come, those to earlier calls too.

        A call without polls waits for a late answer.
        """
        if not polls:
            return self._late.take_next()
        return self._late.take(dict(zip(self.queue(polls, now), polls, strict=True)))

    def queue(self, polls: Sequence[FeedPoll], now: datetime) -> "list[Future[FeedAnswer]]":
        """Add polls to the queues of their hosts; return the futures of their answers."""
        reader = FeedReader(self._client, self._parser, now)
        return [
            self._client.queue(poll.feed.url, policy_for(poll.source), partial(reader.read, poll))
            for poll in polls
        ]


def load_polls(
    home: Home, run_id: str, polls: Sequence[FeedPoll], answers: Sequence[FeedAnswer], now: datetime
) -> Counts:
    """Store what feeds answered: state, fetch, entries and failures in one transaction."""
    if not polls:
        return Counts()
    keys = [[entry_key(entry) for entry in _entries(answer)] for answer in answers]
    with open_store(home, owner=f"run {run_id}") as con, transaction(con):
        known = find_known_keys(con, {key for feed_keys in keys for key in feed_keys if key})
        polled = [
            _polled(poll, answer, feed_keys, known, now)
            for poll, answer, feed_keys in zip(polls, answers, keys, strict=True)
        ]
        return load_polled_feeds(con, run_id, polled, keys)


def _polled(
    poll: FeedPoll, answer: FeedAnswer, keys: Sequence[str], known: set[str], now: datetime
) -> PolledFeed:
    distinct = {key for key in keys if key}
    state = next_state(
        poll.state,
        poll.feed,
        poll.source.name,
        answer,
        n_known=len(distinct & known),
        n_new=len(distinct - known),
        now=now,
        bounds=poll.source.interval,
        jitter=random.uniform(-1, 1),  # noqa: S311
    )
    return PolledFeed(
        state,
        answer.fetch,
        _entries(answer),
        _reject(poll, answer, state, now),
        _lost_items(poll, answer, keys, now),
    )


def _reject(poll: FeedPoll, answer: FeedAnswer, state: FeedState, now: datetime) -> Reject | None:
    if answer.outcome in {ErrorClass.OK, ErrorClass.NOT_MODIFIED}:
        return None
    return Reject(
        source=poll.source.name,
        step=Step.POLL,
        error_class=answer.outcome.value,
        reason=answer.reason,
        url=poll.feed.url,
        feed_url=poll.feed.url,
        at=now,
        next_try_at=state.next_due_at,
    )


def _lost_items(poll: FeedPoll, answer: FeedAnswer, keys: Sequence[str], now: datetime) -> tuple[Reject, ...]:
    """Return a reject for each item whose link is not usable: an item is never skipped silently."""
    bad_links = answer.parsed.bad_links if answer.parsed else ()
    keyless_urls = (entry.url for entry, key in zip(_entries(answer), keys, strict=True) if not key)
    return tuple(
        Reject(
            source=poll.source.name,
            step=Step.POLL,
            error_class=ErrorClass.BAD_URL.value,
            reason=f"The feed's link {link[:200]!r} is not a valid http(s) URL.",
            url=link,
            feed_url=poll.feed.url,
            at=now,
        )
        for link in dict.fromkeys((*bad_links, *keyless_urls))
    )


def _entries(answer: FeedAnswer) -> tuple[FeedEntry, ...]:
    return answer.parsed.entries if answer.parsed else ()


def entry_key(entry: FeedEntry) -> str:
    """Return the URL key of an entry's link; "" for one that is not a valid URL."""
    try:
        return url_key(entry.url)
    except ItemError:
        return ""

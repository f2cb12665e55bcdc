"""Feeds: asked whether they have changed, their entries read, their state stored with them.

The first step that touches the network. Validators are saved in the transaction that saves
the entries which they cover, so a crash between can never hide an entry behind a 304.
"""

import random
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from tasks.domain.feeds.freshness import freshness_s, permanent_target
from tasks.domain.feeds.polling import FeedAnswer, needs_unconditional, next_state, poll_url
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, ItemError
from tasks.follow import FeedReader, Reading
from tasks.http_client.client import HttpClient, Validators, policy_for
from tasks.workers.feed_parser import FeedParser
from warehouse.feeds import find_known_keys
from warehouse.feeds import load_polls as load_polled_feeds
from warehouse.records import Counts, Feed, FeedEntry, FeedState, Fetch, PolledFeed, Reject, Source, Step
from warehouse.store.connection import Home, open_store, transaction


@dataclass(frozen=True, slots=True)
class FeedPoll:
    """A feed to be asked, and what is remembered of it."""

    source: Source
    feed: Feed
    state: FeedState | None


@dataclass(frozen=True, slots=True)
class FeedReply:
    """What a feed answered, before it is compared with what is known."""

    poll: FeedPoll
    answer: FeedAnswer
    fetch: Fetch


def poll_feeds(
    polls: Sequence[FeedPoll], client: HttpClient, now: datetime, parser: FeedParser | None = None
) -> list[FeedReply]:
    """Ask feeds for their news; each gives a reply, in the order of `polls`.

    `parser` is worth handing in where several groups are polled; its processes start slowly.
    """
    with nullcontext(parser) if parser else FeedParser() as reading:
        reader = FeedReader(client, reading, now)
        futures = [
            client.queue(poll.feed.url, policy_for(poll.source), partial(_ask, poll, reader))
            for poll in polls
        ]
        return [future.result() for future in futures]


def load_polls(home: Home, run_id: str, answers: Sequence[FeedReply], now: datetime) -> Counts:
    """Store what feeds answered: state, fetch, entries and failures in one transaction."""
    keys = [[_key(entry) for entry in _entries(reply)] for reply in answers]
    with open_store(home, owner=f"run {run_id}") as con, transaction(con):
        known = find_known_keys(con, {key for some in keys for key in some if key})
        polled = [_polled(reply, some, known, now) for reply, some in zip(answers, keys, strict=True)]
        return load_polled_feeds(con, run_id, polled, keys)


def _ask(poll: FeedPoll, reader: FeedReader) -> FeedReply:
    """Ask one feed, by its validators unless a day has passed since it was asked without."""
    state, url = poll.state, poll_url(poll.state, poll.feed)
    validators = None
    if state is not None and not needs_unconditional(state, reader.now):
        validators = Validators(state.etag, state.last_modified)
    reading = reader.read(url, poll.feed, poll.source, validators)
    answer = _answer(url, reading, reader.now, was_unconditional=validators is None)
    return FeedReply(poll, answer, _fetch(poll, reading))


def _answer(url: str, reading: Reading, now: datetime, *, was_unconditional: bool) -> FeedAnswer:
    result = reading.result
    # What covers only the first of several documents must not hide news in the others.
    etag, last_modified = result.header("etag"), result.header("last-modified")
    moved = permanent_target((hop.status, hop.location) for hop in result.hops)
    fresh = freshness_s(result.header("cache-control"), result.header("expires"), result.header("date"), now)
    return FeedAnswer(
        outcome=reading.error_class,
        asked_url=url,
        reason=reading.reason,
        parsed=reading.parsed,
        etag=etag if reading.is_covered else None,
        last_modified=last_modified if reading.is_covered else None,
        fresh_s=fresh,
        retry_after_s=result.retry_after_s,
        permanent_url=reading.found_url or moved,
        was_unconditional=was_unconditional,
    )


def _fetch(poll: FeedPoll, reading: Reading) -> Fetch:
    result = reading.result
    return Fetch(
        source=poll.source.name,
        url=poll.feed.url,
        url_key=None,
        feed_url=poll.feed.url,
        final_url=result.final_url,
        started_at=result.started_at,
        duration_ms=result.duration_ms,
        status=result.status,
        outcome=reading.error_class.value,
        reason="poll",
        n_bytes=result.n_bytes,
    )


def _polled(reply: FeedReply, keys: Sequence[str], known: set[str], now: datetime) -> PolledFeed:
    poll, answer = reply.poll, reply.answer
    distinct = {key for key in keys if key}
    state = next_state(
        poll.state,
        poll.feed,
        poll.source.name,
        answer,
        n_known=len(distinct & known),
        n_new=len(distinct - known),
        now=now,
        jitter=random.uniform(-1, 1),  # noqa: S311
    )
    return PolledFeed(
        state, reply.fetch, _entries(reply), _reject(reply, state, now), _lost(reply, keys, now)
    )


def _reject(reply: FeedReply, state: FeedState, now: datetime) -> Reject | None:
    answer, feed_url = reply.answer, reply.poll.feed.url
    if answer.outcome in {ErrorClass.OK, ErrorClass.NOT_MODIFIED}:
        return None
    return Reject(
        source=reply.poll.source.name,
        step=Step.POLL,
        error_class=answer.outcome.value,
        reason=answer.reason,
        url=feed_url,
        feed_url=feed_url,
        at=now,
        next_try_at=state.next_due_at,
    )


def _lost(reply: FeedReply, keys: Sequence[str], now: datetime) -> tuple[Reject, ...]:
    """Return the items whose link leads to no page, so that they do not vanish without a word."""
    bad = reply.answer.parsed.bad_links if reply.answer.parsed else ()
    keyless = (entry.url for entry, key in zip(_entries(reply), keys, strict=True) if not key)
    return tuple(
        Reject(
            source=reply.poll.source.name,
            step=Step.POLL,
            error_class=ErrorClass.BAD_URL.value,
            reason=f"The feed's link {link[:200]!r} leads to no page: it is no usable http(s) address.",
            url=link,
            feed_url=reply.poll.feed.url,
            at=now,
        )
        for link in dict.fromkeys((*bad, *keyless))
    )


def _entries(reply: FeedReply) -> tuple[FeedEntry, ...]:
    return reply.answer.parsed.entries if reply.answer.parsed else ()


def _key(entry: FeedEntry) -> str:
    try:
        return url_key(entry.url)
    except ItemError:
        return ""

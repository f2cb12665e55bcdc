"""Feeds: asked whether they have changed, their entries read, their state stored with them.

The first step that touches the network. Validators are saved in the transaction that saves
the entries which they cover, so a crash between can never hide an entry behind a 304.
"""

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tasks.domain.feed import parse_feed
from tasks.domain.url import url_key
from tasks.errors import ErrorClass, FeedFormatError, ItemError
from tasks.http_client import HttpClient, policy_for
from tasks.http_result import Document, FetchResult, Validators
from warehouse.connection import Home, open_store, transaction
from warehouse.feeds import load_polls as load_polled_feeds
from warehouse.records import (
    Counts,
    Feed,
    FeedEntry,
    FeedState,
    Fetch,
    ParsedFeed,
    PolledFeed,
    Reject,
    Source,
    Step,
)


@dataclass(frozen=True, slots=True)
class FeedPoll:
    """A feed to be asked, and what is remembered of it."""

    source: Source
    feed: Feed
    state: FeedState | None


@dataclass(frozen=True, slots=True)
class FeedReply:
    """What a feed answered: a document that was read, or why there is none."""

    poll: FeedPoll
    result: FetchResult  # without its bytes
    parsed: ParsedFeed | None = None
    error_class: ErrorClass = ErrorClass.OK
    reason: str = ""
    body_sha256: str | None = None


def poll_feeds(polls: Sequence[FeedPoll], client: HttpClient, now: datetime) -> list[FeedReply]:
    """Ask feeds for their news; each gives a reply, in the order of `polls`."""
    with ThreadPoolExecutor(16) as pool:
        return list(pool.map(lambda poll: _poll_one(poll, client, now), polls))


def _poll_one(poll: FeedPoll, client: HttpClient, now: datetime) -> FeedReply:
    state = poll.state
    validators = Validators(state.etag, state.last_modified) if state else None
    result = client.fetch(
        poll.feed.url, policy_for(poll.source), validators=validators, document=Document.FEED
    )
    bare = replace(result, body=b"", wire_body=b"")
    if not result.is_ok:
        return FeedReply(poll, bare, None, result.error_class, result.reason)
    try:
        parsed = parse_feed(
            result.body,
            url=result.final_url,
            content_type=result.content_type,
            kind=poll.feed.kind,
            listing=poll.feed.listing,
            zone=poll.source.timezone,
            date_order=poll.source.date_order,
            language=poll.source.language,
            now=now,
        )
    except FeedFormatError as error:
        return FeedReply(poll, bare, None, error.error_class, error.reason)
    return FeedReply(poll, bare, parsed, body_sha256=hashlib.sha256(result.body).hexdigest())


def load_polls(home: Home, run_id: str, answers: Sequence[FeedReply], now: datetime) -> Counts:
    """Store what feeds answered: state, fetch, entries and failures in one transaction."""
    polled = [_polled(answer, now) for answer in answers]
    keys = [[_key(entry) for entry in p.entries] for p in polled]
    with open_store(home, owner=f"run {run_id}") as con, transaction(con):
        return load_polled_feeds(con, run_id, polled, keys)


def _key(entry: FeedEntry) -> str:
    try:
        return url_key(entry.url)
    except ItemError:
        return ""


def _polled(answer: FeedReply, now: datetime) -> PolledFeed:
    poll, result = answer.poll, answer.result
    before = poll.state or FeedState(poll.feed.url, poll.source.name, poll.feed.kind)
    failed = answer.error_class not in {ErrorClass.OK, ErrorClass.NOT_MODIFIED}
    state = replace(
        before,
        last_polled_at=now,
        last_ok_at=before.last_ok_at if failed else now,
        etag=result.validators.etag if answer.parsed else before.etag,
        last_modified=result.validators.last_modified if answer.parsed else before.last_modified,
        n_failures=before.n_failures + 1 if failed else 0,
        error_class=answer.error_class.value if failed else None,
        reason=answer.reason if failed else None,
        next_due_at=now + timedelta(minutes=30),
        next_due_reason="half an hour after the last poll",
    )
    fetch = Fetch(
        source=poll.source.name,
        url=poll.feed.url,
        url_key=None,
        feed_url=poll.feed.url,
        final_url=result.final_url,
        started_at=result.started_at,
        duration_ms=result.duration_ms,
        status=result.status,
        outcome=answer.error_class.value,
        reason="poll",
        n_bytes=result.n_bytes,
        body_sha256=answer.body_sha256,
    )
    entries = answer.parsed.entries if answer.parsed else ()
    return PolledFeed(state, fetch, entries, _reject(answer, now) if failed else None)


def _reject(answer: FeedReply, now: datetime) -> Reject:
    return Reject(
        source=answer.poll.source.name,
        step=Step.POLL,
        error_class=answer.error_class.value,
        reason=answer.reason,
        url=answer.poll.feed.url,
        feed_url=answer.poll.feed.url,
        at=now,
    )

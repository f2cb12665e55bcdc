"""When to ask a feed again, and why: the decisions of polling, without network and clock.

`tasks.workers.feed_reader` asks and returns a `FeedAnswer`; `tasks.poll` stores the `FeedState` that
`next_state` makes of it, in the transaction that stores the entries.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from tasks.errors import ErrorClass
from warehouse.records.feed import FeedEntry, FeedState, ParsedFeed
from warehouse.records.page import Fetch
from warehouse.records.source import Feed, PollInterval, Source

USUAL_BOUNDS = PollInterval()
LONGEST_S = USUAL_BOUNDS.max_s
FIRST_S = 3_600  # while nothing is known of a feed's rhythm
UNCONDITIONAL_S = 86_400  # validators lie: once a day a feed is asked as if for the first time
LOOK_BACK = timedelta(days=14)
N_MOVED_POLLS = 3

_ANSWERED = frozenset({ErrorClass.OK, ErrorClass.NOT_MODIFIED})


@dataclass(frozen=True, slots=True)
class FeedPoll:
    """A feed to be asked, and what is remembered of it."""

    source: Source
    feed: Feed
    state: FeedState | None


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """What a feed answered to one poll."""

    outcome: ErrorClass  # OK only when `parsed` is set: a document that is not a feed is a failure
    asked_url: str
    fetch: Fetch  # the record of the request
    reason: str = ""  # the sentence of a failure
    parsed: ParsedFeed | None = None
    etag: str | None = None  # as sent
    last_modified: str | None = None  # as sent
    fresh_s: int | None = None  # max-age or Expires: `freshness.freshness_s`
    retry_after_s: int | None = None
    permanent_url: str | None = None  # `freshness.permanent_target`
    was_unconditional: bool = True  # asked without validators
    is_recovered: bool = False  # older pages reach back to the last poll


@dataclass(frozen=True, slots=True)
class NextPoll:
    """When to ask a feed again; `at` is None for a feed that is no longer asked."""

    at: datetime | None
    reason: str  # a sentence


def needs_unconditional(state: FeedState | None, now: datetime) -> bool:
    """Say whether the feed is to be asked without validators this time."""
    if state is None or state.last_unconditional_at is None:
        return True
    return now - state.last_unconditional_at >= timedelta(seconds=UNCONDITIONAL_S)


def poll_url(state: FeedState | None, feed: Feed) -> str:
    """Return the address to ask: where the feed moved to, once it has answered there often enough.

    When the new address fails three times in a row, the old one is asked again.
    """
    if state is None or state.moved_to_url is None or state.n_moved_polls < N_MOVED_POLLS:
        return feed.url
    return feed.url if state.n_failures >= N_MOVED_POLLS else state.moved_to_url


def next_state(
    state: FeedState | None,
    feed: Feed,
    source: str,
    answer: FeedAnswer,
    *,
    n_known: int,
    n_new: int,
    now: datetime,
    bounds: PollInterval = USUAL_BOUNDS,
    jitter: float = 0.0,
) -> FeedState:
    """Return what is to be remembered of a feed after its answer.

    `n_known` and `n_new` count the answer's entries that were in the warehouse before and that were
    not. `bounds` are those of the source; `jitter` lies in -1..1 and moves the next poll by up to a tenth of
    the interval.
    """
    # The source list may have given the feed to another source since.
    before = replace(state, source=source) if state else FeedState(feed.url, source, feed.kind)
    if answer.outcome in _ANSWERED:
        after = _after_answer(before, answer, n_known, n_new, now)
    else:
        after = _after_failure(before, answer, now)
    poll = next_poll(after, answer, now, bounds=bounds, jitter=jitter)
    return replace(after, next_due_at=poll.at, next_due_reason=poll.reason)


def next_poll(
    state: FeedState,
    answer: FeedAnswer,
    now: datetime,
    *,
    bounds: PollInterval = USUAL_BOUNDS,
    jitter: float = 0.0,
) -> NextPoll:
    """Say when to ask a feed again; `state` already counts this answer.

    Its own interval (half the usual gap between news, within the source's bounds), but never sooner
    than `ttl`, `max-age` (RFC 9111 section 5.2.2.1) and `Retry-After` (RFC 9110 section 10.2.3) ask,
    each believed for 24 hours at most. Raises ValueError when `now` is naive.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    if state.stopped_at is not None:
        return NextPoll(None, "The feed answered 410 (gone) and is no longer polled.")
    own_s, reason = _failure_wait(state) if state.n_failures else _own_interval(state, now)
    moved_s = own_s * (1 + 0.1 * jitter)
    # A bound of the source list never shortens the back-off of a feed that fails.
    wait_s = min(max(moved_s, bounds.min_s), LONGEST_S if state.n_failures else bounds.max_s)
    if wait_s != moved_s and bounds != USUAL_BOUNDS:
        reason = f"{reason} Within the source's bounds: {spoken(bounds.min_s)} to {spoken(bounds.max_s)}."
    for floor_s, floor_reason in _floors(answer):
        if floor_s > wait_s:
            wait_s, reason = floor_s, floor_reason
    return NextPoll(now + timedelta(seconds=wait_s), reason)


def news_gap_s(entries: Sequence[FeedEntry], now: datetime) -> float | None:
    """Return the median gap in seconds between a feed's entries of the last 14 days, or None.

    Only entries with a time count; fewer than four say nothing of a rhythm.
    """
    times = sorted(
        entry.published_at
        for entry in entries
        if entry.published_at is not None and now - LOOK_BACK <= entry.published_at <= now
    )
    if len(times) < 4:
        return None
    return median((later - earlier).total_seconds() for earlier, later in pairwise(times))


def items_sha256(entries: Sequence[FeedEntry]) -> str:
    """Return a hash over the entries, in any order; unlike one over the bytes it ignores a build date."""
    lines = sorted(
        "\x1f".join((e.url, e.title or "", e.guid or "", e.published_raw or "", str(e.updated_at or "")))
        for e in entries
    )
    return hashlib.sha256("\x1e".join(lines).encode("utf-8", "replace")).hexdigest()


def _after_answer(state: FeedState, answer: FeedAnswer, n_known: int, n_new: int, now: datetime) -> FeedState:
    state = replace(
        _with_move(state, answer),
        last_polled_at=now,
        last_ok_at=now,
        last_unconditional_at=now if answer.was_unconditional else state.last_unconditional_at,
        n_failures=0,
        error_class=None,
        reason=None,
        not_before_at=_not_before(answer, now),
        stopped_at=None,
    )
    return (
        state if answer.parsed is None else _with_entries(state, answer, answer.parsed, n_known, n_new, now)
    )


def _with_entries(
    state: FeedState, answer: FeedAnswer, parsed: ParsedFeed, n_known: int, n_new: int, now: datetime
) -> FeedState:
    is_first = state.items_sha256 is None
    return replace(
        state,
        kind=parsed.kind,
        etag=answer.etag,
        last_modified=answer.last_modified,
        items_sha256=items_sha256(parsed.entries),
        last_new_at=now if n_new else state.last_new_at,
        new_per_day=_rate(state, parsed.entries, n_new, now),
        overlap_lost=not is_first and n_known == 0 and n_new > 0 and not answer.is_recovered,
    )


def _after_failure(state: FeedState, answer: FeedAnswer, now: datetime) -> FeedState:
    return replace(
        state,
        last_polled_at=now,
        n_failures=state.n_failures + 1,
        error_class=answer.outcome.value,
        reason=answer.reason or None,
        not_before_at=_not_before(answer, now),
        stopped_at=now if answer.outcome is ErrorClass.GONE else None,
    )


def _with_move(state: FeedState, answer: FeedAnswer) -> FeedState:
    """Count the polls that a permanent redirect led to the same place, where a feed answered."""
    if answer.asked_url == state.moved_to_url:
        return state
    if answer.permanent_url is None:
        return replace(state, moved_to_url=None, n_moved_polls=0)
    n_before = state.n_moved_polls if answer.permanent_url == state.moved_to_url else 0
    return replace(state, moved_to_url=answer.permanent_url, n_moved_polls=n_before + 1)


def _not_before(answer: FeedAnswer, now: datetime) -> datetime | None:
    if answer.retry_after_s is None:
        return None
    return now + timedelta(seconds=min(answer.retry_after_s, LONGEST_S))


def _rate(state: FeedState, entries: Sequence[FeedEntry], n_new: int, now: datetime) -> float | None:
    """Return new entries a day: by the entries' own times, else by what the polls saw of them."""
    gap_s = news_gap_s(entries, now)
    if gap_s is not None:
        return 86_400 / max(gap_s, 60.0)
    if state.last_new_at is None or not n_new or now <= state.last_new_at:
        return state.new_per_day
    seen = n_new * 86_400 / (now - state.last_new_at).total_seconds()
    return seen if state.new_per_day is None else 0.7 * state.new_per_day + 0.3 * seen


def _own_interval(state: FeedState, now: datetime) -> tuple[float, str]:
    quiet_s = (now - state.last_new_at).total_seconds() if state.last_new_at else 0.0
    if quiet_s > 2 * LONGEST_S:
        return quiet_s / 10, f"Nothing new for {spoken(quiet_s)}; polled after a tenth of that."
    if state.new_per_day is None:
        return FIRST_S, "Its rate of news is not known yet; polled every hour."
    gap_s = 86_400 / state.new_per_day
    return gap_s / 2, f"Polled at half of its usual gap between news ({spoken(gap_s)})."


def _failure_wait(state: FeedState) -> tuple[float, str]:
    """Return the back-off: longer with each failure in a row, by at most an hour each, at most a day."""
    own_s = 43_200 / state.new_per_day if state.new_per_day else FIRST_S
    step_s = min(max(own_s, USUAL_BOUNDS.min_s), FIRST_S)
    times = "once" if state.n_failures == 1 else f"{state.n_failures} times in a row"
    return step_s * state.n_failures, f"Back-off: it failed {times}; each failure adds {spoken(step_s)}."


def _floors(answer: FeedAnswer) -> list[tuple[float, str]]:
    """Return the waits that feed and server ask for, each with its reason."""
    ttl_s = answer.parsed.ttl_s if answer.parsed else None
    asked = (
        (ttl_s, "The feed asks for {} between polls (ttl)."),
        (answer.fresh_s, "The response is fresh for {} (max-age or Expires)."),
        (answer.retry_after_s, "The server asks to wait {} (Retry-After)."),
    )
    return [(min(s, LONGEST_S), text.format(spoken(min(s, LONGEST_S)))) for s, text in asked if s]


def spoken(seconds: float) -> str:
    """Return a length of time as people say it: "45 s", "10 min", "2 h 30 min", "3 d"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{round(seconds)} s"
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    return f"{round(hours / 24)} d"

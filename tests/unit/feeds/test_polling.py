"""When a feed is polled again, and its stored state."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.domain.feeds.freshness import freshness_s, permanent_target
from tasks.domain.feeds.polling import (
    FeedAnswer,
    items_sha256,
    needs_unconditional,
    news_gap_s,
    next_poll,
    next_state,
    poll_url,
    spoken,
)
from tasks.errors import ErrorClass
from warehouse.records.feed import FeedDocument, FeedEntry, FeedState
from warehouse.records.page import Fetch
from warehouse.records.source import Feed, FeedKind, PollInterval

NOW = datetime(2026, 1, 10, 12, 0, tzinfo=UTC)
FEED = Feed("https://news.example/rss")
FETCH = Fetch("s", FEED.url, None, FEED.url, None, NOW, 1, 200, "ok", "poll", 1)
HOUR = timedelta(hours=1)


def entries(*hours_ago: float) -> tuple[FeedEntry, ...]:
    return tuple(
        FeedEntry(f"https://news.example/{h}", published_at=NOW - timedelta(hours=h)) for h in hours_ago
    )


def answer(*entries, ttl_s=None, **fields):
    parsed = FeedDocument(FeedKind.RSS, entries, ttl_s=ttl_s)
    return replace(FeedAnswer(ErrorClass.OK, FEED.url, FETCH, parsed=parsed), **fields)


def failure(outcome=ErrorClass.SERVER_ERROR, **fields):
    return replace(FeedAnswer(outcome, FEED.url, FETCH, reason="It failed."), **fields)


def unchanged(**fields: object) -> FeedAnswer:
    return replace(FeedAnswer(ErrorClass.NOT_MODIFIED, FEED.url, FETCH), **fields)  # type: ignore[arg-type]


def fold(
    state: FeedState | None, reply: FeedAnswer, *, known: int = 1, new: int = 0, at: datetime = NOW
) -> FeedState:
    return next_state(state, FEED, "news", reply, n_known=known, n_new=new, now=at)


def wait(state: FeedState) -> timedelta:
    assert state.next_due_at is not None
    assert state.last_polled_at is not None
    return state.next_due_at - state.last_polled_at


@pytest.mark.parametrize(
    ("reply", "expected", "word"),
    [
        pytest.param(answer(), HOUR, "not known", id="no rhythm known: an hour"),
        pytest.param(answer(*entries(1, 3, 5, 7)), HOUR, "half", id="news every two hours: half of it"),
        pytest.param(
            answer(*entries(1, 1.01, 1.02, 1.03)), timedelta(minutes=10), "half", id="never under 10 minutes"
        ),
        pytest.param(answer(*entries(1, 80, 160, 240)), timedelta(hours=24), "half", id="never over a day"),
        pytest.param(answer(ttl_s=7200), 2 * HOUR, "ttl", id="ttl is a floor"),
        pytest.param(answer(ttl_s=60), HOUR, "not known", id="a short ttl changes nothing"),
        pytest.param(answer(ttl_s=10**9), timedelta(hours=24), "ttl", id="ttl is honoured for a day"),
        pytest.param(answer(fresh_s=10_800), 3 * HOUR, "max-age", id="max-age is a floor"),
        pytest.param(
            answer(fresh_s=10**9), timedelta(hours=24), "max-age", id="max-age is honoured for a day"
        ),
        pytest.param(failure(), HOUR, "failed once", id="first failure: its own interval, an hour at most"),
        pytest.param(failure(retry_after_s=14_400), 4 * HOUR, "Retry-After", id="Retry-After is a floor"),
        pytest.param(
            failure(retry_after_s=10**8), timedelta(hours=24), "Retry-After", id="and honoured for a day"
        ),
    ],
)
def test_when_a_feed_is_asked_again(reply, expected, word):
    state = fold(None, reply, new=4)
    assert wait(state) == expected
    assert word in (state.next_due_reason or "")


def test_entries_without_times_give_the_rate_that_the_polls_saw():
    first = fold(None, answer(FeedEntry("https://news.example/1")), known=0, new=1)
    later = fold(first, answer(FeedEntry("https://news.example/2")), new=6, at=NOW + timedelta(hours=12))
    assert later.new_per_day == pytest.approx(12)
    assert wait(later) == HOUR


def test_a_quiet_feed_is_asked_less_often():
    state = replace(fold(None, answer(*entries(1, 2, 3, 4)), new=4), last_new_at=NOW - timedelta(days=5))
    after = fold(state, unchanged())
    assert wait(after) == timedelta(hours=12)
    assert "Nothing new for 5 d" in (after.next_due_reason or "")


def test_failures_add_up_to_a_day_and_are_forgotten_by_an_answer():
    state = None
    waits = []
    for _ in range(30):
        state = fold(state, failure())
        waits.append(wait(state))
    assert waits[:3] == [HOUR, 2 * HOUR, 3 * HOUR]
    assert waits[-1] == timedelta(hours=24)
    assert state is not None
    assert (state.n_failures, state.error_class, state.reason) == (30, "server_error", "It failed.")
    well = fold(state, answer())
    assert (well.n_failures, well.error_class, well.reason) == (0, None, None)


def test_gone_stops_a_feed_until_it_answers():
    gone = fold(None, failure(ErrorClass.GONE))
    assert (gone.stopped_at, gone.next_due_at) == (NOW, None)
    assert "410" in (gone.next_due_reason or "")
    assert fold(gone, answer()).stopped_at is None


@pytest.mark.parametrize("jitter", [-1.0, 0.5, 1.0])
def test_jitter_moves_a_poll_by_a_tenth_at_most(jitter):
    state = FeedState(FEED.url, "news", FeedKind.RSS, new_per_day=4)
    poll = next_poll(state, answer(), NOW, jitter=jitter)
    assert poll.at == NOW + timedelta(hours=3) * (1 + jitter / 10)


def test_a_feed_belongs_to_the_source_that_lists_it_now():
    state = next_state(None, FEED, "old", answer(), n_known=0, n_new=1, now=NOW)
    assert next_state(state, FEED, "new", answer(), n_known=1, n_new=0, now=NOW).source == "new"


def test_a_naive_clock_is_refused():
    with pytest.raises(ValueError, match="aware"):
        next_poll(FeedState(FEED.url, "news", FeedKind.RSS), answer(), datetime(2026, 1, 1))


def test_validators_are_kept_byte_for_byte_and_only_with_the_entries_they_cover():
    first = fold(None, answer(etag='W/"é  "', last_modified="yesterday"))
    assert (first.etag, first.last_modified) == ('W/"é  "', "yesterday")
    for reply in (unchanged(etag="other"), failure(etag="other")):
        assert fold(first, reply).etag == 'W/"é  "'
    assert fold(first, answer()).etag is None


@pytest.mark.parametrize(
    ("is_first", "known", "new", "lost"),
    [
        pytest.param(True, 0, 5, False, id="a first poll knows nothing"),
        pytest.param(False, 0, 5, True, id="nothing known: something may be missing"),
        pytest.param(False, 1, 4, False, id="one known entry joins the polls"),
        pytest.param(False, 0, 0, False, id="an empty feed loses nothing"),
    ],
)
def test_overlap_lost(is_first, known, new, lost):
    before = None if is_first else fold(None, answer(*entries(9)), known=0, new=1)
    assert fold(before, answer(*entries(1)), known=known, new=new).overlap_lost is lost


def test_overlap_stays_lost_while_nothing_changes():
    lost = fold(fold(None, answer(), new=1), answer(), known=0, new=3)
    assert lost.overlap_lost
    assert fold(lost, unchanged()).overlap_lost
    assert not fold(lost, answer(), known=2).overlap_lost


def test_once_a_day_a_feed_is_asked_unconditionally():
    state = fold(None, answer())
    assert needs_unconditional(None, NOW)
    assert not needs_unconditional(state, NOW + timedelta(hours=23))
    assert needs_unconditional(state, NOW + timedelta(hours=24))
    later = fold(state, unchanged(was_unconditional=False), at=NOW + timedelta(hours=5))
    assert later.last_unconditional_at == NOW


def test_a_permanent_redirect_moves_a_feed_after_three_answers():
    state = None
    asked = []
    for _ in range(4):
        asked.append(poll_url(state, FEED))
        moved = asked[-1] != FEED.url
        reply = answer(asked_url=asked[-1], permanent_url=None if moved else "https://new.example/rss")
        state = fold(state, reply)
    assert asked == [FEED.url] * 3 + ["https://new.example/rss"]
    assert state is not None
    assert state.feed_url == FEED.url


def test_a_moved_feed_that_fails_is_asked_at_its_old_address():
    state = FeedState(FEED.url, "news", FeedKind.RSS, moved_to_url="https://new.example/", n_moved_polls=3)
    assert poll_url(replace(state, n_failures=2), FEED) == "https://new.example/"
    assert poll_url(replace(state, n_failures=3), FEED) == FEED.url


def test_redirects_to_changing_places_never_move_a_feed():
    state = None
    for n in range(6):
        state = fold(state, answer(permanent_url=f"https://new{n}.example/"))
    assert poll_url(state, FEED) == FEED.url


def test_a_redirect_that_leads_to_no_feed_does_not_count():
    state = fold(None, failure(ErrorClass.NOT_A_FEED, permanent_url="https://new.example/"))
    assert state.n_moved_polls == 0


def test_items_hash_ignores_order_and_sees_a_changed_title():
    one, two = FeedEntry("https://a.example/1", title="One"), FeedEntry("https://a.example/2")
    assert items_sha256([one, two]) == items_sha256([two, one])
    assert items_sha256([one, two]) != items_sha256([replace(one, title="Won"), two])


def test_news_gap_takes_only_recent_entries_with_a_time():
    assert news_gap_s(entries(1, 2, 4), NOW) is None
    assert news_gap_s(entries(1, 2, 4, 8), NOW) == 2 * 3600
    assert news_gap_s(entries(1, 2, 4, 24 * 15), NOW) is None
    assert news_gap_s((*entries(1, 2, 4), *entries(-1)), NOW) is None


@pytest.mark.parametrize(
    ("control", "expires", "date", "seconds"),
    [
        pytest.param("public, max-age=300", None, None, 300, id="max-age"),
        pytest.param(
            "MAX-AGE = 60", "Sat, 10 Jan 2026 20:00:00 GMT", None, 60, id="max-age wins over Expires"
        ),
        pytest.param("s-maxage=900", None, None, None, id="s-maxage is for shared caches"),
        pytest.param("no-cache, max-age=60", None, None, 0, id="no-cache"),
        pytest.param(None, "Sat, 10 Jan 2026 14:00:00 GMT", None, 7200, id="Expires against our clock"),
        pytest.param(
            None,
            "Sat, 10 Jan 2026 14:00:00 GMT",
            "Sat, 10 Jan 2026 13:00:00 GMT",
            3600,
            id="against the server's",
        ),
        pytest.param(None, "0", None, None, id="Expires without a date"),
        pytest.param(None, "Thu, 01 Jan 1970 00:00:00 GMT", None, 0, id="long past"),
        pytest.param(None, None, None, None, id="nothing said"),
    ],
)
def test_freshness(control, expires, date, seconds):
    assert freshness_s(control, expires, date, NOW) == seconds


@pytest.mark.parametrize(
    ("hops", "target"),
    [
        pytest.param([], None, id="no redirect"),
        pytest.param([(301, "a"), (308, "b")], "b", id="permanent all the way"),
        pytest.param([(301, "a"), (302, "b")], "a", id="up to the first temporary one"),
        pytest.param([(302, "a"), (301, "b")], None, id="after a temporary one nothing is permanent"),
    ],
)
def test_permanent_target(hops, target):
    assert permanent_target(hops) == target


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(20, "20 s"), (600, "10 min"), (9000, "2 h 30 min"), (7200, "2 h"), (432000, "5 d")],
)
def test_spoken(seconds, words):
    assert spoken(seconds) == words


@given(
    st.builds(
        FeedAnswer,
        st.sampled_from(
            [ErrorClass.OK, ErrorClass.NOT_MODIFIED, ErrorClass.TIMEOUT, ErrorClass.RATE_LIMITED]
        ),
        st.just(FEED.url),
        st.just(FETCH),
        fresh_s=st.none() | st.integers(0, 10**12),
        retry_after_s=st.none() | st.integers(0, 10**12),
        parsed=st.none()
        | st.builds(FeedDocument, st.just(FeedKind.RSS), st.just(()), ttl_s=st.integers(0, 10**9)),
    ),
    st.floats(0.001, 10**6),
    st.integers(0, 10**6),
    st.integers(0, 4000),
    st.floats(-1, 1),
)
def test_every_poll_lies_between_ten_minutes_and_a_day_ahead(reply, rate, n_failures, quiet_days, jitter):
    state = FeedState(
        FEED.url,
        "news",
        FeedKind.RSS,
        new_per_day=rate,
        n_failures=n_failures,
        last_new_at=NOW - timedelta(days=quiet_days),
    )
    poll = next_poll(state, reply, NOW, jitter=jitter)
    assert poll.at is not None
    ahead_s = (poll.at - NOW).total_seconds()
    ttl_s = reply.parsed.ttl_s if reply.parsed else None
    floors = [min(s, 86_400) for s in (ttl_s, reply.fresh_s, reply.retry_after_s) if s]
    assert max(600, *floors, 0) <= ahead_s <= 86_400
    assert poll.reason.endswith(".")


@pytest.mark.parametrize(
    ("hours_ago", "failures", "bounds", "wait_s"),
    [
        pytest.param((0, 0.1, 0.2, 0.3), 0, PollInterval(7_200, 86_400), 7_200, id="not sooner"),
        pytest.param((0, 8, 16, 24), 0, PollInterval(600, 1_200), 1_200, id="not later"),
        pytest.param((0, 0.1, 0.2, 0.3), 0, PollInterval(60, 300), 180, id="within"),
        pytest.param((), 4, PollInterval(600, 1_200), 14_400, id="back-off is not shortened"),
    ],
)
def test_the_source_s_bounds(hours_ago, failures, bounds, wait_s):
    reply = failure() if failures else answer(*entries(*hours_ago))
    state = FeedState(FEED.url, "news", FeedKind.RSS, n_failures=max(failures - 1, 0))
    after = next_state(state, FEED, "news", reply, n_known=1, n_new=1, now=NOW, bounds=bounds)
    assert wait(after) == timedelta(seconds=wait_s)

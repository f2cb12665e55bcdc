"""Which pages are fetched next, and why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tasks.domain.feeds.polling import LONGEST_S
from tasks.errors import UsageError
from tasks.http_client.retry import _LATER
from tasks.recheck import find_rechecks
from tests.support.warehouse_rows import (
    FEED,
    HOUR,
    NOW,
    SOURCE,
    a_home,
    article,
    ask,
    entry,
    fetch,
    key,
    load,
    poll,
    polled,
    reject,
    url,
)
from warehouse.feed_states import MAX_POLL_WAIT
from warehouse.pages.pages import MAX_RETRY_WAIT, find_pending
from warehouse.records.outcome import Step
from warehouse.records.page import FetchReason, KnownPage
from warehouse.sources import load_sources
from warehouse.store.connection import open_store


def pending(home, now=NOW, limit=100, sources=("alpha",)):
    with open_store(home, owner="test") as con:
        found = find_pending(con, source_names=sources, now=now, limit_per_source=limit)
    return [(request.url_key, request.reason) for request in found]


def test_an_entry_that_was_never_fetched_is_new(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2)))
    assert pending(home) == [(key(1), FetchReason.NEW), (key(2), FetchReason.NEW)]
    load(home, article(1), fetches=(fetch(1),))
    assert pending(home) == [(key(2), FetchReason.NEW)]


def test_the_request_carries_what_the_feed_said(tmp_path):
    home = a_home(tmp_path)
    shown = replace(entry(1), guid="g", published_raw="Sun", summary="S", authors=("A", "B"), language="de")
    poll(home, polled(shown))
    with open_store(home, owner="test") as con:
        (request,) = find_pending(con, source_names=["alpha"], now=NOW, limit_per_source=5)
    assert request.entry == shown
    assert (request.feed_url, request.source, request.n_attempts) == (FEED, "alpha", 0)


def test_two_feeds_that_show_one_page_ask_for_it_once(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)), polled(entry(1), feed="https://news.example/other"))
    assert pending(home) == [(key(1), FetchReason.NEW)]


def test_other_sources_are_not_asked(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    assert pending(home, sources=("beta",)) == []


def test_pages_wait_for_the_source_that_lists_their_feed_now(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2)))
    load(home, article(1), fetches=(fetch(1),))
    with open_store(home, owner="test") as con:
        load_sources(con, [replace(SOURCE, name="renamed")])
    assert pending(home, sources=("renamed",)) == [(key(2), FetchReason.NEW)]
    assert ask(home, "select source, seen, stored, known, pending from source_daily order by source") == [
        ("alpha", 1, 1, 0, 0),
        ("renamed", 2, 0, 1, 1),
    ]
    assert ask(home, "select source from core.feed_state") == [("renamed",)]


def test_a_reject_is_tried_again_when_its_time_has_come(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2)))
    load(home, rejects=(reject(1, next_try_at=NOW + HOUR), reject(2)))
    assert pending(home) == []
    assert pending(home, NOW + HOUR) == [(key(1), FetchReason.RETRY)]


def test_a_reject_without_an_entry_is_tried_again_too(tmp_path):
    home = a_home(tmp_path)
    load(home, rejects=(reject(1, next_try_at=NOW),))
    assert pending(home) == [(key(1), FetchReason.RETRY)]


@pytest.mark.parametrize(
    ("shown_again", "reason"),
    [
        pytest.param(entry(1), None, id="nothing changed"),
        pytest.param(entry(1, title="Another title"), FetchReason.UPDATED, id="title"),
        pytest.param(entry(1, updated_at=NOW + HOUR / 2), FetchReason.UPDATED, id="update time"),
        pytest.param(replace(entry(1), summary="Another lead."), FetchReason.UPDATED, id="summary"),
    ],
)
def test_a_changed_entry_asks_for_its_page_again(tmp_path, shown_again, reason):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    load(home, article(1, at=NOW + timedelta(minutes=1)), fetches=(fetch(1, at=NOW + timedelta(minutes=1)),))
    poll(home, polled(shown_again, at=NOW + timedelta(minutes=30)))
    assert pending(home, NOW + timedelta(minutes=31)) == ([(key(1), reason)] if reason else [])


def test_a_page_that_was_fetched_since_it_changed_is_not_asked_for_again(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    load(home, article(1))
    poll(home, polled(entry(1, title="New"), at=NOW + timedelta(minutes=10)))
    load(home, article(1, at=NOW + timedelta(minutes=20)))
    assert pending(home, NOW + timedelta(minutes=30)) == []


@pytest.mark.parametrize(
    ("age", "due"),
    [
        pytest.param(timedelta(minutes=59), False, id="not within the first hour"),
        pytest.param(timedelta(hours=1), True, id="after an hour"),
        pytest.param(timedelta(days=7), True, id="after a week"),
    ],
)
def test_pages_are_checked_again_by_age(tmp_path, age, due):
    home = a_home(tmp_path)
    load(home, article(1))
    assert pending(home, NOW + age) == ([(key(1), FetchReason.RECHECK)] if due else [])


@pytest.mark.parametrize("checked_after", [HOUR, 7 * HOUR, timedelta(days=8)])
def test_a_page_is_checked_once_at_each_age(tmp_path, checked_after):
    home = a_home(tmp_path)
    load(home, article(1), fetches=(fetch(1),))
    load(home, fetches=(fetch(1, at=NOW + checked_after, outcome="not_modified", status=304),))
    assert pending(home, NOW + checked_after + timedelta(minutes=1)) == []


def test_a_page_that_was_found_gone_is_checked_again(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1), fetches=(fetch(1),))
    poll(home, polled(entry(1)))
    with open_store(home, owner="test") as con:
        (request,) = find_pending(con, source_names=["alpha"], now=NOW + HOUR, limit_per_source=5)
    absent = fetch(1, at=NOW + HOUR, outcome="not_found", status=404, reason="recheck")
    load(home, fetches=(absent,), gone=(request,))
    assert ask(home, "select gone_at from articles") == [(NOW + HOUR,)]
    assert pending(home, NOW + 2 * HOUR) == []
    assert pending(home, NOW + 6 * HOUR) == [(key(1), FetchReason.RECHECK)]
    same = fetch(1, at=NOW + 6 * HOUR, outcome="not_modified", status=304, reason="recheck")
    load(home, fetches=(same,))
    assert ask(home, "select gone_at from articles") == [(None,)]


def test_a_recheck_asks_with_what_the_page_last_came_with(tmp_path):
    home = a_home(tmp_path)
    first = replace(fetch(1), body_sha256="a1", etag='"old"', last_modified="Sun, 01 Nov 2026 12:00:00 GMT")
    load(home, article(1), fetches=(first,))
    load(home, fetches=(replace(first, started_at=NOW + HOUR, outcome="not_modified", etag='"new"'),))
    failed = replace(first, started_at=NOW + 2 * HOUR, outcome="timeout", etag=None, body_sha256=None)
    load(home, fetches=(failed,))
    with open_store(home, owner="test") as con:
        (request,) = find_pending(con, source_names=["alpha"], now=NOW + 7 * HOUR, limit_per_source=5)
    assert request.reason is FetchReason.RECHECK
    assert request.known == KnownPage('"new"', "Sun, 01 Nov 2026 12:00:00 GMT", "a1")


def test_a_new_page_is_asked_for_without_conditions(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    with open_store(home, owner="test") as con:
        (request,) = find_pending(con, source_names=["alpha"], now=NOW, limit_per_source=5)
    assert request.known is None


def test_a_page_that_had_not_changed_counts_as_unchanged_and_not_as_fetched(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1), fetches=(fetch(1),))
    same = fetch(1, at=NOW + HOUR, outcome="not_modified", status=304, reason="recheck")
    counts = load(home, fetches=(same, fetch(2, at=NOW + HOUR))).counts
    assert (counts.n_fetched, counts.n_unchanged) == (1, 1)
    assert ask(home, "select checked_at from core.article") == [(NOW + HOUR,)]


def test_old_articles_of_a_backfill_are_not_checked_again(tmp_path):
    home = a_home(tmp_path)
    old = article(1)
    assert old.published is not None
    load(home, replace(old, published=replace(old.published, at=NOW - timedelta(days=400))))
    assert pending(home, NOW + 2 * HOUR) == []


@pytest.mark.parametrize(("days", "due"), [(0.9, False), (1, True), (7, True)])
def test_an_old_article_that_a_feed_shows_is_checked_after_a_day(tmp_path, days, due):
    home = a_home(tmp_path)
    old = article(1)
    assert old.published is not None
    poll(home, polled(entry(1)))
    load(home, replace(old, published=replace(old.published, at=NOW - timedelta(days=400))))
    found = pending(home, NOW + timedelta(days=days))
    assert found == ([(key(1), FetchReason.RECHECK)] if due else [])


def test_rechecks_have_a_share_of_the_limit(tmp_path):
    home = a_home(tmp_path)
    load(home, *(article(n) for n in range(40)))
    poll(home, polled(*(entry(n) for n in range(100, 130))))
    found = pending(home, NOW + HOUR, limit=20)
    assert [reason for _, reason in found] == [FetchReason.NEW] * 20
    found = pending(home, NOW + HOUR, limit=40)
    assert [reason for _, reason in found].count(FetchReason.RECHECK) == 10


def test_what_was_forgotten_is_not_asked_for(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    ask(home, "insert into core.forgotten (url_key, forgotten_at) values (?, now())", key(1))
    assert pending(home) == []
    assert load(home, article(1)).counts.n_new == 0


@pytest.mark.parametrize(
    ("wait", "is_due"),
    [
        pytest.param(timedelta(0), True, id="now"),
        pytest.param(timedelta(minutes=1), False, id="not yet"),
        pytest.param(MAX_RETRY_WAIT, False, id="the longest wait"),
        pytest.param(MAX_RETRY_WAIT + timedelta(seconds=1), True, id="from a clock that was ahead"),
    ],
)
def test_a_retry_is_due_in_time_and_when_its_time_cannot_be(tmp_path, wait, is_due):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    load(home, rejects=(reject(1, next_try_at=NOW + wait),))
    assert pending(home) == ([(key(1), FetchReason.RETRY)] if is_due else [])


def test_the_longest_wait_is_that_of_the_fetch_step():
    assert max(_LATER) == MAX_RETRY_WAIT
    assert timedelta(seconds=LONGEST_S) == MAX_POLL_WAIT


def test_known_pages_are_asked_again_whatever_their_age(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2)))
    with_etag = replace(fetch(1), etag='"e"', body_sha256="b")
    load(home, article(1), article(4), fetches=(with_etag,), rejects=(reject(3),))
    requests = find_rechecks(home, ["https://news.example/1?utm_source=x", *map(url, (2, 3, 4))])
    assert [(r.url, r.reason, r.known, r.n_attempts) for r in requests] == [
        (url(1), FetchReason.RECHECK, KnownPage('"e"', None, "b"), 0),
        (url(2), FetchReason.RETRY, None, 0),
        (url(3), FetchReason.RETRY, None, 1),
        (url(4), FetchReason.RECHECK, None, 0),
    ]
    assert requests[0].entry == entry(1)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        pytest.param("https://news.example/9", "is not known", id="never seen"),
        pytest.param("mailto:a@news.example", "not a valid", id="no page"),
    ],
)
def test_a_page_that_is_not_known_is_wrong_usage(tmp_path, page, words):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    with pytest.raises(UsageError, match=words):
        find_rechecks(home, [url(1), page])


def moved_home(tmp_path):
    """Return a warehouse whose first page was stored and redirects to the second since an hour later."""
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    load(home, article(1), fetches=(fetch(1),))
    moved = article(1, at=NOW + HOUR, body="Another text.", identity_key=key(2), final_url=url(2))
    load(home, moved, fetches=(fetch(1, at=NOW + HOUR, reason="recheck"),))
    return home


def test_a_stored_page_that_leads_to_another_article_is_asked_once(tmp_path):
    home = moved_home(tmp_path)
    assert [(r.url, r.reason) for r in find_rechecks(home, [url(1)])] == [(url(1), FetchReason.RECHECK)]
    assert [r.url_key for r in find_rechecks(home, [url(1), url(2)])] == [key(1), key(2)]


def test_an_article_whose_url_leads_to_another_one_is_checked_once_at_each_age(tmp_path):
    home = moved_home(tmp_path)
    assert pending(home, NOW + 6 * HOUR) == [
        (key(1), FetchReason.RECHECK),
        (key(2), FetchReason.RECHECK),
    ]
    load(home, fetches=(fetch(1, at=NOW + 6 * HOUR, outcome="not_modified", reason="recheck"),))
    assert pending(home, NOW + 6 * HOUR + HOUR / 6) == []


def test_an_article_whose_url_leads_to_another_one_follows_its_feed_once(tmp_path):
    home = moved_home(tmp_path)
    poll(home, polled(entry(1, title="New"), at=NOW + 2 * HOUR))
    assert pending(home, NOW + 2 * HOUR) == [(key(1), FetchReason.UPDATED)]
    again = article(1, at=NOW + 3 * HOUR, body="A third text.", identity_key=key(2), final_url=url(2))
    load(home, again, fetches=(fetch(1, at=NOW + 3 * HOUR, reason="updated"),))
    assert pending(home, NOW + 4 * HOUR) == []


def test_a_url_that_is_gone_marks_the_article_stored_under_it(tmp_path):
    home = moved_home(tmp_path)
    with open_store(home, owner="test") as con:
        request = find_pending(con, source_names=["alpha"], now=NOW + 6 * HOUR, limit_per_source=5)[0]
    absent = fetch(1, at=NOW + 6 * HOUR, outcome="not_found", status=404, reason="recheck")
    load(home, fetches=(absent,), gone=(request,))
    gone = "select url_key, gone_at is not null from core.article order by url_key"
    assert ask(home, gone) == [(key(1), True), (key(2), False)]


def test_a_stored_page_that_failed_once_is_still_checked_at_its_ages(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1), fetches=(fetch(1),))
    walled = fetch(1, at=NOW + HOUR, reason="recheck")
    load(home, fetches=(walled,), rejects=(reject(1, at=NOW + HOUR, step=Step.EXTRACT),))
    assert pending(home, NOW + 2 * HOUR) == []
    assert pending(home, NOW + 6 * HOUR) == [(key(1), FetchReason.RECHECK)]


def test_a_stored_page_that_waits_for_a_retry_is_not_checked_before_it(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1), fetches=(fetch(1),))
    late = reject(1, at=NOW + HOUR, next_try_at=NOW + 8 * HOUR)
    load(home, fetches=(fetch(1, at=NOW + HOUR, outcome="timeout", reason="recheck"),), rejects=(late,))
    assert pending(home, NOW + 7 * HOUR) == []
    assert pending(home, NOW + 8 * HOUR) == [(key(1), FetchReason.RETRY)]


@pytest.mark.parametrize(
    ("step", "n_open"),
    [
        pytest.param(Step.FETCH, 0, id="the request failed"),
        pytest.param(Step.EXTRACT, 1, id="the page that has not changed is the one that was refused"),
    ],
)
def test_a_page_that_answers_as_before_has_not_failed(tmp_path, step, n_open):
    home = a_home(tmp_path)
    load(home, article(1), fetches=(fetch(1),))
    forbidden = fetch(1, at=NOW + HOUR, outcome="forbidden", status=403, reason="recheck")
    load(home, fetches=(forbidden,), rejects=(reject(1, at=NOW + HOUR, step=step),))
    load(home, fetches=(fetch(1, at=NOW + 6 * HOUR, outcome="not_modified", reason="recheck"),))
    assert ask(home, "select count(*) from core.reject where resolved_at is null") == [(n_open,)]

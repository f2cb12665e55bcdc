"""The plan of a run: due feeds, mixed hosts, bounded batches."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.plan import PAGES_PER_BATCH, batch_pages, is_due
from warehouse.records import FeedEntry, FeedKind, FeedState, PageRequest

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def state(**changes):
    return FeedState("https://a.example/feed", "a", FeedKind.RSS, **changes)


@pytest.mark.parametrize(
    ("remembered", "due"),
    [
        pytest.param(None, True, id="never polled"),
        pytest.param(state(), True, id="no time set"),
        pytest.param(state(next_due_at=NOW), True, id="due"),
        pytest.param(state(next_due_at=NOW + timedelta(seconds=1)), False, id="not due"),
        pytest.param(state(next_due_at=NOW + timedelta(days=1)), False, id="the longest interval"),
        pytest.param(
            state(next_due_at=NOW + timedelta(days=1, seconds=1)), True, id="from a clock that was ahead"
        ),
        pytest.param(state(next_due_at=NOW, stopped_at=NOW), False, id="stopped"),
        pytest.param(state(stopped_at=NOW), False, id="stopped without a time"),
    ],
)
def test_is_due(remembered, due):
    assert is_due(remembered, NOW) is due


def request(host, n):
    url = f"https://{host}.example/{n}"
    return PageRequest(host, url, f"{host}.example/{n}", FeedEntry(url))


def test_batches_mix_hosts_and_keep_each_hosts_order():
    requests = [request("a", n) for n in range(3)] + [request("b", n) for n in range(2)]
    (batch,) = batch_pages(requests)
    assert [r.url_key for r in batch] == [
        "a.example/0",
        "b.example/0",
        "a.example/1",
        "b.example/1",
        "a.example/2",
    ]


def test_batches_are_bounded_and_lose_nothing():
    requests = [request("a", n) for n in range(PAGES_PER_BATCH * 2 + 1)]
    batches = batch_pages(requests)
    assert [len(batch) for batch in batches] == [PAGES_PER_BATCH, PAGES_PER_BATCH, 1]
    assert [r for batch in batches for r in batch] == requests

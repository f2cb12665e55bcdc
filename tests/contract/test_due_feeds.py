"""Which feeds of a store are due."""

import logging
from dataclasses import replace
from datetime import timedelta

import pytest

from tasks.plan import find_all_feeds, find_due_feeds, log_next_feed
from tests.support.warehouse_rows import NOW, a_home, poll, polled, store
from warehouse.records.source import Feed, Source
from warehouse.sources import load_sources

CASES = {
    "never polled": (None, True),
    "no time set": ({"next_due_at": None}, True),
    "due": ({"next_due_at": NOW}, True),
    "not due": ({"next_due_at": NOW + timedelta(seconds=1)}, False),
    "the longest interval": ({"next_due_at": NOW + timedelta(days=1)}, False),
    "from a clock that was ahead": ({"next_due_at": NOW + timedelta(days=1, seconds=1)}, True),
    "stopped": ({"next_due_at": NOW, "stopped_at": NOW}, False),
    "stopped without a time": ({"stopped_at": NOW}, False),
}
FEEDS = {case: f"https://news.example/{number}" for number, case in enumerate(CASES)}
SOURCE = Source("alpha", "Alpha", feeds=tuple(Feed(url) for url in FEEDS.values()))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = a_home(tmp_path_factory.mktemp("due"))
    for case, (changes, _) in CASES.items():
        if changes is not None:
            answer = polled(feed=FEEDS[case])
            poll(home, replace(answer, state=replace(answer.state, **changes)))
    with store(home) as con:
        load_sources(con, [SOURCE, Source("beta", "Beta", feeds=(Feed("https://beta.example/feed"),))])
    return home


@pytest.mark.parametrize("case", CASES)
def test_a_feed_is_due(home, case):
    due = {poll.feed.url: poll.state for poll in find_due_feeds(home, [SOURCE], NOW)}
    changes, is_due = CASES[case]
    assert (FEEDS[case] in due) is is_due
    if is_due and changes is not None:
        assert due[FEEDS[case]].next_due_at == changes["next_due_at"]


def test_every_feed_comes_with_its_state(home):
    states = {poll.feed.url: poll.state for poll in find_all_feeds(home, [SOURCE])}
    assert list(states) == list(FEEDS.values())
    assert [case for case in CASES if states[FEEDS[case]] is None] == ["never polled"]
    assert states[FEEDS["stopped"]].stopped_at == NOW


def test_the_feed_that_is_due_next_is_named(home, caplog):
    with caplog.at_level(logging.INFO, logger="wirehouse"):
        log_next_feed(home, [SOURCE])
        log_next_feed(home, [])
    assert [record.message for record in caplog.records] == [
        f"No feed is due; next: {FEEDS['due']} at 2026-11-01 12:00:00 UTC",
        "No feed is polled: no enabled source has one, or all answered that they are gone (410).",
    ]

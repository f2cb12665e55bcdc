"""Sending alerts, killed at changes of the disk and repeated: nothing is lost, and nothing is there twice.

The receiver keeps keys, as the documentation asks it to. In each run of the tests two kills at random points;
`make test-kills` (WIREHOUSE_KILL_POINTS=all) tries every point, and twenty kills of one warehouse in a row.
"""

import os
import random
import shutil
import signal
from functools import partial
from pathlib import Path

import pytest

from tasks.alerts.send import report_changes
from tasks.deduplicate import link_articles
from tests.support.kill_points import find_points, run_in_child, run_killed
from tests.support.receivers import web_hook
from tests.support.warehouse_rows import article
from warehouse.alerts.saved_search import Channel, Each, Recipient, SavedSearch, SavedSearches, Trigger
from warehouse.articles import load_batch
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Batch
from warehouse.store.connection import Home, open_store, transaction
from warehouse.store.days import find_days

SAMPLE = os.environ.get("WIREHOUSE_KILL_POINTS", "2")
HOOK = Recipient(Channel.WEBHOOK, "env:HOOK")
SEARCHES = SavedSearches(
    tuple(
        SavedSearch(word, word, on=(Trigger.NEW, Trigger.EDIT), each=each, recipients=(HOOK,))
        for word, each in (("bridge", Each.STORY), ("ferry", Each.ARTICLE), ("opens", Each.ARTICLE))
    )
)


def add(home: Home, *numbers: int) -> None:
    """Store and publish an article about a bridge and one about a ferry for each number."""
    with open_store(home, owner="test") as con, transaction(con):
        batch = [
            article(2 * n + offset, title=f"{word} {n} opens", body=f"{word} number {n} opens in Vikeld.")
            for n in numbers
            for offset, word in enumerate(("Bridge", "Ferry"))
        ]
        loaded = load_batch(con, Batch("run", articles=tuple(batch)))
        link_articles(con, find_days(con, loaded.changed_ids), loaded.load_id)
    publish_snapshot(home)


def expected(numbers: range) -> list[tuple[str, str, int]]:
    """Return (search, URL, revision) of each change that must be reported."""
    urls = {n: [f"https://news.example/{2 * n + offset}" for offset in (0, 1)] for n in numbers}
    return sorted(
        [("bridge", urls[n][0], 1) for n in numbers]
        + [("ferry", urls[n][1], 1) for n in numbers]
        + [("opens", url, 1) for n in numbers for url in urls[n]]
    )


@pytest.fixture(scope="module")
def news(tmp_path_factory):
    """Return a home with news that no message has reported yet."""
    home = Home(tmp_path_factory.mktemp("alerts") / "home")

    def fill() -> None:
        add(home, 0)
        report_changes(home, SEARCHES, {})
        add(home, 1, 2, 3)

    run_in_child(fill)
    return home


@pytest.fixture
def hook():
    with web_hook() as receiver:
        yield receiver


def sending(home: Home, hook):
    return lambda: report_changes(home, SEARCHES, {"HOOK": hook.url}).n_sent


def copy_of(home: Home, folder: Path) -> Home:
    return Home(Path(shutil.copytree(home.root, folder)))


def test_killed_while_sending_each_change_arrives_and_none_is_there_twice(news, tmp_path):
    with web_hook() as hook:
        points = find_points(sending(copy_of(news, tmp_path / "undisturbed"), hook))
        assert hook.kept() == expected(range(1, 4))
    chosen = random.sample(range(1, len(points) + 1), len(points) if SAMPLE == "all" else int(SAMPLE))
    for number in sorted(chosen):
        home = copy_of(news, tmp_path / f"killed-{number}")
        with web_hook() as hook:
            assert run_killed(sending(home, hook), number)
            run_in_child(sending(home, hook))
            assert hook.kept() == expected(range(1, 4)), points[number - 1]
            assert run_in_child(sending(home, hook)) == 0, points[number - 1]


@pytest.mark.parametrize("is_accepted", [True, False], ids=["after it is accepted", "before it is sent"])
def test_killed_at_a_message_only_that_one_is_repeated(news, tmp_path, hook, is_accepted):
    home = copy_of(news, tmp_path / "home")

    def killed_at_the_second() -> None:
        import tasks.alerts.send

        post, n_posts = tasks.alerts.send.post_message, 0

        def posting(*arguments: object) -> None:
            nonlocal n_posts
            n_posts += 1
            if is_accepted or n_posts < 2:
                post(*arguments)
            if n_posts == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        tasks.alerts.send.post_message = posting
        sending(home, hook)()

    assert run_killed(killed_at_the_second, 0)
    run_in_child(sending(home, hook))
    keys = [headers["Idempotency-Key"] for headers in hook.headers]
    assert len(keys) == (4 if is_accepted else 3)
    assert len(set(keys)) == 3
    assert hook.kept() == expected(range(1, 4))


def test_killed_again_and_again_on_one_warehouse(news, tmp_path, hook):
    n_kills = 20 if SAMPLE == "all" else int(SAMPLE)
    home, n_killed, last = copy_of(news, tmp_path / "home"), 0, 3
    while n_killed < n_kills:
        if random.random() < 0.5:
            last += 1
            run_in_child(partial(add, home, last))
        n_killed += run_killed(sending(home, hook), random.randint(1, 12))
    run_in_child(sending(home, hook))
    assert hook.kept() == expected(range(1, last + 1))

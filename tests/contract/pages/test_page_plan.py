"""The pages of one run: looked for after each poll, each planned once, and by one run at a time."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tasks.plan import PAGES_PER_SOURCE, PagePlan, find_due_feeds
from tests.support.warehouse_rows import FEED, HOUR, NOW, SOURCE, a_home, entry, key, poll, polled
from warehouse.run_record import recorded_run
from warehouse.store.claims import STALE_S, open_claims

ROOT = Path(__file__).parents[3]


def keys(batches):
    return [request.url_key for batch in batches for request in batch]


def test_pages_are_known_after_the_poll_of_their_feed(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    plan = PagePlan(home)
    assert keys(plan.next_batches(NOW)) == []
    plan.note_polled(["alpha"])
    assert keys(plan.next_batches(NOW)) == [key(1)]
    assert keys(plan.next_batches(NOW)) == []


def test_sources_without_a_due_feed_come_first(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    assert keys(PagePlan(home, ["beta"]).next_batches(NOW)) == []
    assert keys(PagePlan(home, ["alpha"]).next_batches(NOW)) == [key(1)]


def test_a_second_feed_of_a_source_adds_its_own_pages(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    plan = PagePlan(home, ["alpha"])
    first = plan.next_batches(NOW)
    poll(home, polled(entry(1), entry(2), feed="https://news.example/other"))
    plan.note_polled(["alpha"])
    assert keys(first) == [key(1)]
    assert keys(plan.next_batches(NOW)) == [key(2)]


def test_the_limit_of_a_source_is_that_of_the_run(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(*(entry(n) for n in range(PAGES_PER_SOURCE - 1))))
    plan = PagePlan(home, ["alpha"])
    n_first = len(keys(plan.next_batches(NOW)))
    poll(home, polled(*(entry(n) for n in range(PAGES_PER_SOURCE, PAGES_PER_SOURCE + 9)), at=NOW))
    plan.note_polled(["alpha"])
    assert n_first + len(keys(plan.next_batches(NOW))) == PAGES_PER_SOURCE


def test_pages_that_are_named_are_fetched_before_others(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2)))
    named = [request for batch in PagePlan(home, ["alpha"]).next_batches(NOW) for request in batch]
    plan = PagePlan(home, ["alpha"], pages=[named[1]])
    assert keys(plan.next_batches(NOW)) == [key(2), key(1)]


def test_many_pages_are_planned_some_at_a_time(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(*(entry(n) for n in range(45))))
    plan = PagePlan(home, ["alpha"], pages_at_once=20)
    parts = [keys(plan.next_batches(NOW)) for _ in range(4)]
    assert [len(part) for part in parts] == [20, 20, 5, 0]
    assert len({page for part in parts for page in part}) == 45


def test_a_source_that_is_polled_later_gets_no_more_than_its_share(tmp_path):
    home = a_home(tmp_path)
    poll(home, polled(*(entry(n) for n in range(30))))
    plan = PagePlan(home, ["alpha"], pages_at_once=20)
    plan.next_batches(NOW)
    poll(home, polled(*(entry(n) for n in range(100, 130)), feed="https://news.example/other"))
    plan.note_polled(["alpha"])
    parts = [len(keys(plan.next_batches(NOW))) for _ in range(3)]
    assert parts == [20, 20, 0]


OTHER_RUN = """
import sys, time
from pathlib import Path
from tasks.plan import PagePlan, find_due_feeds
from tests.support.warehouse_rows import NOW, SOURCE
from warehouse.run_record import recorded_run
from warehouse.store.claims import open_claims
from warehouse.store.home import Home
home = Home(Path(sys.argv[1]))
with recorded_run(home, "ingest") as run, open_claims(home, run.run_id) as claims:
    find_due_feeds(home, [SOURCE], NOW, claims=claims)
    plan = PagePlan(home, ["alpha"], claims=claims)
    plan.next_batches(NOW)
    plan.note_done(sys.argv[2:])
    print("planned", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def other_run(tmp_path):
    """Return a function that starts a run in another process; these keys it has stored already."""
    started = []

    def start(*done_keys):
        process = subprocess.Popen(
            [sys.executable, "-c", OTHER_RUN, str(a_home(tmp_path).root), *done_keys],
            stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )  # fmt: skip
        started.append(process)
        assert process.stdout.readline() == "planned\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def planned_beside(home):
    """Return the keys that a run plans beside others, and the feeds that it polls."""
    with open_claims(home, "own") as claims:
        pages = keys(PagePlan(home, ["alpha"], claims=claims).next_batches(NOW))
        return pages, [poll.feed.url for poll in find_due_feeds(home, [SOURCE], NOW, claims=claims)]


def test_what_another_run_has_planned_is_left_to_it_while_it_lives(tmp_path, other_run):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2)))
    process = other_run()
    poll(home, polled(entry(1), entry(2), entry(3)))
    assert planned_beside(home) == ([key(3)], [])
    process.kill()
    process.wait()
    assert planned_beside(home) == ([key(1), key(2), key(3)], [FEED])


def test_what_another_run_has_stored_is_not_left_to_it(tmp_path, other_run):
    home = a_home(tmp_path)
    poll(home, polled(entry(1), entry(2)))
    other_run(key(1))  # stored, and due again
    assert planned_beside(home) == ([key(1)], [])


def test_nothing_is_left_to_a_run_that_hangs(tmp_path, other_run):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    other_run()
    assert planned_beside(home) == ([], [])
    for file in (home.state_dir / "runs").glob("*.*"):
        os.utime(file, (0, time.time() - STALE_S - 9))
    assert planned_beside(home) == ([key(1)], [FEED])


def test_pages_of_another_run_do_not_count_for_the_limit(tmp_path, other_run):
    home = a_home(tmp_path)
    poll(home, polled(*(entry(n) for n in range(PAGES_PER_SOURCE))))
    other_run()
    poll(home, polled(*(entry(n) for n in range(PAGES_PER_SOURCE, PAGES_PER_SOURCE + 9)), at=NOW - HOUR))
    assert sorted(planned_beside(home)[0]) == sorted(
        key(n) for n in range(PAGES_PER_SOURCE, PAGES_PER_SOURCE + 9)
    )


def test_a_killed_runs_claims_are_deleted_by_the_next_run(tmp_path, other_run):
    home = a_home(tmp_path)
    poll(home, polled(entry(1)))
    process = other_run()
    assert {file.suffix for file in (home.state_dir / "runs").iterdir()} == {".lock", ".pages", ".feeds"}
    process.kill()
    process.wait()
    with recorded_run(home, "import"):
        pass
    assert list((home.state_dir / "runs").iterdir()) == []

"""Which source's pages the next free worker gets."""

import heapq

import pytest

from tasks.workers.fair_share import FairShare, SourceBudget

BUDGET = SourceBudget()


def shares(n_workers=4, budget=BUDGET, **waiting):
    made = FairShare(n_workers, 8, budget)
    for source, n_items in waiting.items():
        for n in range(n_items):
            made.add(source, f"{source}{n}")
    return made


def start_all(made, now_s=0.0):
    calls = []
    while (call := made.start(now_s)) is not None:
        calls.append(call)
    return calls


def finish(made, call, spent_s, n_exceeded=0):
    made.finish(call, spent_s=spent_s, n_done=len(call.items), n_exceeded=n_exceeded)


def test_an_unknown_source_gets_half_of_the_workers_one_page_at_a_time():
    calls = start_all(shares(a=20))
    assert [call.items for call in calls] == [("a0",), ("a1",)]


def test_a_quick_source_gets_chunks_and_all_idle_workers():
    made = shares(a=60)
    for _ in range(5):
        finish(made, made.start(0.0), 0.1)
    calls = start_all(made)
    assert len(calls) == 4
    assert {len(call.items) for call in calls} == {8}


def test_a_quick_source_leaves_half_of_the_workers_to_others():
    made = shares(a=60)
    for _ in range(5):
        finish(made, made.start(0.0), 0.1)
    made.add("b", "b0")
    assert sorted(call.source for call in start_all(made)) == ["a", "a", "a", "b"]
    made = shares(a=60, b=60)
    assert sorted(call.source for call in start_all(made)) == ["a", "a", "b", "b"]


def test_the_source_that_has_used_the_least_comes_first():
    made = shares(n_workers=1, a=2, b=2, c=1)
    order = []
    for spent_s in (5.0, 1.0, 0.2, 0.1, 0.1):
        call = made.start(0.0)
        order.append(call.items[0])
        finish(made, call, spent_s)
    assert order == ["a0", "b0", "c0", "b1", "a1"]


def test_slow_sources_together_hold_half_of_the_workers():
    made = shares(n_workers=4, a=3, b=3, c=3)
    slow = [made.start(0.0), made.start(0.0)]
    assert [call.source for call in slow] == ["a", "b"]
    calls = start_all(made, now_s=3.0)  # both have been running for more than two seconds
    assert [call.source for call in calls] == ["c", "c"]


def test_after_three_pages_over_their_limit_the_rest_of_the_source_is_deferred():
    made = shares(n_workers=2, bad=9, good=1)
    for _ in range(4):
        call = made.start(0.0)
        finish(made, call, 10.0 if call.source == "bad" else 0.1, int(call.source == "bad"))
    deferred = list(made.take_deferred())
    assert [item for item, _ in deferred] == [f"bad{n}" for n in range(3, 9)]
    assert deferred[0][1] == "3 of 3 pages of 'bad' exceeded their limit"
    assert made.start(0.0) is None


def test_a_few_slow_pages_among_good_ones_defer_nothing():
    made = shares(n_workers=1, a=20)
    for n in range(10):
        call = made.start(0.0)
        finish(made, call, 1.0, int(n % 3 == 0))
    assert list(made.take_deferred()) == []


def test_a_source_of_costly_pages_is_deferred_after_its_budget():
    made = shares(n_workers=1, a=40)
    for _ in range(25):
        finish(made, made.start(0.0), 5.0)
    assert len(list(made.take_deferred())) == 15


def test_without_a_budget_nothing_is_deferred_and_chunks_are_full():
    made = shares(n_workers=2, budget=None, a=40)
    call = made.start(0.0)
    assert len(call.items) == 8
    finish(made, call, 80.0, 8)
    assert list(made.take_deferred()) == []


def test_items_of_a_failed_chunk_run_alone_and_first():
    made = shares(n_workers=1, budget=None, a=10)
    call = made.start(0.0)
    made.finish(call, spent_s=10.0, n_done=0, n_exceeded=0)
    for item in call.items:
        made.add_single("a", item)
    assert [made.start(0.0).items] == [("a0",)]


def test_a_page_that_exceeds_its_trial_runs_alone_after_the_others_of_its_source():
    made = shares(n_workers=1, a=3)
    first = made.start(0.0)
    assert (first.items, first.is_trial) == (("a0",), True)
    made.finish(first, spent_s=2.0, n_done=0, n_exceeded=0)
    made.add_long("a", "a0")
    later = []
    while (call := made.start(0.0)) is not None:
        later.append((call.items, call.is_trial))
        finish(made, call, 0.1)
    assert later == [(("a1",), False), (("a2",), False), (("a0",), False)]


def ends_of_all(made, page_s):
    """Return when each item ends; `page_s` has the seconds of CPU of a source's page."""
    now_s, ends, running = 0.0, {}, []
    while True:
        for call in start_all(made, now_s):
            is_over = call.is_trial and page_s[call.source] > BUDGET.trial_s
            spent_s = BUDGET.trial_s if is_over else page_s[call.source] * len(call.items)
            heapq.heappush(running, (now_s + spent_s, call.number, call, is_over, spent_s))
        if not running:
            return ends
        now_s, _, call, is_over, spent_s = heapq.heappop(running)
        made.finish(call, spent_s=spent_s, n_done=0 if is_over else len(call.items), n_exceeded=0)
        if is_over:
            made.add_long(call.source, *call.items)
        else:
            ends |= dict.fromkeys(call.items, now_s)


@pytest.mark.parametrize("n_workers", [1, 2, 8])
def test_good_pages_wait_for_a_trial_of_each_bad_source_and_no_longer(n_workers):
    bad = {f"bad{n}": 4 for n in range(20)}
    good = {f"good{n}": 8 for n in range(20)}
    page_s = dict.fromkeys(bad, 9.0) | dict.fromkeys(good, 0.1)
    ends = ends_of_all(shares(n_workers, **bad, **good), page_s)
    assert len(ends) == 20 * 4 + 20 * 8
    trials_s, good_s = 20 * BUDGET.trial_s, 20 * 8 * 0.1
    assert max(end for item, end in ends.items() if item.startswith("good")) <= trials_s + good_s + 9.0


def test_without_a_budget_there_is_no_trial():
    assert not shares(budget=None, a=1).start(0.0).is_trial

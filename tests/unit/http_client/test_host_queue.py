"""Hosts in parallel, the jobs of each host in order."""

import threading
from concurrent.futures import CancelledError
from contextvars import ContextVar

import pytest

from tasks.http_client.host_queue import HostQueues


@pytest.fixture
def queues():
    made = HostQueues(4)
    yield made
    made.close()


def no_wait():
    return 0.0


def test_jobs_of_a_host_run_in_order_and_one_at_a_time(queues):
    done, inside = [], []

    def job(n):
        inside.append(n)
        assert len(inside) == 1
        done.append(n)
        inside.remove(n)
        return n

    futures = [queues.submit("a", "s", lambda n=n: job(n), no_wait) for n in range(50)]
    assert [future.result(5) for future in futures] == list(range(50))
    assert done == list(range(50))


def test_a_job_runs_in_the_context_of_the_step_that_queued_it(queues):
    step = ContextVar("step", default="none")
    queued = []
    for name in ("poll feeds", "fetch pages"):
        token = step.set(name)
        queued += [queues.submit(host, "s", step.get, no_wait) for host in ("a", "a", "b")]
        step.reset(token)
    assert [future.result(5) for future in queued] == ["poll feeds"] * 3 + ["fetch pages"] * 3


def test_a_host_that_hangs_costs_the_others_nothing(queues):
    stop = threading.Event()
    hanging = [queues.submit("slow", "s", lambda: stop.wait(10), no_wait) for _ in range(8)]
    others = [queues.submit(f"host{n}", f"s{n}", lambda n=n: n, no_wait) for n in range(30)]
    assert [future.result(5) for future in others] == list(range(30))
    assert not any(future.done() for future in hanging)
    stop.set()
    assert all(future.result(5) for future in hanging)


def test_a_host_that_waits_holds_no_thread(queues):
    """Four hosts have long delays, and there are four threads: a fifth host is still served."""
    waiting = [queues.submit(f"w{n % 4}", f"s{n % 4}", lambda: 1, lambda: 3600.0) for n in range(8)]
    assert queues.submit("e", "t", lambda: 7, no_wait).result(5) == 7
    assert sum(future.done() for future in waiting) <= 4


def test_an_error_belongs_to_its_future_and_the_lane_goes_on(queues):
    failing = queues.submit("a", "s", lambda: 1 // 0, no_wait)
    after = queues.submit("a", "s", lambda: "fine", no_wait)
    with pytest.raises(ZeroDivisionError):
        failing.result(5)
    assert after.result(5) == "fine"


def test_closing_cancels_what_has_not_begun():
    queues = HostQueues(1)
    begun, stop = threading.Event(), threading.Event()

    def first():
        begun.set()
        return stop.wait(10)

    running = queues.submit("a", "s", first, no_wait)
    waiting = queues.submit("a", "s", lambda: None, no_wait)
    begun.wait(5)
    threading.Timer(0.05, stop.set).start()
    queues.close()
    assert running.result(0) is True
    with pytest.raises(CancelledError):
        waiting.result(0)
    with pytest.raises(CancelledError):
        queues.submit("a", "s", lambda: None, no_wait)


def test_a_source_with_many_slow_hosts_holds_a_quarter_of_the_threads():
    queues, stop, begun = HostQueues(8), threading.Event(), []

    def hang(n):
        begun.append(n)
        return stop.wait(10)

    hanging = [queues.submit(f"slow{n}", "slow", lambda n=n: hang(n), no_wait) for n in range(20)]
    others = [queues.submit(f"host{n}", "good", lambda n=n: n, no_wait) for n in range(30)]
    assert [future.result(5) for future in others] == list(range(30))
    assert len(begun) == 2
    stop.set()
    assert all(future.result(5) for future in hanging)
    queues.close()

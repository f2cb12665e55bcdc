"""Results are returned when they are ready, with the next batch."""

import threading
from concurrent.futures import Future

import pytest

from tasks.workers.backlog import Backlog


def done(value):
    future = Future()
    future.set_result(value)
    return future


def test_a_batch_that_is_ready_is_returned_whole():
    backlog = Backlog(10.0)
    assert backlog.take({done(1): "a", done(2): "b"}) == [("a", 1), ("b", 2)]
    assert len(backlog) == 0


def test_a_late_result_comes_with_a_later_batch():
    backlog, late = Backlog(0.01), Future()
    assert backlog.take({done(1): "a", late: "b"}) == [("a", 1)]
    assert len(backlog) == 1
    late.set_result(2)
    assert backlog.take({done(3): "c"}) == [("b", 2), ("c", 3)]


def test_a_batch_of_which_nothing_is_ready_does_not_wait_for_ever():
    backlog, late = Backlog(0.01), Future()
    assert backlog.take({late: "a"}) == []
    assert len(backlog) == 1


def test_late_results_are_waited_for():
    backlog, late = Backlog(0.01), Future()
    backlog.take({done(1): "a", late: "b"})
    timer = threading.Timer(0.1, late.set_result, [2])
    timer.start()
    assert backlog.take_next() == [("b", 2)]
    assert backlog.take_next() == []
    timer.join()


def test_late_results_can_be_looked_for_without_waiting_until_one_is_ready():
    backlog, late = Backlog(0.01), Future()
    backlog.take({late: "a"})
    assert backlog.take_late() == []
    late.set_result(1)
    assert backlog.take_late() == [("a", 1)]


def test_a_batch_with_results_does_not_wait_long_for_the_next():
    backlog, late = Backlog(600.0, stall_s=0.01), Future()
    assert backlog.take({done(1): "a", late: "b"}) == [("a", 1)]
    late.set_result(2)
    assert backlog.take({done(3): "c"}) == [("b", 2), ("c", 3)]


def test_a_batch_without_results_is_waited_for_until_the_first():
    backlog, first, late = Backlog(600.0, stall_s=0.01), Future(), Future()
    timer = threading.Timer(0.1, first.set_result, [1])
    timer.start()
    assert backlog.take({first: "a", late: "b"}) == [("a", 1)]
    timer.join()


def test_a_failure_is_raised():
    backlog, failed = Backlog(0.01), Future()
    failed.set_exception(OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        backlog.take({failed: "a"})

"""Results are returned when they are ready, with the next batch."""

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


def test_an_empty_batch_waits_for_the_rest():
    backlog, late = Backlog(0.01), Future()
    backlog.take({done(1): "a", late: "b"})
    late.set_result(2)
    assert backlog.take({}) == [("b", 2)]
    assert backlog.take({}) == []


def test_a_failure_is_raised():
    backlog, failed = Backlog(0.01), Future()
    failed.set_exception(OSError("disk full"))
    with pytest.raises(OSError, match="disk full"):
        backlog.take({failed: "a"})

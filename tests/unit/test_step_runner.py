"""Steps in threads: inputs that are not there yet, retries, and the end of a run."""

import threading

import pytest

from flows.step_runner import StepThreads, step
from warehouse.errors import DiskFull, WarehouseCorrupt, WarehouseLocked


class Flaky:
    """Fails with these errors in turn, then returns the number of calls."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.n_calls = 0

    def __call__(self):
        self.n_calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return self.n_calls


@pytest.mark.parametrize(
    ("errors", "retries", "expected"),
    [
        pytest.param([WarehouseLocked("held")], True, 2, id="a locked store is tried again"),
        pytest.param([DiskFull("full"), WarehouseLocked("held")], True, 3, id="twice"),
        pytest.param([WarehouseLocked("held")] * 3, True, WarehouseLocked, id="the last failure is raised"),
        pytest.param([WarehouseLocked("held")], False, WarehouseLocked, id="a step without retries"),
        pytest.param([WarehouseCorrupt("broken")], True, WarehouseCorrupt, id="what waiting cannot end"),
    ],
)
def test_retries(errors, retries, expected):
    flaky = Flaky(*errors)
    with StepThreads(delays_s=(0.0, 0.0)) as submit:
        outcome = submit(step("flaky", retries=retries)(flaky))
        if isinstance(expected, int):
            assert outcome.result() == expected
        else:
            with pytest.raises(expected):
                outcome.result()


def test_a_step_gets_the_values_of_its_inputs():
    go_on = threading.Event()

    @step("first")
    def first():
        go_on.wait(10)
        return 20

    @step("second")
    def second(value, other):
        return value + other

    with StepThreads() as submit:
        outcome = submit(second, submit(first), 3)
        go_on.set()
        assert outcome.result() == 23


def test_a_step_fails_with_its_input():
    ran = []
    with StepThreads() as submit:
        outcome = submit(step("second")(ran.append), submit(step("first")(Flaky(ValueError("bad")))))
        with pytest.raises(ValueError, match="bad"):
            outcome.result()
    assert ran == []


def test_the_end_of_a_run_does_not_wait_for_a_retry():
    flaky = Flaky(WarehouseLocked("held"))
    with StepThreads(delays_s=(600.0,)) as submit:
        outcome = submit(step("flaky", retries=True)(flaky))
    with pytest.raises(WarehouseLocked):
        outcome.result()
    assert flaky.n_calls == 1

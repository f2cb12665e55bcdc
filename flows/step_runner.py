"""How the steps of a run are executed: here in threads, or as Prefect tasks (`flows.prefect_tasks`).

A step is a plain function with a name. A run passes the outcome of one step to the next without waiting for
it, so that several batches are under way at the same time.
"""

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar

from warehouse.errors import DiskFull, LakeFailed, LakeUnreachable, LoadConflict, WarehouseLocked

RETRY_DELAYS_S = (2.0, 10.0, 30.0)
RETRY_JITTER_RATIO = 0.5
# Failures that waiting may end.
TRANSIENT = (WarehouseLocked, DiskFull, LakeFailed, LakeUnreachable, LoadConflict)
N_THREADS = 16  # more than the steps that are under way at the same time: a step waits for its inputs

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class PipelineStep(Generic[P, R]):
    """A function that is executed as one step of a run."""

    name: str
    function: Callable[P, R]
    is_retried: bool = False  # after a failure that waiting may end


def step(name: str, *, retries: bool = False) -> Callable[[Callable[P, R]], PipelineStep[P, R]]:
    """Return a decorator that makes a step of a function."""
    return lambda function: PipelineStep(name, function, is_retried=retries)


class StepOutcome(Protocol[R_co]):
    """What a step that was submitted will return."""

    def result(self) -> R_co:
        """Wait for the step; return its value or raise its error."""

    def add_done_callback(self, fn: Callable[[Any], None], /) -> None:
        """Call `fn` with this outcome when the step has ended, in any thread."""


class Submit(Protocol):
    """Starts a step; outcomes among its inputs are waited for and replaced by their values."""

    def __call__(self, step: PipelineStep[..., R], /, *inputs: Any) -> StepOutcome[R]: ...


class StepThreads:
    """Runs steps in threads of this process; a context manager, called as `Submit`."""

    def __init__(self, delays_s: tuple[float, ...] = RETRY_DELAYS_S) -> None:
        self._delays_s = delays_s
        self._threads = ThreadPoolExecutor(N_THREADS, thread_name_prefix="step")
        self._is_closing = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._is_closing.set()
        self._threads.shutdown(cancel_futures=True)

    def __call__(self, step: PipelineStep[..., R], /, *inputs: Any) -> StepOutcome[R]:
        """Queue a step. Steps start in the order of their submission, so one never waits for a later one."""
        return self._threads.submit(self._run, step, inputs)

    def _run(self, step: PipelineStep[..., R], inputs: tuple[Any, ...]) -> R:
        values = [value.result() if isinstance(value, Future) else value for value in inputs]
        for delay_s in self._delays_s if step.is_retried else ():
            try:
                return step.function(*values)
            except TRANSIENT:
                jitter = 1 + random.uniform(0, RETRY_JITTER_RATIO)  # noqa: S311
                if self._is_closing.wait(delay_s * jitter):
                    raise
        return step.function(*values)

"""How a list of steps is run: one after the other by plain calls, or each as a task of a flow.

The lists themselves are in `maintain` and `reextract`; commands and flows run the same ones.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class RunStep(Protocol):
    """Runs one step with its arguments and returns what it returns."""

    def __call__(self, step: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R: ...


class BatchRunner(Protocol):
    """Runs a step for many batches: here, or on other machines (`tasks.upkeep.dask_runner`)."""

    def each(self, step: Callable[..., R], context: Any, batches: Iterable[tuple[Any, ...]]) -> Iterator[R]:
        """Yield what `step(context, *batch)` returns for each batch, in their order."""


class InOrder:
    """Runs one batch after the other; each uses all cores of this machine for extraction."""

    def __init__(self, run: RunStep) -> None:
        """Run each batch as a step."""
        self._run = run

    def each(self, step: Callable[..., R], context: Any, batches: Iterable[tuple[Any, ...]]) -> Iterator[R]:
        """Yield the result of the step for each batch."""
        for arguments in batches:
            yield self._run(step, context, *arguments)


def call(step: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a step by calling it."""
    return step(*args, **kwargs)

"""How a list of steps is run: one after the other by plain calls, or each as a task of a flow.

The lists themselves stand in `maintain` and `reextract`; commands and flows run the same ones.
"""

from collections.abc import Callable
from typing import ParamSpec, Protocol, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class RunStep(Protocol):
    """Runs one step with its arguments and returns what it returns."""

    def __call__(self, step: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R: ...


def call(step: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a step by calling it."""
    return step(*args, **kwargs)

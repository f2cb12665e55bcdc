"""Steps as Prefect tasks: each run of a step is visible in the Prefect UI, with its retries.

A task takes a batch, never an article: a task run costs more than extracting a page. Tasks pass pages as
pointers into the archive, never their bytes.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, ParamSpec, TypeVar, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.tasks import Task
from prefect.utilities.annotations import opaque, quote

from flows.step_runner import N_THREADS, RETRY_DELAYS_S, RETRY_JITTER_RATIO, TRANSIENT, PipelineStep
from tasks.upkeep.steps import RunStep

P = ParamSpec("P")
R = TypeVar("R")


def threads() -> TaskRunner[PrefectFuture[Any]]:
    """Return a task runner of threads; a step that needs processes has its own."""
    return cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=N_THREADS))


def is_transient(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Say whether a failed task is worth a retry: its store was locked or away, or its disk full."""
    return isinstance(state.result(raise_on_failure=False), TRANSIENT)


def submit(step: PipelineStep[..., R], /, *inputs: Any) -> PrefectFuture[R]:
    """Submit a step as a task; Prefect waits for the futures among its inputs.

    The inputs are wrapped because Prefect otherwise searches every page of a batch for further futures.
    """
    wrapped = [opaque(i) if isinstance(i, PrefectFuture) else quote(i) for i in inputs]
    return _task_of(step).submit(*wrapped, return_state=False)


def in_tasks(steps: Mapping[Callable[..., Any], PipelineStep[..., Any]]) -> RunStep:
    """Return a way to run functions that submits the task of each and waits for its result."""

    def run(function: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        inputs = {name: quote(value) for name, value in kwargs.items()}
        future = _task_of(steps[function]).submit(*map(quote, args), **inputs, return_state=False)
        return cast("R", future.result())

    return run


@cache
def _task_of(step: PipelineStep[..., Any]) -> Task[..., Any]:
    return task(
        name=step.name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=len(RETRY_DELAYS_S) if step.is_retried else 0,
        retry_delay_seconds=list(RETRY_DELAYS_S),
        retry_jitter_factor=RETRY_JITTER_RATIO,
        retry_condition_fn=is_transient,
    )(step.function)

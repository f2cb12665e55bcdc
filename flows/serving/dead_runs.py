"""Flow runs that keep later ones from starting: their process has died, or the clock was ahead.

A run whose process has died without reporting it (a killed process, machine or server) stays PENDING or
RUNNING and keeps the slot of its deployment's concurrency limit, so that every later scheduled run is
cancelled. Marking it CRASHED frees the slot. Runs that Prefect scheduled while the clock was ahead count as
the next ones, and no earlier ones are scheduled; deleting them lets Prefect schedule again.
"""

import logging
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Crashed

from flows.serving.processes import find_run_processes
from warehouse.inspection.doctor import Finding, Level

log = logging.getLogger("wirehouse.serve")

_UNFINISHED = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]
_STARTED_OR_ENDED: list[StateType] = [
    state for state in StateType if state not in (StateType.SCHEDULED, StateType.PAUSED)
]
_MESSAGE = "Its process has ended without reporting a result. Loaded data is kept; the next run continues."
N_CANCELLED = 2  # scheduled runs in a row
OVERDUE = timedelta(minutes=15)
_CLOCK_SLACK = timedelta(minutes=2)  # of clocks of two machines that are right


def crash_dead_runs(client: SyncPrefectClient, *, older_than_s: float = 0) -> list[FlowRun]:
    """Mark the unfinished runs of our deployments CRASHED that have no process here; return them.

    Call it where every run of the server is executed on this machine. A run that entered its state less than
    `older_than_s` seconds ago is left alone: its process may be starting.
    """
    alive, now = find_run_processes(), datetime.now(UTC)
    crashed = []
    for deployment in find_deployments(client):
        unfinished = _find_runs(client, deployment, _UNFINISHED)
        dead = [run for run in unfinished if str(run.id) not in alive and is_older(run, older_than_s, now)]
        for run in dead:
            log.warning("The run '%s' has no process any more and is marked as crashed", run.name)
            client.set_flow_run_state(run.id, Crashed(message=_MESSAGE))
        if dead and len(dead) == len(unfinished):
            _free_slots(client, deployment)
        crashed += dead
    return crashed


def crash_stale_pending_runs(client: SyncPrefectClient, older_than_s: float) -> None:
    """Mark runs CRASHED that have been PENDING for longer: no worker has started their process."""
    alive, now = find_run_processes(), datetime.now(UTC)
    for deployment in find_deployments(client):
        for run in _find_runs(client, deployment, [StateType.PENDING]):
            if str(run.id) not in alive and is_older(run, older_than_s, now):
                client.set_flow_run_state(run.id, Crashed(message=_MESSAGE))


def delete_runs_ahead(client: SyncPrefectClient, now: datetime) -> int:
    """Delete the scheduled runs of our deployments that were made by a clock ahead; return how many.

    Prefect schedules others within a minute.
    """
    ahead = [
        run
        for deployment in find_deployments(client)
        for run in _find_runs(client, deployment, [StateType.SCHEDULED])
        if run.auto_scheduled and run.created is not None and run.created > now + _CLOCK_SLACK
    ]
    for run in ahead:
        client.delete_flow_run(run.id)
    if ahead:
        log.warning("%d scheduled runs were deleted: the clock was ahead when they were made", len(ahead))
    return len(ahead)


def find_blocked(client: SyncPrefectClient) -> list[str]:
    """Return the deployments whose last scheduled runs were cancelled while no run of theirs was alive."""
    alive = find_run_processes()
    blocked = []
    for deployment in find_deployments(client):
        last = _find_runs(client, deployment, _STARTED_OR_ENDED, limit=N_CANCELLED)
        is_running = any(str(run.id) in alive for run in _find_runs(client, deployment, _UNFINISHED))
        if len(last) == N_CANCELLED and all(map(_is_skipped, last)) and not is_running:
            blocked.append(deployment.name)
    return blocked


def find_overdue(client: SyncPrefectClient, now: datetime) -> list[str]:
    """Return the deployments of which a run has been due for long, while none has been started."""
    overdue = []
    for deployment in find_deployments(client):
        runs = _find_runs(client, deployment, [StateType.SCHEDULED, *_UNFINISHED])
        is_running = any(run.state_type is not StateType.SCHEDULED for run in runs)
        if not is_running and any(_is_overdue(run, now) for run in runs):
            overdue.append(deployment.name)
    return overdue


def check_schedules(client: SyncPrefectClient) -> list[Finding]:
    """Return a finding for each deployment that is blocked or whose runs are not started.

    The automations free a blocked one within minutes.
    """
    what = f"the last {N_CANCELLED} scheduled runs were cancelled although no run is alive."
    fix = "`wirehouse deploy` marks a pending one as crashed; a running one is marked after nine minutes."
    blocked = [f"{name}: {what} {fix}" for name in find_blocked(client)]
    overdue = [overdue_sentence(name) for name in find_overdue(client, datetime.now(UTC))]
    return [Finding("schedule", Level.WARNING, sentence) for sentence in blocked + overdue]


def overdue_sentence(name: str) -> str:
    """Return what is to be said of a deployment whose runs are not started."""
    return (
        f"{name}: a run has been due for {OVERDUE.total_seconds() / 60:.0f} minutes and was not started. "
        "Check the worker, its limit of runs at the same time, and the space on disk."
    )


def find_deployments(client: SyncPrefectClient) -> list[DeploymentResponse]:
    """Return the deployments that carry our tag."""
    return [found for found in client.read_deployments(limit=200) if "wirehouse" in found.tags]


def _find_runs(
    client: SyncPrefectClient, deployment: DeploymentResponse, states: list[StateType], limit: int = 200
) -> list[FlowRun]:
    """Return a deployment's runs in some states, the latest first."""
    return client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id])),
        flow_run_filter=FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=states))),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=limit,
    )


def _is_skipped(run: FlowRun) -> bool:
    """Say whether the limit of its deployment cancelled a run; a person's message is another one."""
    if run.state is None or run.state.type is not StateType.CANCELLED:
        return False
    return (run.state.message or "").startswith("Deployment concurrency limit")


def _is_overdue(run: FlowRun, now: datetime) -> bool:
    due_at = run.next_scheduled_start_time
    return due_at is not None and now - due_at > OVERDUE


def is_older(run: FlowRun, seconds: float, now: datetime) -> bool:
    """Say whether a run entered its state so long ago; or in the future, by a clock that was ahead."""
    if run.state is None:
        return True
    age = now - run.state.timestamp
    return not -_CLOCK_SLACK <= age < timedelta(seconds=seconds)


def _free_slots(client: SyncPrefectClient, deployment: DeploymentResponse) -> None:
    """Reset the limit of a deployment without living runs; a lease may be lost with the server's memory."""
    limit = deployment.global_concurrency_limit
    if limit is not None and client.read_global_concurrency_limit_by_name(limit.name).active_slots:
        client.update_global_concurrency_limit(limit.name, GlobalConcurrencyLimitUpdate(active_slots=0))

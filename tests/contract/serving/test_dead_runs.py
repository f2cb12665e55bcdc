"""Runs whose process has died: found, marked as crashed, and no longer blocking others."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.states import Cancelled, Pending, Running, Scheduled

from flows.serving.dead_runs import (
    check_schedules,
    crash_dead_runs,
    delete_runs_ahead,
    find_blocked,
    find_overdue,
    is_older,
)
from flows.serving.processes import end_run_processes, find_listener, find_run_processes
from warehouse.inspection.doctor import Level

SKIPPED = "Deployment concurrency limit reached."


@pytest.fixture
def client(prefect_api):
    with get_client(sync_client=True) as client:
        yield client


@pytest.fixture
def deployment(client):
    """Return the id of a new deployment; earlier ones of the session are finished."""
    flow_id = client.create_flow_from_name("ingest")
    deployment_id = client.create_deployment(flow_id, f"ingest-{uuid4()}", tags=["wirehouse"])
    yield deployment_id
    client.delete_deployment(deployment_id)


@pytest.fixture
def start():
    """Start a process of a flow run, as Prefect's worker does; end the remaining ones."""
    started = []

    def start(run_id, api_url="http://127.0.0.1:1/api"):
        env = os.environ | {"PREFECT__FLOW_RUN_ID": str(run_id), "PREFECT_API_URL": api_url}
        code = "print('started', flush=True); import time; time.sleep(600)"
        process = subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE)
        started.append(process)
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize("state", [Pending(), Running()], ids=["PENDING", "RUNNING"])
def test_a_run_without_a_process_is_crashed(client, deployment, state):
    run = client.create_flow_run_from_deployment(deployment, state=Pending())
    client.set_flow_run_state(run.id, state, force=True)
    assert crash_dead_runs(client, older_than_s=60) == []
    assert [crashed.id for crashed in crash_dead_runs(client)] == [run.id]
    assert client.read_flow_run(run.id).state_type is StateType.CRASHED
    assert crash_dead_runs(client) == []


def test_a_run_with_a_process_is_left_alone(client, deployment, start):
    run = client.create_flow_run_from_deployment(deployment, state=Pending())
    start(run.id)
    assert crash_dead_runs(client) == []
    assert client.read_flow_run(run.id).state_type is StateType.PENDING


@pytest.mark.parametrize(
    ("messages", "is_blocked"),
    [([SKIPPED, SKIPPED], True), ([SKIPPED], False), (["Cancelled by a person.", SKIPPED], False)],
    ids=["two skipped in a row", "one skipped", "one cancelled by a person"],
)
def test_skipped_runs_beside_a_dead_one_are_reported(client, deployment, messages, is_blocked):
    client.create_flow_run_from_deployment(deployment, state=Pending())
    for message in messages:
        client.create_flow_run_from_deployment(deployment, state=Cancelled(message=message))
    name = client.read_deployment(deployment).name
    assert (name in find_blocked(client)) is is_blocked
    reported = [finding for finding in check_schedules(client) if finding.sentence.startswith(f"{name}: ")]
    assert [finding.level for finding in reported] == [Level.WARNING] * is_blocked


def test_runs_skipped_beside_a_living_one_are_as_they_should_be(client, deployment, start):
    start(client.create_flow_run_from_deployment(deployment, state=Pending()).id)
    for _ in range(2):
        client.create_flow_run_from_deployment(deployment, state=Cancelled(message=SKIPPED))
    assert find_blocked(client) == []


@pytest.mark.parametrize(
    ("waited", "is_overdue"), [(timedelta(minutes=14), False), (timedelta(minutes=16), True)]
)
def test_a_run_that_is_not_started_is_reported(client, deployment, waited, is_overdue):
    due_at = datetime.now(UTC) + timedelta(hours=1)
    client.create_flow_run_from_deployment(deployment, state=Scheduled(scheduled_time=due_at))
    name = client.read_deployment(deployment).name
    assert (name in find_overdue(client, due_at + waited)) is is_overdue
    client.create_flow_run_from_deployment(deployment, state=Pending())
    assert name not in find_overdue(client, due_at + waited)


def test_runs_that_a_clock_ahead_has_scheduled_are_deleted(client, deployment):
    hourly = IntervalSchedule(interval=timedelta(hours=1))
    client.create_deployment_schedules(deployment, [(hourly, True)])
    client.request("POST", "/deployments/{id}/schedule", path_params={"id": deployment}, json={"min_runs": 3})
    by_hand = client.create_flow_run_from_deployment(deployment, state=Scheduled())
    assert delete_runs_ahead(client, datetime.now(UTC)) == 0
    before = {run.id for run in scheduled(client, deployment)}
    assert len(before) >= 4
    assert delete_runs_ahead(client, datetime.now(UTC) - timedelta(days=1)) >= 3
    left = {run.id for run in scheduled(client, deployment)}
    assert left & before == {by_hand.id}


def scheduled(client, deployment):
    return client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment])), limit=200
    )


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [(59, False), (61, True), (-59, False), (-86_400, True)],
    ids=["young", "old", "the other clock is a minute ahead", "the clock was a day ahead"],
)
def test_a_state_is_old_that_was_entered_long_ago_or_in_the_future(age_s, expected):
    now = datetime(2026, 11, 1, tzinfo=UTC)
    state = Running(timestamp=now - timedelta(seconds=age_s))
    assert is_older(FlowRun(flow_id=uuid4(), state=state), 60, now) is expected


def test_processes_of_one_server_are_ended(start):
    mine, other = uuid4(), uuid4()
    ended, kept = start(mine, "http://127.0.0.1:7001/api"), start(other, "http://127.0.0.1:7002/api")
    found = find_run_processes()
    assert (found[str(mine)], found[str(other)]) == ([ended.pid], [kept.pid])
    end_run_processes("http://127.0.0.1:7001/api", grace_s=5)
    assert ended.wait(60) != 0
    assert kept.poll() is None


def test_the_process_that_listens_on_a_port_is_named():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert find_listener(port).startswith(f"process {os.getpid()} (")
    assert find_listener(port) is None

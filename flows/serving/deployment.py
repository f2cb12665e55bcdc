"""Preparation of a Prefect server: work pool, automations, the deployments of `prefect.yaml`."""

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound

from flows.serving.alerts import OUR_RUNS, have_alert_automation
from flows.serving.dead_runs import crash_stale_pending_runs, delete_runs_ahead, find_deployments
from flows.serving.prefect_file import read_deployments
from flows.serving.shard_deployments import count_shards, find_stale, with_shards
from tasks.errors import UsageError
from warehouse.cluster.place import find_cluster

WORK_POOL = "wirehouse"
ZOMBIES = "wirehouse: a run without a heartbeat has crashed"
PENDING = "wirehouse: a run that stays pending has crashed"
_HEARTBEAT_LIMIT = timedelta(seconds=540)  # three heartbeats, which come every 180 s by default
_PENDING_LIMIT = timedelta(seconds=120)
ENDED = frozenset(f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed"))


def prepare_server(prefect_file: Path, home: Path, config: Path, alert_url: str | None = None) -> None:
    """Create the work pool, the automations and the deployments on the server of PREFECT_API_URL. Idempotent.

    `alert_url` is called when a run fails, crashes or completes with warnings. Raises UsageError when the
    server does not answer, the file is invalid, or Prefect refuses it.
    """
    document = read_deployments(prefect_file)
    cluster = find_cluster()
    n_shards = count_shards(cluster)
    with get_client(sync_client=True) as client:
        error = client.api_healthcheck()
        if error is not None:
            raise UsageError(f"The Prefect server at {client.api_url} does not answer: {error}")
        _have_work_pool(client)
        for automation in (_crash_without_heartbeat(), _crash_pending()):
            _have_automation(client, automation)
        if alert_url is not None:
            have_alert_automation(client, alert_url)
    if cluster is not None and n_shards:
        with _sharded_file(prefect_file, document, n_shards) as file:
            _deploy(file, prefect_file.parent, home, config, cluster.file)
    else:
        _deploy(prefect_file, prefect_file.parent, home, config)
    _delete_stale(n_shards)


def shorten_idle_runs() -> None:
    """Let `flows.serving.scheduled_run` execute the runs of `ingest`: it ends those without work at once.

    Call it where the worker runs in this environment.
    """
    command = shlex.join([sys.executable, "-P", "-m", "flows.serving.scheduled_run"])
    with get_client(sync_client=True) as client:
        for deployment in client.read_deployments():
            if deployment.entrypoint == "flows.ingest.ingest":
                variables = {**deployment.job_variables, "command": command}
                client.update_deployment(deployment.id, DeploymentUpdate(job_variables=variables))


def release_stale_runs() -> None:
    """Let later runs start: mark those CRASHED that no worker has started for two minutes.

    Those that a clock ahead has scheduled are deleted.
    """
    with get_client(sync_client=True) as client:
        delete_runs_ahead(client, datetime.now(UTC))
        crash_stale_pending_runs(client, _PENDING_LIMIT.total_seconds())


def _have_work_pool(client: SyncPrefectClient) -> None:
    try:
        client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))


def _have_automation(client: SyncPrefectClient, automation: AutomationCore) -> None:
    """Create an automation, or bring the one of that name up to date."""
    existing = client.read_automations_by_name(automation.name)
    if existing:
        client.update_automation(existing[0].id, automation)
    else:
        client.create_automation(automation)


def _crash_without_heartbeat() -> AutomationCore:
    """Return the automation for runs that die while RUNNING."""
    trigger = EventTrigger(
        after={"prefect.flow-run.heartbeat", "prefect.flow-run.Running"},
        expect={"prefect.flow-run.heartbeat", *ENDED},
        match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
        match_related=OUR_RUNS,
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=_HEARTBEAT_LIMIT,
    )
    message = "No heartbeat for nine minutes. Loaded data is kept; the next run continues."
    return AutomationCore(name=ZOMBIES, trigger=trigger, actions=[_crash(message)])


def _crash_pending() -> AutomationCore:
    """Return the automation for runs that die while PENDING: before their first heartbeat."""
    trigger = EventTrigger(
        after={"prefect.flow-run.Pending"},
        expect={"prefect.flow-run.Running", *ENDED},
        match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
        match_related=OUR_RUNS,
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        within=_PENDING_LIMIT,
    )
    message = "No process started for two minutes. The next run starts as scheduled."
    return AutomationCore(name=PENDING, trigger=trigger, actions=[_crash(message)])


def _crash(message: str) -> ChangeFlowRunState:
    return ChangeFlowRunState(name="Crashed", force=False, state=StateType.CRASHED, message=message)


@contextmanager
def _sharded_file(prefect_file: Path, document: dict[str, Any], n_shards: int) -> Iterator[Path]:
    """Yield a file of the deployments of a cluster, for as long as the block runs."""
    with tempfile.TemporaryDirectory(prefix="wirehouse-") as folder:
        file = Path(folder) / prefect_file.name
        file.write_text(yaml.safe_dump(with_shards(document, n_shards), sort_keys=False), encoding="utf-8")
        yield file


def _delete_stale(n_shards: int) -> None:
    """Delete the deployments of `ingest` for another number of shards: they would do the same work twice."""
    with get_client(sync_client=True) as client:
        deployments = {found.name: found.id for found in find_deployments(client)}
        for name in find_stale(deployments, n_shards):
            client.delete_deployment(deployments[name])


def _deploy(
    prefect_file: Path, folder: Path, home: Path, config: Path, cluster_file: Path | None = None
) -> None:
    command = [
        sys.executable,
        "-P",
        "-m",
        "prefect",
        "--no-prompt",
        "deploy",
        "--all",
        "--prefect-file",
        str(prefect_file),
    ]
    env = {"WIREHOUSE_TIMEZONE": "UTC"} | os.environ
    env |= {"WIREHOUSE_HOME": str(home), "WIREHOUSE_CONFIG": str(config)}
    if cluster_file is not None:
        env["WIREHOUSE_CLUSTER"] = str(cluster_file)
    done = subprocess.run(  # noqa: S603  every part of the command is ours
        command,
        env=env,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise UsageError(f"Prefect does not accept '{prefect_file}':\n{done.stdout}{done.stderr}")

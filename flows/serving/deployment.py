"""A Prefect server made ready: work pool, zombie automation, the deployments of `prefect.yaml`.

`prepare_server` may run again at any time; what is there already is left as it is.
"""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from prefect.exceptions import ObjectNotFound

from flows.serving.alerts import have_alert_automation
from tasks.errors import UsageError

WORK_POOL = "wirehouse"
ZOMBIES = "wirehouse: a run without a heartbeat has crashed"
ENDED = frozenset(f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed"))


def prepare_server(prefect_file: Path, home: Path, config: Path, alert_url: str | None = None) -> None:
    """Make the pool, the automations and the deployments on the server that PREFECT_API_URL names.

    `alert_url` is posted to when a run fails, crashes or completes with warnings.
    Raises UsageError when there is no server, no such file, or the deployments are refused.
    """
    if not prefect_file.is_file():
        raise UsageError(f"{prefect_file}: no such file; name the deployments' file with --file.")
    with get_client(sync_client=True) as client:
        error = client.api_healthcheck()
        if error is not None:
            raise UsageError(f"The Prefect server at {client.api_url} does not answer: {error}")
        _have_work_pool(client)
        _have_zombie_automation(client)
        if alert_url is not None:
            have_alert_automation(client, alert_url)
    _deploy(prefect_file, home, config)


def _have_work_pool(client: SyncPrefectClient) -> None:
    try:
        client.read_work_pool(WORK_POOL)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=WORK_POOL, type="process"))


def _have_zombie_automation(client: SyncPrefectClient) -> None:
    if client.read_automations_by_name(ZOMBIES):
        return
    trigger = EventTrigger(
        after={"prefect.flow-run.heartbeat"},
        expect={"prefect.flow-run.heartbeat", *ENDED},
        match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
        for_each={"prefect.resource.id"},
        posture=Posture.Proactive,
        threshold=1,
        # Three missed heartbeats: they come every 180 s unless the server says otherwise.
        within=timedelta(seconds=540),
    )
    crashed = ChangeFlowRunState(
        name="Crashed",
        force=False,
        state=StateType.CRASHED,
        message="No heartbeat for nine minutes. What it had loaded is kept; the next run goes on from there.",
    )
    client.create_automation(AutomationCore(name=ZOMBIES, trigger=trigger, actions=[crashed]))


def _deploy(prefect_file: Path, home: Path, config: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "prefect",
        "--no-prompt",
        "deploy",
        "--all",
        "--prefect-file",
        str(prefect_file),
    ]
    env = os.environ | {"WIREHOUSE_HOME": str(home), "WIREHOUSE_CONFIG": str(config)}
    done = subprocess.run(  # noqa: S603  every part of the command is ours
        command,
        env=env,
        cwd=prefect_file.parent,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise UsageError(f"Prefect refused {prefect_file}:\n{done.stdout}{done.stderr}")

"""Alerts: a Prefect automation that calls a webhook when a run fails, crashes or completes with warnings."""

import logging
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from pydantic import SecretStr

log = logging.getLogger("wirehouse.serve")

NAME = "wirehouse: tell when a run fails or warns"
ALARMING = {f"prefect.flow-run.{name}" for name in ("Failed", "Crashed", "TimedOut", "CompletedWithWarnings")}
# Runs have the tags of their deployment; others may share the server.
OUR_RUNS = ResourceSpecification(
    {"prefect.resource.id": ["prefect.tag.wirehouse"], "prefect.resource.role": ["tag"]}
)
# `text` is what chat systems show; the server renders the template.
PAYLOAD = """{
  "text": {{ ("wirehouse: " ~ flow_run.name ~ ": " ~ flow_run.state.name) | tojson }},
  "run": {{ flow_run.name | tojson }},
  "state": {{ flow_run.state.name | tojson }},
  "message": {{ (flow_run.state.message or "") | tojson }}
}"""


def send_alert(url: str, *, run: str, state: str, message: str) -> None:
    """Post an alert in the form of the automation's; a webhook that fails is logged.

    The log has its host only: the path of a webhook is often a secret, and errors of requests have it, too.
    """
    import requests

    text = f"wirehouse: {run}: {state}"
    try:
        body = {"text": text, "run": run, "state": state, "message": message}
        requests.post(url, json=body, timeout=10).raise_for_status()
    except requests.RequestException as error:
        response = error.response
        reason = f"it answered {response.status_code}" if response is not None else type(error).__name__
        log.warning("The alert could not be sent to %s: %s", urlsplit(url).hostname, reason)


def have_alert_automation(client: SyncPrefectClient, url: str) -> None:
    """Create the automation, or point the existing one at the new URL."""
    block = Webhook(url=SecretStr(url), method="POST")
    block_id = cast("UUID", block.save("wirehouse-alert", overwrite=True))
    if client.read_automations_by_name(NAME):
        return  # it refers to the block, which has the new URL
    trigger = EventTrigger(
        expect=ALARMING,
        match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
        match_related=OUR_RUNS,
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
        within=timedelta(0),
    )
    call = CallWebhook(block_document_id=block_id, payload=PAYLOAD)
    client.create_automation(AutomationCore(name=NAME, trigger=trigger, actions=[call]))

"""A webhook that is told when a run fails, crashes or warns, through a Prefect automation."""

from datetime import timedelta
from typing import cast
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import CallWebhook
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import ResourceSpecification
from pydantic import SecretStr

NAME = "wirehouse: tell when a run fails or warns"
ALARMING = {f"prefect.flow-run.{name}" for name in ("Failed", "Crashed", "TimedOut", "CompletedWithWarnings")}
# `text` is what chat systems show; the server fills the template in.
PAYLOAD = """{
  "text": {{ ("wirehouse: " ~ flow_run.name ~ ": " ~ flow_run.state.name) | tojson }},
  "run": {{ flow_run.name | tojson }},
  "state": {{ flow_run.state.name | tojson }},
  "message": {{ (flow_run.state.message or "") | tojson }}
}"""


def have_alert_automation(client: SyncPrefectClient, url: str) -> None:
    """Make the automation, or give the one that is there the new address."""
    block = Webhook(url=SecretStr(url), method="POST")
    block_id = cast("UUID", block.save("wirehouse-alert", overwrite=True))
    if client.read_automations_by_name(NAME):
        return  # it speaks to the block, which has the new address by now
    trigger = EventTrigger(
        expect=ALARMING,
        match=ResourceSpecification({"prefect.resource.id": ["prefect.flow-run.*"]}),
        match_related=ResourceSpecification(
            {"prefect.resource.id": ["prefect.tag.wirehouse"], "prefect.resource.role": ["tag"]}
        ),
        for_each={"prefect.resource.id"},
        posture=Posture.Reactive,
        threshold=1,
        within=timedelta(0),
    )
    call = CallWebhook(block_document_id=block_id, payload=PAYLOAD)
    client.create_automation(AutomationCore(name=NAME, trigger=trigger, actions=[call]))

"""The automations that mark dead runs as crashed: of our runs only, because others may share the server."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from prefect.server.events.schemas.automations import EventTrigger
from prefect.server.events.schemas.events import ReceivedEvent

from flows.serving.deployment import _crash_pending, _crash_without_heartbeat


def event(name, *tags):
    """Return an event of a run with these tags, as Prefect's server receives it."""
    return ReceivedEvent(
        id=uuid4(),
        occurred=datetime.now(UTC),
        event=f"prefect.flow-run.{name}",
        resource={"prefect.resource.id": f"prefect.flow-run.{uuid4()}"},
        related=[
            {"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"} for tag in tags
        ],
    )


@pytest.mark.parametrize(
    ("automation", "name"),
    [
        pytest.param(_crash_without_heartbeat, "Running", id="a run begins"),
        pytest.param(_crash_without_heartbeat, "heartbeat", id="a heartbeat"),
        pytest.param(_crash_without_heartbeat, "Completed", id="a run ends"),
        pytest.param(_crash_pending, "Pending", id="a run is pending"),
    ],
)
def test_an_automation_follows_our_runs_only(automation, name):
    trigger = EventTrigger.model_validate(automation().trigger.model_dump(mode="json"))
    assert trigger.covers(event(name, "scheduled", "wirehouse"))
    assert not trigger.covers(event(name, "another-project"))
    assert not trigger.covers(event(name))

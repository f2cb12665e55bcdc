"""What `wirehouse serve` reports of its schedules."""

import logging
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from prefect.states import Scheduled

from flows.serving.serve import ScheduleWatch
from tests.support.prefect_server import free_port
from tests.support.receivers import web_hook


@contextmanager
def unanswered():
    """Let the Prefect server be one that does not answer."""
    url = f"http://127.0.0.1:{free_port()}/api"
    with temporary_settings({PREFECT_API_URL: url, PREFECT_CLIENT_MAX_RETRIES: 0}):
        yield


def test_a_server_that_does_not_answer_is_reported_once(caplog):
    with web_hook() as hook, caplog.at_level(logging.ERROR, "wirehouse.serve"), unanswered():
        schedules = ScheduleWatch(hook.url)
        for _ in range(9):
            schedules.check()
        assert (caplog.messages, hook.messages) == ([], [])
        for _ in range(9):
            schedules.check()
    (said,) = caplog.messages
    assert said.startswith("The Prefect server has not answered 10 checks in a row (ConnectError: ")
    (message,) = hook.messages
    assert (message["run"], message["state"]) == ("Prefect server", "Unanswered")


@pytest.mark.usefixtures("prefect_api")
def test_a_server_that_answers_in_between_is_not_reported(caplog):
    schedules = ScheduleWatch(None)
    with caplog.at_level(logging.ERROR, "wirehouse.serve"):
        for _ in range(2):
            with unanswered():
                for _ in range(9):
                    schedules.check()
            schedules.check()
    assert caplog.messages == []


@pytest.mark.usefixtures("prefect_api")
def test_a_run_that_is_not_started_is_reported_once(caplog):
    with get_client(sync_client=True) as client, web_hook() as hook, caplog.at_level(logging.ERROR):
        flow_id = client.create_flow_from_name("ingest")
        deployment = client.create_deployment(flow_id, "overdue", tags=["wirehouse"])
        due_at = datetime.now(UTC) - timedelta(hours=1)
        client.create_flow_run_from_deployment(deployment, state=Scheduled(scheduled_time=due_at))
        schedules = ScheduleWatch(hook.url)
        for _ in range(3):
            schedules.check()
        assert hook.messages == []
        for _ in range(3):
            schedules.check()
        client.delete_deployment(deployment)
    assert [message["state"] for message in hook.messages if message["run"] == "overdue"] == ["Overdue"]
    (said,) = [message for message in caplog.messages if message.startswith("overdue: ")]
    assert "has been due for 15 minutes and was not started" in said

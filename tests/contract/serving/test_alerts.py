"""Alerts that `serve` itself sends: what a webhook gets, and what the log says of one that fails."""

import pytest

from flows.serving.alerts import send_alert
from tests.support.receivers import web_hook


@pytest.fixture
def hook():
    with web_hook() as running:
        yield running


def test_a_webhook_gets_the_alert(hook):
    send_alert(hook.url, run="ingest", state="Blocked", message="Two runs were cancelled.")
    (message,) = hook.messages
    assert message == {
        "text": "wirehouse: ingest: Blocked",
        "run": "ingest",
        "state": "Blocked",
        "message": "Two runs were cancelled.",
    }


@pytest.mark.parametrize(
    ("status", "path", "reason"),
    [
        pytest.param(500, "/services/T0/s3cret", "it answered 500", id="an error"),
        pytest.param(None, "/services/T0/s3cret", "ConnectionError", id="nobody listens"),
    ],
)
def test_the_log_says_why_a_webhook_failed_and_not_its_secret_path(hook, caplog, status, path, reason):
    hook.status = status or 204
    base = hook.url.removesuffix("/hook") if status else "http://127.0.0.1:1"
    with caplog.at_level("WARNING", "wirehouse.serve"):
        send_alert(base + path, run="ingest", state="Blocked", message="")
    assert f"The alert could not be sent to 127.0.0.1: {reason}" in caplog.text
    assert "s3cret" not in caplog.text

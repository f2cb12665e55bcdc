"""What an ingest with nothing else to do sends: the alerts that are due."""

from datetime import UTC, datetime, timedelta

import pytest

from tasks.alerts.due import send_due_alerts
from tasks.alerts.searches_file import read_searches
from tasks.alerts.send import report_changes
from tests.support.receivers import web_hook
from tests.support.warehouse_rows import article, load, store
from warehouse.alerts.due import is_alert_due
from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home

NOW = datetime.now(UTC)
SEARCHES = """
[[search]]
name = "bridges"
query = "bridge"
[[search.send]]
webhook = "env:HOOK"
when = "daily 07:00"
"""


@pytest.fixture
def file(tmp_path):
    """A file with a saved search that sends a digest."""
    file = tmp_path / "searches.toml"
    file.write_text(SEARCHES)
    return file


@pytest.fixture
def home(tmp_path, file):
    """A home whose saved search has noted an article for its next digest."""
    home = Home(tmp_path)
    for number in (1, 2):
        load(home, article(number, title="Bridge opens", body="A bridge opens."))
        publish_snapshot(home)
        report_changes(home, read_searches(file), {})
    return home


def is_due(home, *names, at=NOW):
    with store(home) as con:
        return is_alert_due(con, names, at)


def change(home, statement):
    with store(home) as con:
        con.execute(statement)


def test_a_noted_change_waits_for_its_time(home):
    assert not is_due(home, "bridges")
    assert is_due(home, "bridges", at=NOW + timedelta(days=2))


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("delete from core.search_cursor", id="a search that has never run"),
        pytest.param("update core.search_cursor set load_id = '0'", id="a load that a search has not seen"),
        pytest.param("update core.alert set due_at = now() - interval 1 hour", id="a digest is due"),
    ],
)
def test_each_reason_alone(home, statement):
    change(home, statement)
    assert is_due(home, "bridges")


def test_a_message_that_was_sent_or_waits_for_a_retry_is_not_due(home):
    change(
        home,
        "update core.alert set due_at = now() - interval 1 minute, next_try_at = now() + interval 1 hour",
    )
    assert not is_due(home, "bridges")
    change(home, "update core.alert set next_try_at = null, sent_at = now()")
    assert not is_due(home, "bridges")


def test_a_digest_that_is_due_is_sent(home, file, monkeypatch):
    with web_hook() as hook:
        monkeypatch.setenv("HOOK", hook.url)
        assert send_due_alerts(home, file, NOW) == ()
        assert hook.messages == []
        change(home, "update core.alert set due_at = now() - interval 1 hour")
        send_due_alerts(home, file, NOW)
        assert [message["search"]["name"] for message in hook.messages] == ["bridges"]
    assert not is_due(home, "bridges")


def test_a_digest_to_a_recipient_that_left_the_file_is_dropped(home, file):
    change(home, "update core.alert set due_at = now() - interval 1 hour")
    file.write_text(SEARCHES.partition("[[search.send]]")[0])
    assert send_due_alerts(home, file, NOW) == ()
    assert not is_due(home, "bridges")


def test_without_searches_nothing_is_sent(home, file, tmp_path):
    assert send_due_alerts(home, tmp_path / "none.toml", NOW) == ()
    file.write_text("[[search]]\nname = 1\n")
    (problem,) = send_due_alerts(home, file, NOW)
    assert f"{file}: search[1].name = 1" in problem

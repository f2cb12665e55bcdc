"""Messages and exit codes of the command line when a home cannot be used."""

import errno
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.cli import run
from tasks.priority import scheduled_run
from tests.support.warehouse_rows import NOW, SOURCE, a_home, article, load, poll, polled, reject, store
from warehouse.inspection.status import find_source_status
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Counts
from warehouse.run_record import recorded_run
from warehouse.sources import load_sources
from warehouse.store.connection import connect


@pytest.fixture
def home(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1), rejects=(reject(2),))
    publish_snapshot(home)
    return home


def wirehouse(capsys, home, *arguments):
    code = run([*arguments, "--home", str(home.root)])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_a_damaged_snapshot_is_made_anew(capsys, home):
    home.snapshot_file.write_bytes(b"no database at all" * 999)
    code, out, said = wirehouse(capsys, home, "sql", "select 1")
    assert (code, out) == (3, "")
    assert "wirehouse doctor --fix publishes a new one" in said
    assert "restore" not in said
    assert wirehouse(capsys, home, "doctor", "--fix")[0] == 1  # its archive is not there
    assert (
        wirehouse(capsys, home, "sql", "select count(*) as n from articles", "--format", "csv")[1] == "n\n1\n"
    )


def test_a_store_without_snapshot_is_told_from_no_warehouse(capsys, home):
    home.snapshot_file.unlink()
    code, _, said = wirehouse(capsys, home, "status")
    assert code == 3
    assert "its snapshot has not been published yet" in said
    shutil.rmtree(home.root)
    code, _, said = wirehouse(capsys, home, "status")
    assert code == 3
    assert "Load something first" in said


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_cannot_be_written_is_exit_code_3(capsys, home, monkeypatch, number):
    def refuse(*_, **__):
        raise OSError(number, "It is so", str(home.lock_file))

    monkeypatch.setattr("warehouse.store.file.lock.FileLock.acquire", refuse)
    code, _, said = wirehouse(capsys, home, "rejects", "retry")
    assert code == 3
    assert said == (
        f"wirehouse: '{home.lock_file}' cannot be used: It is so. Check its permissions and the free space.\n"
    )


def test_a_wait_that_is_no_number_is_bad_usage(capsys, home, monkeypatch):
    monkeypatch.setenv("WIREHOUSE_LOCK_WAIT_S", "abc")
    code, _, said = wirehouse(capsys, home, "rejects", "retry")
    assert code == 2
    assert said.startswith("wirehouse: WIREHOUSE_LOCK_WAIT_S = 'abc' is no number of seconds.")


def test_debug_shows_the_traceback_and_keeps_the_code(capsys, home):
    code, _, said = wirehouse(capsys, home, "sql", "select * from nowhere", "--debug")
    assert code == 2
    assert "Traceback" in said
    assert said.splitlines()[-1].strip() != "Traceback"


def test_an_unknown_item_to_retry_is_bad_usage(capsys, home):
    code, _, said = wirehouse(capsys, home, "rejects", "retry", "https://news.example/nowhere")
    assert code == 2
    assert "wirehouse rejects list" in said


def test_what_no_address_leads_to_is_not_promised_to_be_tried(capsys, home):
    load(home, rejects=(replace(reject(7), url="file.jsonl#row-7", url_key=None),))
    _, said, _ = wirehouse(capsys, home, "rejects", "retry")
    assert said == "The next run retries 1 item.\n"


@pytest.mark.parametrize(("n_rejects", "status"), [(0, "completed"), (2, "partial")])
def test_a_run_with_rejects_is_partial(home, n_rejects, status):
    with recorded_run(home, "trial") as trial:
        trial.add(Counts(n_rejects=n_rejects))
    publish_snapshot(home)
    with connect(home) as con:
        assert con.execute("select status from runs where flow = 'trial'").fetchall() == [(status,)]


def test_names_and_reasons_are_shown_as_they_are(capsys, tmp_path):
    """Square brackets are markup for rich, which renders tables: "[/x]" would end a command."""
    home = a_home(tmp_path)
    failing = polled(outcome="timeout")
    poll(home, replace(failing, state=replace(failing.state, reason="It said [/x].")))
    publish_snapshot(home)
    code, out, _ = wirehouse(capsys, home, "status")
    assert code == 0
    assert "failing alpha: https://news.example/feed: It said [/x].\n" in out
    (tmp_path / "s.toml").write_text('[[source]]\nname = "a"\ntitle = "News [/en]"\n')
    assert run(["sources", "list", "--config", str(tmp_path / "s.toml")]) == 0
    assert "News [/en]" in capsys.readouterr().out


def overdue(capsys, home, *, due_ago_h, run_ago_h):
    """Return what `status` says of a feed that was due, and of a last ingest, so many hours ago."""
    now = datetime.now(UTC)
    answered = polled()
    state = replace(answered.state, next_due_at=now - timedelta(hours=due_ago_h))
    poll(home, replace(answered, state=state))
    with recorded_run(home, "ingest"):
        pass
    with store(home) as con:
        con.execute("update core.run set started_at = ?", [now - timedelta(hours=run_ago_h)])
    publish_snapshot(home)
    return [line for line in wirehouse(capsys, home, "status")[1].splitlines() if "overdue" in line]


@pytest.mark.parametrize(("due_ago_h", "run_ago_h"), [(2, 0.5), (0.5, 2), (-1, 9)])
def test_status_says_nothing_while_the_schedule_runs(capsys, home, due_ago_h, run_ago_h):
    assert overdue(capsys, home, due_ago_h=due_ago_h, run_ago_h=run_ago_h) == []


def test_status_says_when_the_schedule_has_stopped(capsys, home):
    (line,) = overdue(capsys, home, due_ago_h=2, run_ago_h=3)
    assert line.startswith(
        "overdue: 1 source; the last ingest that ended began 3.0 h ago, and none is in progress."
    )
    with scheduled_run(home):
        (line,) = overdue(capsys, home, due_ago_h=2, run_ago_h=3)
    assert line == "overdue: 1 source; the last ingest that ended began 3.0 h ago, and one is in progress."


def test_a_lag_is_told_of_recent_news_alone(home):
    with connect(home) as con:
        (now,), (later,) = (find_source_status(con, NOW + timedelta(days=n)) for n in (1, 30))
    assert (now.lag_s, later.lag_s) == (0, None)


@pytest.mark.parametrize(
    ("sources", "polling", "shown"),
    [
        ([SOURCE], "polled", "in "),
        ([replace(SOURCE, enabled=False)], "disabled", "disabled"),
        ([], "removed", "not in the list"),
    ],
)
def test_only_a_source_that_is_polled_has_a_next_poll(capsys, home, sources, polling, shown):
    answered = polled()
    next_due_at = datetime.now(UTC) + timedelta(hours=1)
    poll(home, replace(answered, state=replace(answered.state, next_due_at=next_due_at)))
    with store(home) as con:
        load_sources(con, sources)
    publish_snapshot(home)
    with connect(home) as con:
        (status,) = find_source_status(con, NOW)
    assert (status.polling, status.next_due_at is None) == (polling, polling != "polled")
    assert status.last_ok_at is not None
    code, out, _ = wirehouse(capsys, home, "status")
    assert code == 0
    assert shown in out.splitlines()[2]
    assert ('last_success_timestamp_seconds{source="alpha"}' in wirehouse(capsys, home, "metrics")[1]) == (
        polling == "polled"
    )

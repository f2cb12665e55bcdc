"""A killed run is recorded as crashed by the next process; a live run is left alone."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.warehouse_rows import NOW, a_home, article, ask, load
from warehouse.run_record import close_dead_runs, recorded_run
from warehouse.store.connection import open_store, transaction

ROOT = Path(__file__).parents[3]
RUN = """
import sys, time
from pathlib import Path
from warehouse.run_record import recorded_run
from warehouse.store.home import Home
with recorded_run(Home(Path(sys.argv[1])), "ingest"):
    print("running", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def other(tmp_path):
    """Another process with a run in progress."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(a_home(tmp_path).root)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout.readline() == "running\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def statuses(home):
    return ask(home, "select flow, status from core.run order by started_at")


def test_the_next_run_closes_a_killed_one(tmp_path, other):
    home = a_home(tmp_path)
    other.send_signal(signal.SIGKILL)
    other.wait()
    with recorded_run(home, "import"):
        assert statuses(home) == [("ingest", "crashed"), ("import", "running")]
    assert statuses(home) == [("ingest", "crashed"), ("import", "completed")]
    assert not list((home.state_dir / "runs").iterdir())


def test_a_living_run_is_left_alone(tmp_path, other):
    home = a_home(tmp_path)
    with recorded_run(home, "import"):
        pass
    assert statuses(home) == [("ingest", "running"), ("import", "completed")]


def test_a_killed_run_ended_with_its_last_load(tmp_path):
    home = a_home(tmp_path)
    load(home, article(1))
    with open_store(home, owner="test") as con, transaction(con):
        con.execute(
            "insert into core.run (run_id, flow, started_at, status) values ('run', 'ingest', ?, 'running')",
            [NOW - timedelta(days=900)],
        )
        assert close_dead_runs(con, home) == ["run"]
    assert ask(
        home, "select r.ended_at = l.loaded_at from core.run as r join core.load as l using (run_id)"
    ) == [(True,)]


def test_files_of_the_state_are_not_readable_by_others(tmp_path):
    home = a_home(tmp_path)
    with recorded_run(home, "import"), open_store(home, owner="test"):
        modes = {path.name: path.stat().st_mode & 0o007 for path in home.state_dir.rglob("*")}
    assert home.state_dir.stat().st_mode & 0o007 == 0
    assert {name for name, others in modes.items() if others and not name.endswith(".wal")} == set()

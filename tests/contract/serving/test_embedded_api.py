"""The Prefect API that a run starts: it answers, and ends with the run however that ends."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

ROOT = Path(__file__).parents[3]
RUN = """
import os, sys, time
from pathlib import Path
from flows.serving.embedded import embedded_api
with embedded_api(Path(sys.argv[1])):
    print(os.environ["PREFECT_API_URL"], "prefect.server" in sys.modules, flush=True)
    time.sleep(600)
"""


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def running_api(home: Path):
    """Run a process with an embedded API; yield its URL and its other output."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(home)], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        try:
            yield run.stdout.readline().split()
        finally:
            run.send_signal(signal.SIGKILL)


def wait_until(is_true, message: str) -> None:
    give_up_at = time.monotonic() + 60
    while not is_true():
        assert time.monotonic() < give_up_at, message
        time.sleep(0.05)


def test_the_api_lives_as_long_as_the_run_that_was_killed(tmp_path):
    with running_api(tmp_path) as (url, is_server_here):
        assert answers(f"{url}/health")
        assert is_server_here == "False"
        database = tmp_path / "prefect" / "prefect.db"
        assert database.stat().st_mode & 0o007 == 0
    wait_until(lambda: not answers(f"{url}/health"), "The API outlived its run.")


def test_old_runs_are_deleted_from_prefects_database(tmp_path):
    """With `wirehouse ingest` alone, no server deletes old runs."""
    with running_api(tmp_path) as (url, _):
        flow = ask(url, "/flows/", {"name": "ingest"})
        ended = {"type": "COMPLETED"}
        old = ask(url, "/flow_runs/", {"flow_id": flow["id"], "name": "old", "state": ended})
        ask(url, "/flow_runs/", {"flow_id": flow["id"], "name": "new", "state": ended})
    wait_until(lambda: not answers(f"{url}/health"), "The API outlived its run.")
    with closing(sqlite3.connect(tmp_path / "prefect" / "prefect.db")) as database, database:
        for column in ("start_time", "end_time"):
            changed = database.execute(
                f"update flow_run set {column} = '2020-01-01 00:00:00.000000' where id = ?",
                [str(UUID(old["id"]))],
            )
        assert changed.rowcount == 1
    with running_api(tmp_path) as (url, _):
        wait_until(
            lambda: [run["name"] for run in ask(url, "/flow_runs/filter", {})] == ["new"],
            "The old run is still there.",
        )


def ask(url: str, path: str, body: dict) -> Any:
    request = urllib.request.Request(
        f"{url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    ends_at = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:  # a busy SQLite database, as Prefect's own client sees it
            if error.code != 503 or time.monotonic() > ends_at:
                raise
            time.sleep(0.5)

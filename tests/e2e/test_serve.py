"""`wirehouse serve` ends with all its processes, and a killed one blocks no later run."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.serving.scheduled_run import NOTHING
from tests.support.prefect_server import ROOT, environment, free_port, get, post, wait_for
from tests.support.receivers import web_hook
from tests.support.small_site import SmallSite

pytestmark = pytest.mark.server

SOURCES = '[[source]]\nname = "a"\ntitle = "A"\n'


class Serve:
    """A `wirehouse serve` under test, in its own process group."""

    def __init__(
        self,
        folder: Path,
        port: int,
        interval_s: int = 3600,
        sources: str = SOURCES,
        options: tuple[str, ...] = (),
    ) -> None:
        self.port = port
        self.env = environment(folder / "home" / "prefect", port)
        self.out = folder / f"serve-{time.monotonic_ns()}.log"
        text = (ROOT / "prefect.yaml").read_text()
        (folder / "prefect.yaml").write_text(re.sub(r"- interval: \d+.*", f"- interval: {interval_s}", text))
        (folder / "sources.toml").write_text(sources)
        command = [
            sys.executable, "-m", "flows.cli", "serve", "--port", str(port), "--file",
                str(folder / "prefect.yaml"),
            "--home", str(folder / "home"), "--config", str(folder / "sources.toml"), *options,
        ]  # fmt: skip
        env = {name: value for name, value in self.env.items() if name != "PREFECT_API_URL"}
        with self.out.open("w") as out:
            self.process = subprocess.Popen(
                command, env=env | {"PYTHONPATH": str(ROOT)}, cwd=folder, stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, start_new_session=True,
            )  # fmt: skip

    def wait_until_running(self) -> "Serve":
        wait_for(lambda: "Running." in self.said() or self.process.poll() is not None, 600, "serve to run")
        assert self.process.poll() is None, self.said()
        return self

    def said(self) -> str:
        return self.out.read_text()

    def processes(self) -> set[int]:
        """Return the processes of this server: serve, server, worker, runs."""
        mark = f"PREFECT_API_URL=http://127.0.0.1:{self.port}/api"
        found = {self.process.pid} if self.process.poll() is None else set()
        for path in Path("/proc").iterdir():
            if path.name.isdigit():
                try:
                    if mark in (path / "environ").read_text(errors="replace").split("\0"):
                        found.add(int(path.name))
                except OSError:
                    continue
        return found

    def commands(self) -> list[str]:
        found = []
        for pid in self.processes():
            with suppress(OSError):
                found.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
        return found

    def assert_all_end(self, limit_s: float = 90) -> None:
        end = time.monotonic() + limit_s
        while self.processes():
            self.process.poll()
            assert time.monotonic() < end, f"still alive: {self.commands()}"
            time.sleep(0.1)

    def kill(self) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):  # it ends by itself meanwhile
                os.kill(pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def start(tmp_path):
    started = []

    def start(port=None, **options):
        serve = Serve(tmp_path, port or free_port(), **options)
        started.append(serve)
        return serve

    yield start
    for serve in started:
        serve.kill()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)],
    ids=["SIGTERM", "SIGHUP", "SIGINT", "SIGKILL"],
)
def test_a_signal_ends_serve_with_server_and_worker(start, number, code):
    serve = start().wait_until_running()
    assert len(serve.processes()) >= 3
    serve.process.send_signal(number)
    serve.assert_all_end()
    assert serve.process.wait() == code, serve.said()


def test_a_second_serve_on_one_port_names_the_holder_and_deploys_nothing(start, tmp_path):
    first = start().wait_until_running()
    before = _homes(first)
    assert set(before.values()) == {str(tmp_path / "home")}
    (tmp_path / "other").mkdir()
    second = Serve(tmp_path / "other", first.port)
    assert second.process.wait(300) == 2
    assert re.search(
        rf"127\.0\.0\.1:{first.port} cannot be used .*process \d+ \(.*\) listens there", second.said()
    )
    assert _homes(first) == before
    assert first.process.poll() is None


@pytest.mark.parametrize("state", ["PENDING", "RUNNING"])
def test_a_run_killed_in_any_state_blocks_no_later_tick(start, state):
    """Killed with its server, so that the run keeps its concurrency slot in Prefect's database."""
    port = free_port()
    serve = start(port).wait_until_running()
    ingest = get(serve.env, "/deployments/name/ingest/ingest")
    killed = post(serve.env, f"/deployments/{ingest['id']}/create_flow_run", {
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00Z"}}
    })["id"]  # fmt: skip
    for name in ("PENDING", "RUNNING")[: 1 + (state == "RUNNING")]:
        change = {"state": {"type": name}, "force": name == "RUNNING"}
        post(serve.env, f"/flow_runs/{killed}/set_state", change)
    assert get(serve.env, f"/flow_runs/{killed}")["state"]["type"] == state
    assert _free_slots(serve, ingest) == 0
    os.killpg(serve.process.pid, signal.SIGKILL)

    again = start(port, interval_s=5).wait_until_running()
    assert get(again.env, f"/flow_runs/{killed}")["state"]["type"] == "CRASHED"
    wait_for(lambda: _completed(again, ingest["id"]), 600, "a scheduled run to complete")


def test_a_scheduled_run_with_nothing_to_do_is_completed_without_the_engine(start):
    serve = start(interval_s=10).wait_until_running()
    ingest = get(serve.env, "/deployments/name/ingest/ingest")

    def messages():
        return [run["state"]["message"] for run in _completed(serve, ingest["id"])]

    wait_for(lambda: messages().count(NOTHING) >= 2, 600, "two runs with nothing to do")
    assert len(messages()) - messages().count(NOTHING) == 1  # the first made the home
    said = serve.said()
    assert "Lease" not in said and "Traceback" not in said, said


def test_the_first_run_after_a_start_is_told_to_the_webhook_at_once(start):
    """Prefect emits no event for a run that its scheduler created: it must not be waited for."""
    with SmallSite({}) as site, web_hook() as hook:
        site.statuses["/feed"] = 410
        pace = f'[source.pace]\nallow = ["127.0.0.1:{site.port}"]\n'
        sources = f'{SOURCES}[[source.feed]]\nurl = "{site.base}/feed"\n{pace}'
        serve = start(interval_s=20, sources=sources, options=("--alert-url", hook.url)).wait_until_running()
        wait_for(lambda: hook.messages, 120, "the alert")
    assert hook.messages[0]["state"] == "CompletedWithWarnings", serve.said()
    assert "410" in hook.messages[0]["message"]


def test_runs_that_were_scheduled_while_the_clock_was_ahead_stop_no_schedule(start, tmp_path):
    serve = start(interval_s=10).wait_until_running()
    ingest = get(serve.env, "/deployments/name/ingest/ingest")
    wait_for(lambda: _completed(serve, ingest["id"]), 120, "a first run")
    columns = ("created", "next_scheduled_start_time", "expected_start_time")
    a_year_on = ", ".join(f"{c} = strftime('%Y-%m-%d %H:%M:%f000', {c}, '+1 year')" for c in columns)
    with closing(sqlite3.connect(tmp_path / "home" / "prefect" / "prefect.db", timeout=60)) as con, con:
        moved = con.execute(f"update flow_run set {a_year_on} where state_type = 'SCHEDULED'")
        assert moved.rowcount >= 3
    moved_at = datetime.now(UTC)

    def later():
        runs = _completed(serve, ingest["id"])
        return [run for run in runs if datetime.fromisoformat(run["created"]) > moved_at]

    wait_for(later, 240, "a run that was scheduled later")


def _homes(serve: Serve) -> dict[str, str]:
    """Return the warehouse's folder of each deployment."""
    found = post(serve.env, "/deployments/filter", {})
    return {one["name"]: one["job_variables"]["env"]["WIREHOUSE_HOME"] for one in found}


def _completed(serve: Serve, deployment_id: str) -> list[dict]:
    return post(serve.env, "/flow_runs/filter", {
        "deployments": {"id": {"any_": [deployment_id]}},
        "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}},
    })  # fmt: skip


def _free_slots(serve: Serve, deployment: dict) -> int:
    limit = get(serve.env, f"/v2/concurrency_limits/{deployment['global_concurrency_limit']['id']}")
    return limit["limit"] - limit["active_slots"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        ("deployments: [", "is not valid YAML"),
        ("name: wirehouse\n", "has no deployments"),
        ("deployments:\n  - name: ingest\n", "deployment 1 has no entrypoint"),
    ],
    ids=["missing", "not YAML", "without deployments", "without entry point"],
)
def test_the_file_of_deployments_is_checked_before_anything_starts(tmp_path, capsys, text, message):
    from flows.cli import run

    (tmp_path / "sources.toml").write_text(SOURCES)
    file = tmp_path / "prefect.yaml"
    if text is not None:
        file.write_text(text)
    code = run(
        [
            "serve",
            "--file",
            str(file),
            "--home",
            str(tmp_path / "new" / "home"),
            "--config",
            str(tmp_path / "sources.toml"),
        ]
    )
    assert code == 2
    assert message in capsys.readouterr().err

"""A real Prefect server and worker: deployed without prompts, a scheduled run and a backfill load rows."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from demo.site import DemoSite
from tests.support.prefect_server import child, environment, free_port, get, post, prefect_server, wait_for
from warehouse.store.connection import connect

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    home, config = folder / "home", folder / "sources.toml"
    with DemoSite() as site, prefect_server(folder) as env, AlertCatcher() as alerts:
        config.write_text(site.sources_toml(), encoding="utf-8")
        env |= {
            "WIREHOUSE_HOME": str(home),
            "WIREHOUSE_CONFIG": str(config),
            "WIREHOUSE_TIMEZONE": "Asia/Tokyo",
        }
        for _ in range(2):  # the second time finds everything there
            done = subprocess.run(
                [sys.executable, "-m", "flows.cli", "deploy", "--file", str(ROOT / "prefect.yaml"),
                    "--alert-url", alerts.url],
                env=env | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                    cwd=folder,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
        worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "wirehouse", "--limit", "2"]
        bare = {k: v for k, v in env.items() if not k.startswith("WIREHOUSE_")}  # the deployment names both
        with child(worker, bare, folder / "worker.log"):
            yield env, home, site, alerts


class AlertCatcher(ThreadingHTTPServer):
    """Receives the alerts that the server posts."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), self._Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}/alert"
        self.alerts = []

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            self.server.alerts.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass


def deployment(env, name):
    return get(env, f"/deployments/name/{name}/{name}")


def ended(env, run_id):
    state = get(env, f"/flow_runs/{run_id}")["state"]
    return state if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None


def test_scheduled_and_manual_runs_load_rows(deployed):
    env, home, site, _ = deployed
    ingest = deployment(env, "ingest")
    schedule = ingest["schedules"][0]
    assert schedule["schedule"]["interval"] == 600
    assert deployment(env, "maintain")["schedules"][0]["schedule"]["timezone"] == "Asia/Tokyo"
    # The file's own schedule would fire within ten minutes; a test asks for one that fires at once.
    post(env, f"/deployments/{ingest['id']}/schedules", [
        {"active": True, "schedule": {"interval": 20, "anchor_date": datetime.now(UTC).isoformat()}}
    ])  # fmt: skip
    run = wait_for(
        lambda: next(iter(post(env, "/flow_runs/filter", {
            "deployments": {"id": {"any_": [ingest["id"]]}}, "sort": "EXPECTED_START_TIME_ASC",
            "flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "COMPLETED", "FAILED",
            "CRASHED"]}}},
        })), None), 120, "a scheduled run")  # fmt: skip
    assert run["auto_scheduled"]
    post(env, f"/deployments/{ingest['id']}/pause_deployment", {})
    state = wait_for(lambda: ended(env, run["id"]), 600, "the scheduled run's end")
    assert state["type"] == "COMPLETED", state
    with connect(home) as con:
        n_scheduled = con.execute("select count(*) from articles").fetchall()[0][0]
    assert n_scheduled >= sum(t.kind == "article" and t.in_feed for t in site.truth())

    backfill = deployment(env, "backfill")
    asked = post(env, f"/deployments/{backfill['id']}/create_flow_run", {
        "parameters": {"source": "oreanda", "since": "2022-01-01", "until": "2022-01-31"}
    })  # fmt: skip
    state = wait_for(lambda: ended(env, asked["id"]), 600, "the backfill's end")
    assert state["type"] == "COMPLETED", state
    with connect(home) as con:
        done = "select flow, count(*) from runs where status in ('completed', 'partial') group by flow"
        runs = dict(con.execute(done).fetchall())
        past = con.execute("select count(*) from articles where source = 'oreanda'").fetchall()[0][0]
    expected = sum(1 for t in site.truth() if t.source == "oreanda" and t.kind == "article")
    assert runs["ingest"] >= 1
    assert runs["backfill"] == 1
    assert past == expected
    assert {a["key"] for a in post(env, "/artifacts/filter", {})} >= {"ingest-summary", "backfill-summary"}


def test_a_failed_run_is_told_to_the_webhook(deployed):
    env, _, _, alerts = deployed
    backfill = deployment(env, "backfill")
    asked = post(env, f"/deployments/{backfill['id']}/create_flow_run", {
        "parameters": {"source": "nobody", "since": "2022-01-01", "until": "2022-01-31"}
    })  # fmt: skip
    state = wait_for(lambda: ended(env, asked["id"]), 600, "the run's end")
    assert state["type"] == "FAILED"
    said = [json.loads(alert) for alert in wait_for(lambda: list(alerts.alerts), 300, "the alert")]
    assert any("nobody" in alert["run"] and alert["state"] == "Failed" for alert in said), said


def test_serve_runs_everything_and_ends_with_ctrl_c(tmp_path):
    port = free_port()
    env = environment(tmp_path / "prefect", port) | {"PYTHONPATH": str(ROOT)}
    del env["PREFECT_API_URL"]
    (tmp_path / "sources.toml").write_text('[[source]]\nname = "a"\ntitle = "A"\n')
    command = [
        sys.executable, "-m", "flows.cli", "serve", "--port", str(port), "--file", str(ROOT / "prefect.yaml"),
        "--home", str(tmp_path / "home"), "--config", str(tmp_path / "sources.toml"),
    ]  # fmt: skip
    process = subprocess.Popen(
        command,
        env=env,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        running = next(line for line in process.stdout if line.startswith("Running."))
        assert str(port) in running
        names = {
            d["name"]
            for d in post({"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}, "/deployments/filter", {})
        }
        assert names == {"ingest", "backfill", "reextract", "maintain"}
        os.killpg(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=300)
        assert process.returncode == 130, said
        assert "Stopped." in said
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

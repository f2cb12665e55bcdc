"""A real Prefect server and worker: deployed without a question, a scheduled run and a backfill load rows."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.site import DemoSite
from tests.support.prefect_server import child, get, post, prefect_server, wait_for
from warehouse.connection import connect

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("deployed")
    home, config = folder / "home", folder / "sources.toml"
    with DemoSite() as site, prefect_server(folder) as env:
        config.write_text(site.sources_toml(), encoding="utf-8")
        env |= {"WIREHOUSE_HOME": str(home), "WIREHOUSE_CONFIG": str(config)}
        for _ in range(2):  # the second time finds everything there
            done = subprocess.run(
                [sys.executable, "-m", "flows.cli", "deploy", "--file", str(ROOT / "prefect.yaml")],
                env=env | {"PYTHONPATH": str(ROOT)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=folder,
            )  # fmt: skip
            assert done.returncode == 0, done.stdout + done.stderr
        worker = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "wirehouse", "--limit", "2"]
        bare = {k: v for k, v in env.items() if not k.startswith("WIREHOUSE_")}  # the deployment names both
        with child(worker, bare, folder / "worker.log"):
            yield env, home, site


def deployment(env, name):
    return get(env, f"/deployments/name/{name}/{name}")


def ended(env, run_id):
    state = get(env, f"/flow_runs/{run_id}")["state"]
    return state if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None


def test_scheduled_and_manual_runs_load_rows(deployed):
    env, home, site = deployed
    ingest = deployment(env, "ingest")
    schedule = ingest["schedules"][0]
    assert schedule["schedule"]["timezone"] == "Europe/Berlin"
    # The file's own schedule would fire within ten minutes; a test asks for one that fires at once.
    post(env, f"/deployments/{ingest['id']}/schedules", [
        {"active": True, "schedule": {"interval": 20, "anchor_date": datetime.now(UTC).isoformat()}}
    ])  # fmt: skip
    run = wait_for(
        lambda: next(iter(post(env, "/flow_runs/filter", {
            "deployments": {"id": {"any_": [ingest["id"]]}}, "sort": "EXPECTED_START_TIME_ASC",
            "flow_runs": {"state": {"type": {"any_": ["PENDING", "RUNNING", "COMPLETED", "FAILED", "CRASHED"]}}},
        })), None), 120, "a scheduled run")  # fmt: skip
    assert run["auto_scheduled"]
    post(env, f"/deployments/{ingest['id']}/pause_deployment", {})
    state = wait_for(lambda: ended(env, run["id"]), 180, "the scheduled run's end")
    assert state["type"] == "COMPLETED", state
    with connect(home) as con:
        n_scheduled = con.execute("select count(*) from articles").fetchall()[0][0]
    assert n_scheduled > 50

    backfill = deployment(env, "backfill")
    asked = post(env, f"/deployments/{backfill['id']}/create_flow_run", {
        "parameters": {"source": "oreanda", "since": "2022-01-01", "until": "2022-01-31"}
    })  # fmt: skip
    state = wait_for(lambda: ended(env, asked["id"]), 180, "the backfill's end")
    assert state["type"] == "COMPLETED", state
    with connect(home) as con:
        runs = dict(
            con.execute("select flow, count(*) from runs where status = 'completed' group by flow").fetchall()
        )
        past = con.execute("select count(*) from articles where source = 'oreanda'").fetchall()[0][0]
    expected = sum(1 for t in site.truth() if t.source == "oreanda" and t.kind == "article")
    assert runs["ingest"] >= 1
    assert runs["backfill"] == 1
    assert past == expected
    assert {a["key"] for a in post(env, "/artifacts/filter", {})} >= {"ingest-summary", "backfill-summary"}

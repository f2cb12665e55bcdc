"""A run that is killed at any moment, then repeated: the store equals that of an undisturbed run."""

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.site import DemoSite
from tasks.upkeep.doctor import examine_home
from tests.support.prefect_server import prefect_server
from warehouse.inspection.doctor import Level
from warehouse.store.connection import Home, connect

ROOT = Path(__file__).parents[2]
N_KILLS = int(os.environ.get("WIREHOUSE_KILLS", "4"))


@pytest.fixture(scope="module")
def api(tmp_path_factory):
    with prefect_server(tmp_path_factory.mktemp("api")) as env:
        yield env | {"PYTHONPATH": str(ROOT)}


def command(home, config):
    return [
        sys.executable,
        "-m",
        "flows.cli",
        "ingest",
        "--all",
        "--home",
        str(home),
        "--config",
        str(config),
    ]


def stored(home):
    """Return everything that must be equal after any interruption."""
    with connect(home) as con:
        articles = con.execute(
            "select url, title, published_at, source_credit, story_id, is_representative, md5(body) "
            "from articles join texts using (article_id) order by url"
        ).fetchall()
        pairs = con.execute("select url, other_url, relation, why from copies order by all").fetchall()
        rejects = con.execute("select url, step, error_class from rejects order by all").fetchall()
    return articles, pairs, rejects


def faults(home):
    """Return what doctor finds wrong."""
    findings = examine_home(Home(home), datetime.now(UTC), every_page=True)
    return [f.sentence for f in findings if f.level is not Level.OK and f.check != "disk"]


def test_killed_runs_lose_and_double_nothing(api, tmp_path):
    seed = random.randrange(10_000)
    chance = random.Random(seed)
    with DemoSite() as site:
        config = tmp_path / "sources.toml"
        config.write_text(site.sources_toml(), encoding="utf-8")
        subprocess.run(
            command(tmp_path / "calm", config), env=api, cwd=tmp_path, timeout=600, capture_output=True
        )
        calm = stored(tmp_path / "calm")
        assert len(calm[0]) > 100

        n_started = 0
        for _ in range(N_KILLS):
            before = len(site.requests)
            process = subprocess.Popen(
                command(tmp_path / "killed", config), env=api, cwd=tmp_path, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            deadline = time.monotonic() + 300
            while len(site.requests) == before and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            n_started += len(site.requests) > before
            time.sleep(chance.uniform(0, 2.5))  # anywhere between the first request and the last load
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert n_started == N_KILLS, f"only {n_started} runs had begun when they were killed"

        last = subprocess.run(
            command(tmp_path / "killed", config),
            env=api,
            cwd=tmp_path,
            timeout=600,
            capture_output=True,
            text=True,
        )
        assert last.returncode in {0, 1}, last.stderr
        assert stored(tmp_path / "killed") == calm, f"seed {seed}"
        assert faults(tmp_path / "killed") == [], f"seed {seed}"

"""The Prefect page of a finished run, in a real browser: its name, its state, its artifact."""

import subprocess
import sys
from pathlib import Path

import pytest

from demo.site import DemoSite
from tests.support.prefect_server import post, prefect_server

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def finished_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ui")
    with DemoSite() as site, prefect_server(folder) as env:
        (folder / "sources.toml").write_text(site.sources_toml(), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", "ingest", "--source", "oreanda", "--home",
                str(folder / "home"), "--config", str(folder / "sources.toml")],
            env=env | {"PYTHONPATH": str(ROOT)}, cwd=folder, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        (run,) = post(env, "/flow_runs/filter", {})
        yield env["PREFECT_API_URL"].removesuffix("/api"), run


def test_the_run_page_shows_its_name_state_and_artifact(finished_run, chromium, tmp_path):
    base, run = finished_run
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{base}/runs/flow-run/{run['id']}", wait_until="networkidle")
    page.get_by_text(run["name"]).first.wait_for(timeout=120_000)
    page.get_by_text("Completed").first.wait_for(timeout=120_000)
    page.get_by_text("Artifacts", exact=True).last.click()
    page.get_by_text("ingest-sources").first.wait_for(timeout=120_000)
    page.screenshot(path=str(tmp_path / "run.png"))
    page.get_by_text("ingest-summary").first.click()
    page.get_by_text("pages fetched", exact=False).first.wait_for(timeout=120_000)
    text = page.inner_text("body")
    page.screenshot(path=str(tmp_path / "artifact.png"))
    page.close()
    assert run["name"].startswith("ingest oreanda at ")
    assert "oreanda" in text
    assert "new" in text

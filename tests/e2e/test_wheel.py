"""The wheel in an empty environment and an empty folder: what it needs is in it (`make test-wheel`)."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.support.prefect_server import free_port, prefect_server, wait_for

pytestmark = pytest.mark.wheel

ROOT = Path(__file__).parents[2]
PACKAGES = ("flows", "tasks", "warehouse", "web", "demo")


@pytest.fixture(scope="module")
def bin_dir(tmp_path_factory):
    """Return the folder of commands of an environment that holds the wheel and what it requires."""
    folder = tmp_path_factory.mktemp("wheel")
    # Of a copy: a folder `build` in the checkout may hold modules that are deleted by now.
    source = folder / "source"
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, source], check=True)
    shutil.rmtree(source)
    (wheel,) = folder.glob("*.whl")
    subprocess.run([sys.executable, "-m", "venv", folder / "env"], check=True)
    installing = [folder / "env" / "bin" / "python", *pip[1:], "install", "--constraint"]
    subprocess.run([*installing, ROOT / "constraints.txt", wheel], check=True)
    return folder / "env" / "bin"


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Return an empty folder outside the checkout."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture(scope="module")
def clean_env(bin_dir):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "WIREHOUSE_", "PREFECT_"))}
    return kept | {"PATH": f"{bin_dir}:{os.environ['PATH']}", "COLUMNS": "200", "DO_NOT_TRACK": "1"}


@pytest.fixture(scope="module")
def demo(elsewhere, clean_env):
    """Return what `wirehouse demo` prints; its warehouse is in data/demo."""
    done = subprocess.run(
        ["wirehouse", "demo"], cwd=elsewhere, env=clean_env, capture_output=True, text=True, timeout=900,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_environment_holds_the_plain_package_alone(bin_dir):
    listed = subprocess.run(
        [bin_dir / "python", "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"],
        capture_output=True, text=True, check=True,
    ).stdout.lower()  # fmt: skip
    names = {line.partition("==")[0] for line in listed.splitlines()}
    assert {"wirehouse", "prefect", "duckdb"} <= names
    assert names & {"pytest", "ruff", "mypy", "playwright", "zensical", "jupyter", "dask", "obstore"} == set()
    subprocess.run([bin_dir / "python", "-m", "pip", "check"], check=True, capture_output=True)


def test_the_demo_prints_its_answers_as_sql_does(demo):
    assert re.search(r"^harbour-gazette +The Harbour Gazette +15 +3 +15 +en *$", demo, re.MULTILINE)


def test_the_demo_runs_and_its_commands_run_as_printed(demo, elsewhere, clean_env):
    commands = re.findall(r"^To query it: (.+)$", demo, re.MULTILINE)
    assert len(commands) == 1
    for command in commands:
        done = subprocess.run(
            command, shell=True, cwd=elsewhere.parent, env=os.environ, capture_output=True, text=True,
            timeout=600, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert done.stdout


def test_browse_has_its_templates_styles_and_questions(demo, elsewhere, clean_env):
    port = str(free_port())
    command = ["wirehouse", "browse", "--home", "data/demo", "--port", port]
    server = subprocess.Popen(command, cwd=elsewhere, env=clean_env, stdout=subprocess.PIPE, text=True)
    try:
        assert "Browse" in server.stdout.readline()
        for path in ("/", "/questions/largest-stories", "/searches", "/report", "/api", "/static/style.css"):
            answer = requests.get(f"http://127.0.0.1:{port}{path}", timeout=60)
            assert answer.status_code == 200, path
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=120)


def test_deploy_creates_the_shipped_deployments(demo, elsewhere, clean_env, tmp_path):
    with prefect_server(tmp_path) as server_env:
        env = server_env | {"PATH": clean_env["PATH"]}
        env.pop("PYTHONPATH", None)
        done = subprocess.run(
            ["wirehouse", "deploy", "--home", "data/demo", "--config", "data/demo/sources.toml"],
            cwd=elsewhere, env=env, capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        answer = requests.post(f"{env['PREFECT_API_URL']}/deployments/filter", json={}, timeout=120).json()
    assert {deployment["name"] for deployment in answer} >= {"ingest", "backfill", "maintain", "reextract"}


def test_serve_runs_the_flows(demo, elsewhere, clean_env, tmp_path):
    home = shutil.copytree(elsewhere / "data" / "demo", tmp_path / "home")
    port = free_port()
    places = ["--home", str(home), "--config", f"{home}/sources.toml", "--port", str(port)]
    log = tmp_path / "serve.log"
    with log.open("wb") as out:
        server = subprocess.Popen(
            ["wirehouse", "serve", *places], cwd=tmp_path, env=clean_env, stdout=out, stderr=out
        )
    api = f"http://127.0.0.1:{port}/api"

    def ask(path: str, question: dict[str, object]) -> list[dict[str, str]] | dict[str, str]:
        assert server.poll() is None, log.read_text()
        try:
            answer = requests.post(f"{api}/{path}", json=question, timeout=120)
        except requests.RequestException:  # it is still starting
            return []
        return answer.json() if answer.ok else []

    try:
        named = {"deployments": {"name": {"any_": ["ingest"]}}}
        (deployment,) = wait_for(lambda: ask("deployments/filter", named), 600, "the deployments")
        # Not as scheduled: the next time may be ten minutes away.
        create = f"deployments/{deployment['id']}/create_flow_run"
        wait_for(lambda: ask(create, {"state": {"type": "SCHEDULED"}}), 300, "a run")
        completed = {"flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
        wait_for(lambda: ask("flow_runs/filter", completed), 600, "a completed run")
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(180)
    assert server.returncode == 0, log.read_text()

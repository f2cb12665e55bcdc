"""A real Prefect server and worker for a test: started, awaited and ended as separate processes."""

import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import requests

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    """Return an unused port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home: Path, port: int) -> dict[str, str]:
    """Return the environment for clients of the server."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "WIREHOUSE_"))
    }
    return kept | {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "5",
        "PREFECT_WORKER_QUERY_SECONDS": "2",
        "COLUMNS": "200",
    }


@contextmanager
def child(arguments: list[str], env: dict[str, str], log: Path):
    """Run a command while the block runs; its output goes to `log`."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            arguments, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=log.parent
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def prefect_server(folder: Path, database: str | None = None):
    """Start a separate server, on SQLite or a database URL; yield the environment for its clients."""
    port = free_port()
    env = environment(folder / "prefect", port)
    if database is not None:
        env["PREFECT_API_DATABASE_CONNECTION_URL"] = database
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with child(command, env, folder / "server.log") as server:
        wait_for(lambda: _is_healthy(env, server), 600, "the Prefect server")
        yield env


def _is_healthy(env: dict[str, str], server: subprocess.Popen) -> bool:
    assert server.poll() is None, "the Prefect server ended by itself"
    try:
        return requests.get(f"{env['PREFECT_API_URL']}/health", timeout=10).ok
    except requests.RequestException:
        return False


def wait_for(is_true, limit_s: float, what: str):
    """Return the first true result of `is_true`; fail when that takes longer than `limit_s`."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if found := is_true():
            return found
        time.sleep(0.5)
    raise AssertionError(f"waited {limit_s} s for {what}")


def post(env: dict[str, str], path: str, body: dict) -> object:
    """Send a JSON request to the server's API; return its answer."""
    answer = _ask("POST", f"{env['PREFECT_API_URL']}{path}", json=body)
    return answer.json() if answer.content else None


def get(env: dict[str, str], path: str) -> object:
    """Read JSON from the server's API."""
    return _ask("GET", f"{env['PREFECT_API_URL']}{path}").json()


def _ask(method: str, url: str, **content: object) -> requests.Response:
    """Send a request; a server that is busy (503) or dies meanwhile is asked again."""
    for n_left in reversed(range(20)):
        try:
            answer = requests.request(method, url, timeout=120, **content)
        except requests.ConnectionError:
            if not n_left:
                raise
            time.sleep(0.5)
            continue
        if answer.status_code != HTTPStatus.SERVICE_UNAVAILABLE:
            break
        time.sleep(0.5)
    answer.raise_for_status()
    return answer

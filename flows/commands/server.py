"""Commands about scheduling: `deploy` to a Prefect server, or `serve` everything on this machine."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.options import ConfigOption, HomeOption, config_path, home_path
from tasks.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

AlertOption = Annotated[
    str | None,
    typer.Option("--alert-url", help="A webhook, told when a run fails, crashes or completes with warnings."),
]
FileOption = Annotated[Path, typer.Option("--file", help="The deployments.")]


def deploy(
    file: FileOption = Path("prefect.yaml"),
    alert_url: AlertOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """Prepare a Prefect server: work pool, automation and deployments. Safe to repeat."""
    if "PREFECT_API_URL" not in os.environ:
        raise UsageError(
            "No server is named: set PREFECT_API_URL (such as http://127.0.0.1:4200/api), "
            "or run everything on this machine with `wirehouse serve`."
        )
    _prepare(file, home_path(home), config_path(config), alert_url)
    typer.echo(
        "The server is ready. Start a worker where the warehouse lies: prefect worker start --pool wirehouse"
    )


def serve(
    file: FileOption = Path("prefect.yaml"),
    alert_url: AlertOption = None,
    host: Annotated[str, typer.Option(help="Address that the server listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port of the Prefect server and its pages.")] = 4200,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """Run server, worker and schedules on this machine until Ctrl-C."""
    where, sources = home_path(home), config_path(config)
    from tasks.sources import read_sources

    read_sources(sources)  # a mistake is told before anything starts
    os.environ.setdefault("PREFECT_HOME", str(where / "prefect"))
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    os.environ |= {"WIREHOUSE_HOME": str(where), "WIREHOUSE_CONFIG": str(sources)}
    from flows.serving.embedded import RETENTION

    os.environ |= {name: os.environ.get(name, value) for name, value in RETENTION.items()}
    with ExitStack() as stack:
        server = stack.enter_context(_child("server", "start", "--host", host, "--port", str(port)))
        _wait_until_healthy(server, port)
        _prepare(file, where, sources, alert_url)
        worker = stack.enter_context(_child("worker", "start", "--pool", "wirehouse", "--limit", "4"))
        typer.echo(
            f"Running. Runs and schedules: http://127.0.0.1:{port}  Warehouse: {where}  Stop with Ctrl-C."
        )
        while server.poll() is None and worker.poll() is None:
            time.sleep(1)
    raise UsageError("The Prefect server or its worker ended by itself; see its messages above.")


def _prepare(file: Path, home: Path, config: Path, alert_url: str | None) -> None:
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from flows.serving.deployment import prepare_server

    prepare_server(file.expanduser().resolve(), home, config, alert_url)


@contextmanager
def _child(*arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    env = {"DO_NOT_TRACK": "1", "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_CLI_PROMPT": "false"}
    command = [sys.executable, "-m", "prefect", "--no-prompt", *arguments]
    child = subprocess.Popen(command, env=os.environ | env, stdin=subprocess.DEVNULL)  # noqa: S603  all ours
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()


def _wait_until_healthy(server: "subprocess.Popen[bytes]", port: int, limit_s: float = 180) -> None:
    import requests

    end = time.monotonic() + limit_s
    while time.monotonic() < end and server.poll() is None:
        try:
            if requests.get(f"http://127.0.0.1:{port}/api/health", timeout=2).ok:
                return
        except requests.RequestException:
            time.sleep(0.5)
    raise UsageError(f"The Prefect server did not start on port {port}; try another with --port.")

"""Scheduling commands: `serve` runs everything on this machine, `deploy` prepares a Prefect server."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.terminal.options import ConfigOption, HomeOption, config_path, home_path, make_home
from tasks.errors import UsageError

AlertOption = Annotated[
    str | None,
    typer.Option(
        "--alert-url", help="Webhook that is called when a run fails, crashes or completes with warnings."
    ),
]
FileOption = Annotated[
    Path | None,
    typer.Option(
        "--file", help="The deployments and their schedules (default ./prefect.yaml, else the shipped one)."
    ),
]


def deploy(
    file: FileOption = None,
    alert_url: AlertOption = None,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """Prepare a Prefect server: work pool, automations and deployments. Idempotent."""
    if "PREFECT_API_URL" not in os.environ:
        raise UsageError(
            "PREFECT_API_URL is not set. Set it to your server (such as http://127.0.0.1:4200/api), "
            "or run everything on this machine with `wirehouse serve`."
        )
    os.environ.setdefault("DO_NOT_TRACK", "1")
    from flows.serving.deployment import prepare_server, release_stale_runs
    from flows.serving.prefect_file import find_prefect_file

    prepare_server(find_prefect_file(file), home_path(home), config_path(config), alert_url)
    release_stale_runs()
    from warehouse.cluster.place import find_cluster

    where = (
        "Start workers on the machines of the cluster: wirehouse worker --shards 0-7"
        if find_cluster()
        else "Start a worker on the machine that holds the warehouse: prefect worker start --pool wirehouse"
    )
    typer.echo(f"The server is ready. {where}")


def worker(
    shards: Annotated[
        str | None, typer.Option(metavar="0-7", help="Only these shards: numbers and ranges, such as 0-7,12.")
    ] = None,
    upkeep: Annotated[
        bool,
        typer.Option(
            "--upkeep", help="Also run maintain, backfill and reextract; without --shards, run only these."
        ),
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many runs at the same time.")] = 4,
) -> None:
    """Run a Prefect worker for shards of a cluster until Ctrl-C or SIGTERM; by default for everything."""
    if "PREFECT_API_URL" not in os.environ:
        raise UsageError(
            "PREFECT_API_URL is not set. Set it to your server, such as http://prefect:4200/api."
        )
    from flows.serving.shard_deployments import worker_queues
    from warehouse.cluster.place import find_cluster

    queues = worker_queues(find_cluster(), shards, upkeep=upkeep)
    os.environ.setdefault("DO_NOT_TRACK", "1")
    arguments = ["--no-prompt", "worker", "start", "--pool", "wirehouse", "--limit", str(limit)]
    for queue in queues:
        arguments += ["--work-queue", queue]
    command = [sys.executable, "-P", "-m", "prefect", *arguments]
    os.execv(sys.executable, command)  # noqa: S606  every part of it is ours


def serve(
    file: FileOption = None,
    alert_url: AlertOption = None,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port of the Prefect server and its pages.")
    ] = 4200,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """Run a Prefect server, a worker and the schedules on this machine until Ctrl-C or SIGTERM."""
    from tasks.sources import read_sources

    sources = config_path(config)
    read_sources(sources)  # report a mistake before anything starts
    where = make_home(home)
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_HOME", str(where / "prefect"))  # before Prefect reads its settings
    from flows.serving.prefect_file import find_prefect_file
    from flows.serving.serve import ServeOptions, serve

    options = ServeOptions(find_prefect_file(file), where, sources, host, port, alert_url)
    serve(options, typer.echo)

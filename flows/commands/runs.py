"""Commands that run a flow now: `ingest` and `backfill`."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.options import (
    ConfigOption,
    DebugOption,
    HomeOption,
    JsonOption,
    SourceOption,
    config_path,
    home_path,
)
from flows.commands.progress import show_progress

if TYPE_CHECKING:
    from flows.report import RunSummary


def ingest(
    source: SourceOption = None,
    every_feed: Annotated[bool, typer.Option("--all", help="Ask every feed, due or not.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Poll what is due, fetch what is new, load it. The same flow that a schedule runs."""
    from tasks.sources import read_sources, select_sources

    where, file = home_path(home), config_path(config)
    select_sources(read_sources(file), source)  # a mistake is told before anything starts
    prepare(where, debug=debug)
    from flows.embedded import embedded_api

    with embedded_api(where):
        from flows.ingest import ingest as run_ingest

        summary = run_ingest(source=source, every_feed=every_feed, home=str(where), config=str(file))
    finish(summary, as_json=as_json)


def prepare(home: Path, *, debug: bool) -> None:
    """Set up progress and Prefect for a run in this process; heavy imports come after it."""
    from flows.embedded import prepare_prefect

    show_progress(debug=debug, as_json=os.environ.get("WIREHOUSE_LOG") == "json")
    if debug:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO")
    prepare_prefect(home)


def finish(summary: "RunSummary", *, as_json: bool) -> None:
    """Print a run's summary; exit with 1 when some items failed or a check warns."""
    from flows.report import headline

    if as_json:
        typer.echo(_json(asdict(summary)))
    else:
        for warning in summary.warnings:
            typer.echo(f"! {warning}")
        typer.echo(headline(summary))
        if summary.rejects:
            typer.echo("Each reject is a row with its reason: wirehouse rejects list")
    if summary.rejects or summary.warnings:
        raise typer.Exit(1)


def _json(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, default=str)

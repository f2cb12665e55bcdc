"""Commands that run a flow now: `ingest` and `backfill`."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from flows.terminal.options import (
    ConfigOption,
    DebugOption,
    HomeOption,
    JsonOption,
    SourceOption,
    config_path,
    home_path,
)
from flows.terminal.progress import show_progress

if TYPE_CHECKING:
    from flows.parameters import WayName
    from flows.reports.run_report import RunSummary


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
    from flows.serving.embedded import embedded_api

    with embedded_api(where):
        from flows.ingest import ingest as run_ingest

        summary = run_ingest(source=source, every_feed=every_feed, home=str(where), config=str(file))
    finish(summary, as_json=as_json)


def backfill(
    source: Annotated[str, typer.Argument(help="The source's name.")],
    since: Annotated[str, typer.Option(help="First day, YYYY-MM-DD, in the source's zone.")],
    until: Annotated[str, typer.Option(help="Last day, inclusive.")],
    via: Annotated[str | None, typer.Option(help="archive, sitemap, rfc5005, dated or paged.")] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="At most so many pages a day.")] = None,
    urls: Annotated[Path | None, typer.Option(help="A file of URLs, in place of indexes.")] = None,
    warc: Annotated[list[Path] | None, typer.Option(help="A WARC file, in place of the network.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read indexes only; print the plan.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Fetch what a source published in a range of days. Stop it at any time; it goes on where it stopped."""
    from tasks.backfill.indexes import find_ways
    from tasks.backfill.run import parse_days
    from tasks.sources import read_sources, select_sources

    where, file = home_path(home), config_path(config)
    sources = read_sources(file)
    (one,) = select_sources(sources, [source])
    parse_days(since, until, one), find_ways(one, via)  # a mistake is told before anything starts
    if dry_run:
        from flows.commands.backfill_plan import print_plan

        print_plan(where, sources, one, parse_days(since, until, one), via, urls, as_json=as_json)
        return
    prepare(where, debug=debug)
    from flows.serving.embedded import embedded_api

    with embedded_api(where):
        from flows.backfill import backfill as run_backfill

        way = cast("WayName | None", via)  # find_ways has looked at it
        files = (str(urls.resolve()) if urls else None, [str(path.resolve()) for path in warc or ()])
        summary = run_backfill(source, since, until, way, budget, *files, str(where), str(file))
    finish(summary, as_json=as_json)


def prepare(home: Path, *, debug: bool) -> None:
    """Set up progress and Prefect for a run in this process; heavy imports come after it."""
    from flows.serving.embedded import prepare_prefect

    show_progress(debug=debug, as_json=os.environ.get("WIREHOUSE_LOG") == "json")
    if debug:
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO")
    prepare_prefect(home)


def finish(summary: "RunSummary", *, as_json: bool) -> None:
    """Print a run's summary; exit with 1 when some items failed or a check warns."""
    from flows.reports.run_report import headline

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

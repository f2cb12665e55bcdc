"""Commands over the archive: `reextract`, `rebuild` and `forget`. None of them uses the network."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal.options import (
    ConfigOption,
    DebugOption,
    HomeOption,
    JsonOption,
    SourceOption,
    config_path,
    existing_home,
    home_path,
)
from flows.terminal.output import Format, write_rows
from flows.terminal.progress import show_progress

if TYPE_CHECKING:
    from tasks.upkeep.report import Report

_DAY = "YYYY-MM-DD, by the article's own date"


def reextract(
    source: SourceOption = None,
    since: Annotated[str | None, typer.Option(help=f"First day, {_DAY}.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, inclusive.")] = None,
    older: Annotated[bool, typer.Option("--older", help="Only what other rules than today's read.")] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Replace what is stored; without it, only report.")
    ] = False,
    rollback: Annotated[
        str | None, typer.Option("--rollback", metavar="RUN_ID", help="Bring back what a run replaced.")
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Read archived pages with today's rules: see what would change, then --apply it.

    Old values are kept (view superseded) and come back with --rollback. Exit code 1 when a page
    could not be read from the archive.
    """
    where = existing_home(home)
    show_progress(debug=debug)
    if rollback is not None:
        _roll_back(where, rollback, as_json=as_json)
        return
    from tasks.extract import ExtractionPool
    from tasks.sources import read_sources
    from tasks.upkeep.reextract import Bench, apply_and_publish, compare_all
    from tasks.upkeep.selection import parse_choice

    sources = read_sources(config_path(config)).by_name()
    choice = parse_choice(where, source, since, until, is_older=older)
    run_id = None
    with ExtractionPool() as pool:
        if apply:
            run_id, report = apply_and_publish(Bench(where, sources, pool), choice)
        else:
            report = compare_all(Bench(where, sources, pool), choice)
    _print_report(report, run_id, as_json=as_json)
    if report.n_unreadable:
        raise typer.Exit(1)


def rebuild(
    without_old: Annotated[
        bool, typer.Option("--without-old", help="Take nothing from the old store: for a damaged one.")
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Build the warehouse anew from the archive, put it in the old one's place, publish it.

    Runs and queries go on meanwhile. What no page holds (runs, entries, when a feed first showed an
    article) is carried over. The old store stays as state/warehouse.before-rebuild.duckdb.
    """
    from tasks.sources import read_sources
    from tasks.upkeep.rebuild import rebuild as build_anew
    from warehouse.errors import WarehouseMissing
    from warehouse.store.connection import Home

    where = Home(home_path(home))
    if not where.pages_dir.is_dir():
        raise WarehouseMissing(f"There is no archive at {where.pages_dir} to build a warehouse from.")
    show_progress(debug=debug)
    done = build_anew(where, read_sources(config_path(config)), without_old=without_old)
    if as_json:
        _print_json(asdict(done))
        return
    typer.echo(
        f"{done.n_pages} pages in {done.seconds} s: {done.n_articles} articles, {done.n_rejects} rejects."
    )
    if done.n_carried:
        typer.echo(f"{done.n_carried} articles without a page in the archive stay as they were.")


def forget(
    url: Annotated[str, typer.Argument(help="Address of the article.")],
    reason: Annotated[str | None, typer.Option(help="Why; kept with the address.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Take an article out of everything, the archive included, and keep it out.

    Refused while a run writes the archive. There is no way back.
    """
    from tasks.errors import ItemError, UsageError
    from tasks.upkeep.forget import forget as take_out

    where = existing_home(home)
    show_progress(debug=debug)
    try:
        done = take_out(where, url, reason)
    except ItemError as error:
        raise UsageError(f"{url}: {error.reason}") from error
    if as_json:
        _print_json(asdict(done))
        return
    typer.echo(
        f"{done.n_articles} articles and {done.n_pages} archived pages taken out; "
        f"kept out from now on: {', '.join(done.url_keys)}."
    )
    for copy in done.copies:
        typer.echo(f"A copy made earlier may still hold it; delete it when you need it no more: {copy}")


def _roll_back(home: Any, run_id: str, *, as_json: bool) -> None:
    from tasks.upkeep.rollback import roll_back_run
    from warehouse.publish import publish_snapshot

    done = roll_back_run(home, run_id)
    publish_snapshot(home)
    if as_json:
        _print_json(asdict(done))
    else:
        typer.echo(f"{done.n_back} items are as they were before; {done.n_left} have changed since and stay.")


def _print_report(report: "Report", run_id: str | None, *, as_json: bool) -> None:
    if as_json:
        _print_json({"run_id": run_id, **asdict(report)})
        return
    from flows.reports.reextract_words import headline

    typer.echo(headline(report, run_id))
    fields = [(f.field, f.n_changed, f.n_gained, f.n_lost) for f in report.fields]
    _table(["field", "changed", "gained", "lost"], fields)
    _table(["field", "url", "before", "after"], [(s.field, s.url, s.before, s.after) for s in report.samples])
    if run_id is None and report.n_changed + report.n_won + report.n_lost:
        typer.echo("Nothing is written yet: wirehouse reextract --apply does it.")
    elif run_id is not None and report.n_changed + report.n_won + report.n_lost:
        typer.echo(f"To undo it: wirehouse reextract --rollback {run_id}")


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        typer.echo("")
        write_rows(names, rows, Format.TABLE)


def _print_json(answer: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")

"""Commands that extract the archive again: `reextract` and `rebuild`. Neither uses the network."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    SourceOption,
    config_path,
    existing_home,
    home_path,
)
from flows.terminal.output import print_json_line, print_table
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.upkeep.report import Report

_DAY = "YYYY-MM-DD, by the article's own date"


def reextract(
    source: SourceOption = None,
    since: Annotated[str | None, typer.Option(help=f"First day, {_DAY}.")] = None,
    until: Annotated[str | None, typer.Option(help="Last day, inclusive.")] = None,
    older: Annotated[
        bool, typer.Option("--older", help="Only pages that an older version of the rules extracted.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Replace the stored values; otherwise only report.")
    ] = False,
    rollback: Annotated[
        str | None,
        typer.Option("--rollback", metavar="RUN_ID", help="Restore the values that a run replaced."),
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Extract archived pages with the current rules: report what would change, or --apply it.

    Replaced values are kept (view superseded); --rollback restores them. Exit code 1 when a page cannot be
    read from the archive.
    """
    where = existing_home(home)
    if rollback is not None:
        _roll_back(where, rollback, as_json=as_json)
        return
    from tasks.sources import read_sources
    from tasks.upkeep.reextract import BatchContext, apply_and_publish, compare_all
    from tasks.upkeep.runner import open_runner
    from tasks.upkeep.selection import parse_choice
    from tasks.workers.extraction_pool import ExtractionPool

    sources = read_sources(config_path(config)).by_name()
    choice = parse_choice(where, source, since, until, is_older=older)
    run_id = None
    with ExtractionPool() as pool, open_runner(where, config_path(config)) as runner:
        if apply:
            run_id, report = apply_and_publish(BatchContext(where, sources, pool), choice, runner=runner)
        else:
            report = compare_all(BatchContext(where, sources, pool), choice, runner=runner)
    _print_report(report, run_id, as_json=as_json)
    if report.n_unreadable:
        raise typer.Exit(1)


def rebuild(
    without_old: Annotated[
        bool, typer.Option("--without-old", help="Ignore the old store, for example because it is damaged.")
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rebuild the warehouse from the archive, replace the old one, and publish it.

    Runs and queries can continue meanwhile. What the archive does not hold (runs, entries, when a feed first
    listed an article) is copied from the old store, which stays as state/warehouse.before-rebuild.duckdb. On
    a lake nothing may be loaded meanwhile; its state before stays readable for upkeep.expire_after_h.
    """
    from tasks.sources import read_sources
    from tasks.upkeep.rebuild import rebuild as rebuild_file
    from tasks.upkeep.rebuild_lake import rebuild_lake
    from tasks.upkeep.runner import open_runner
    from warehouse.errors import WarehouseMissing
    from warehouse.store.connection import Home

    where = Home.of(home_path(home))
    if not where.archive.folder.is_dir() and not where.archive.find_sizes():
        raise WarehouseMissing(f"There is no archive at {where.archive.folder}. A rebuild needs one.")
    rebuild_store = rebuild_lake if where.has_lake else rebuild_file
    config_file = config_path(config)
    with open_runner(where, config_file) as runner:
        done = rebuild_store(where, read_sources(config_file), without_old=without_old, runner=runner)
    if as_json:
        print_json_line(asdict(done))
        raise typer.Exit(1 if done.n_damaged else 0)
    typer.echo(
        f"Extracted {plural(done.n_pages, 'page')} in {done.seconds} s: "
        f"{plural(done.n_articles, 'article')}, {plural(done.n_rejects, 'reject')}."
    )
    if done.n_carried:
        typer.echo(f"Copied {plural(done.n_carried, 'article')} without a page in the archive.")
    if done.n_damaged:
        damaged = plural(done.n_damaged, "damaged place")
        typer.echo(f"Archive files have {damaged}: see `wirehouse rejects --step fetch`.", err=True)
        raise typer.Exit(1)


def _roll_back(home: Any, run_id: str, *, as_json: bool) -> None:
    from tasks.upkeep.rollback import roll_back_run
    from warehouse.publish import publish_snapshot

    done = roll_back_run(home, run_id)
    publish_snapshot(home)
    if as_json:
        print_json_line(asdict(done))
    else:
        typer.echo(f"Restored {plural(done.n_back, 'item')}; {done.n_left:,} changed since and stay.")


def _print_report(report: "Report", run_id: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json_line({"run_id": run_id, **asdict(report)})
        return
    from flows.reports.reextract_words import headline

    typer.echo(headline(report, run_id))
    fields = [(f.field, f.n_changed, f.n_gained, f.n_lost) for f in report.fields]
    _table(["field", "changed", "gained", "lost"], fields)
    _table(["field", "url", "before", "after"], [(s.field, s.url, s.before, s.after) for s in report.samples])
    if run_id is None and report.n_changed + report.n_won + report.n_lost:
        typer.echo("Nothing was written. To write it: wirehouse reextract --apply")
    elif run_id is not None and report.n_changed + report.n_won + report.n_lost:
        typer.echo(f"To undo it: wirehouse reextract --rollback {run_id}")


def _table(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        typer.echo("")
        print_table(names, rows)

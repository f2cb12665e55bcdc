"""Commands that look after the warehouse's store: `doctor`, `export`, `restore`, `upgrade`."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.options import HomeOption, JsonOption, existing_home, home_path
from flows.terminal.output import print_json, print_json_line, print_table
from flows.terminal.values import visible
from tasks.errors import UsageError
from warehouse.wording import plural

if TYPE_CHECKING:
    from warehouse.export.manifest import Manifest
    from warehouse.inspection.doctor import Finding
    from warehouse.rewrite.upgrade import UpgradePlan


def doctor(
    fix: Annotated[bool, typer.Option("--fix", help="Repair what can be repaired.")] = False,
    every_page: Annotated[
        bool, typer.Option("--every-page", help="Read every archived page instead of a sample.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check the integrity of store, archive and snapshot. Exit code 1 when something is damaged."""
    from tasks.upkeep.doctor import examine_home, fix_home
    from warehouse.inspection.doctor import Level

    where, now = existing_home(home), datetime.now(UTC)
    findings = examine_home(where, now, every_page=every_page)
    if fix and any(finding.fix for finding in findings):
        fix_home(where, findings, now)
        findings = examine_home(where, now, every_page=every_page)
    findings += _schedule_findings()
    if as_json:
        print_json([_row(finding) for finding in findings])
    else:
        names = ["check", "level", "finding"]
        print_table(names, [[f.check, f.level, f.sentence] for f in findings])
    if any(finding.level is Level.ERROR for finding in findings):
        raise typer.Exit(1)


def export(
    to: Annotated[Path, typer.Option("--to", help="The folder to write; it must be empty or missing.")],
    since_load: Annotated[
        str | None,
        typer.Option(
            "--since-load",
            help="Only rows that changed after this load (last_load of a manifest), for other systems.",
        ),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option("--since", help="Incremental export: only what differs from this earlier export."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Export the warehouse as Parquet files, large tables by month. Loads can run meanwhile."""
    from warehouse.export.backup import export_home
    from warehouse.store.connection import Home

    if since is not None and since_load is not None:
        raise UsageError("--since and --since-load cannot be combined. Give one of them.")
    with _usage_errors():
        manifest = export_home(Home.of(home_path(home)), to, since_load, since=since)
    _report(manifest, [[t.name, t.n_rows, t.hash] for t in manifest.tables], as_json=as_json)


def restore(
    directories: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR",
            help="A full export and its incremental exports in order, or a folder of exports for the newest.",
        ),
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore exports into a folder without a warehouse; row counts and hashes are verified."""
    from warehouse.export.backup import find_missing_pages, restore_home
    from warehouse.store.connection import Home

    where = Home.of(home_path(home))
    with _usage_errors():
        manifest = restore_home(where, *directories)
    _report(manifest, [[t.name, *t.state] for t in manifest.tables], as_json=as_json)
    missing = find_missing_pages(where)
    if missing.files:
        typer.echo(
            f"Still to be copied to {where.pages_dir}: {plural(len(missing.files), 'archive file')} with "
            f"{plural(missing.n_pages, 'page')}, the first {missing.files[0]}.",
            err=True,
        )


def upgrade(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Bring the warehouse to the schema of this version now, and publish it.

    Every command that writes does the same by itself. A copy of the store is kept before its schema changes.
    """
    from warehouse.rewrite.upgrade import plan_upgrade, upgrade_store

    where = existing_home(home)
    if where.has_lake:
        raise UsageError("The store of this home is a lake: the first run of a new version migrates it.")
    if dry_run:
        plan, is_published = plan_upgrade(where), False
    else:
        done = upgrade_store(where)
        plan, is_published = done.plan, done.is_published
    if as_json:
        print_json_line({**asdict(plan), "is_published": is_published, "is_dry_run": dry_run})
        return
    _print_plan(plan)
    if dry_run:
        typer.echo("Nothing was changed.", err=True)
    elif is_published:
        typer.echo(visible(f"Published {where.snapshot_file}."))


def _print_plan(plan: "UpgradePlan") -> None:
    if not plan.steps:
        typer.echo(f"Schema {plan.schema_before} is up to date.")
        return
    typer.echo(f"Schema {plan.schema_before} to {plan.schema_after}, {plural(len(plan.steps), 'migration')}:")
    for step in plan.steps:
        typer.echo(visible(f"  {step.version:04d} {step.name}: {step.purpose}"))
    if plan.copy_file:
        typer.echo(visible(f"The store as it was: {plan.copy_file} (to go back: docs/how-to/upgrade.md)"))


def _schedule_findings() -> "list[Finding]":
    """Return what is wrong with the schedules on the Prefect server of PREFECT_API_URL, if one is set."""
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        return []
    from prefect.client.orchestration import get_client

    from flows.serving.dead_runs import check_schedules
    from warehouse.inspection.doctor import Finding, Level

    with get_client(sync_client=True) as client:
        error = client.api_healthcheck()
        if error is None:
            return check_schedules(client)
    return [Finding("schedule", Level.WARNING, f"The Prefect server at {url} does not answer: {error}")]


def _row(finding: "Finding") -> dict[str, str | None]:
    return {"check": finding.check, "level": finding.level, "finding": finding.sentence, "fix": finding.fix}


@contextmanager
def _usage_errors() -> Iterator[None]:
    """Turn ExportUnusable into UsageError: the folder was wrong, the warehouse is intact."""
    from warehouse.errors import ExportUnusable

    try:
        yield
    except ExportUnusable as error:
        raise UsageError(str(error)) from error


def _report(manifest: "Manifest", rows: list[list[object]], *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "since_load": manifest.since_load,
                "last_load": manifest.last_load,
                "since_export": manifest.since_export,
                "export": manifest.export_id,
                "tables": [{"table": name, "rows": n, "hash": checksum} for name, n, checksum in rows],
            }
        )
        return
    print_table(["table", "rows", "hash"], rows)
    typer.echo(f"Last load: {manifest.last_load}", err=True)

"""How `ingest` and `backfill` end: what they print of the run, and their exit code."""

from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING

import typer

from flows.terminal.output import print_json_line
from flows.terminal.values import visible

if TYPE_CHECKING:
    from flows.reports.run_summary import RunSummary


class FailOn(StrEnum):
    """Which outcomes of a completed run give exit code 1."""

    NONE = "none"
    ERRORS = "errors"
    ANY = "any"


def finish(summary: "RunSummary", *, as_json: bool, fail_on: FailOn = FailOn.ANY) -> None:
    """Print a run's summary; exit with code 1 for what `fail_on` selects."""
    from flows.reports.run_summary import headline

    if as_json:
        print_json_line(asdict(summary))
    else:
        for warning in summary.warnings:
            typer.echo(visible(f"! {warning}"))
        for account in summary.files:
            typer.echo(visible(account.sentence()))
        for sentence in summary.range.sentences() if summary.range else ():
            typer.echo(sentence)
        typer.echo(headline(summary))
        if summary.rejects:
            typer.echo("To list the rejects with their reasons: wirehouse rejects list")
    failures = {FailOn.NONE: 0, FailOn.ERRORS: len(summary.warnings)}
    if failures.get(fail_on, summary.rejects + len(summary.warnings)):
        raise typer.Exit(1)

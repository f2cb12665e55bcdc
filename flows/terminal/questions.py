"""Questions before an irreversible change; `--yes` answers them in scripts."""

import sys

import typer

from tasks.errors import UsageError


def confirm(question: str, *, yes: bool) -> None:
    """Ask for confirmation on the terminal; exit with code 1 when it is refused.

    Raises UsageError without a terminal, where nobody can answer.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"{question} Nothing was changed. To confirm without a terminal, add --yes.")
    if not typer.confirm(question, err=True):
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(1)

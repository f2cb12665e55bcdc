"""The `rejects` commands: failed items with their reasons, and marking them for a retry."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from flows.terminal.filters import check_sources, check_step
from flows.terminal.options import (
    HomeOption,
    JsonOption,
    SourceOption,
    existing_home,
    home_path,
)
from flows.terminal.output import print_json, print_table
from flows.terminal.registration import with_debug
from tasks.errors import UsageError
from warehouse.wording import plural


class ListByDefault(TyperGroup):
    """A group whose `list` command may go unnamed: `wirehouse rejects --json` lists."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the command's name before options that belong to it."""
        is_unnamed = not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names)
        return super().parse_args(ctx, ["list", *args] if is_unnamed else args)


rejects_app = typer.Typer(cls=ListByDefault, help="Failed items: list them, show one, mark them for a retry.")

StepOption = Annotated[
    str | None, typer.Option("--step", help="Only this step: poll, fetch, extract, deduplicate or load.")
]
_WHICH = typer.Argument(metavar="ID|URL", help="The beginning of a reject's id, or a URL.")


@rejects_app.command("list")
@with_debug
def list_rejects(
    source: SourceOption = None,
    step: StepOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the items that failed and have not succeeded since, latest first."""
    from warehouse.rejects import find_rejects
    from warehouse.store.connection import connect

    check_step(step)
    with connect(home_path(home)) as con:
        check_sources(con, source)
        rows = find_rejects(con, sources=source, step=step)
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo("No rejects.", err=True)
        return
    names = ["id", "source", "step", "error_class", "attempts", "next_try_at", "url", "reason"]
    print_table(names, [[str(row["reject_id"])[:8], *(row[name] for name in names[1:])] for row in rows])


@rejects_app.command("show")
@with_debug
def show_reject(which: Annotated[str, _WHICH], home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show everything that is known about one failed item."""
    from warehouse.rejects import find_rejects
    from warehouse.store.connection import connect

    with connect(home_path(home)) as con:
        rows = find_rejects(con, which=which, with_resolved=True)
    if not rows:
        raise UsageError(f"No reject matches {which!r}. To list all: wirehouse rejects list")
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print_table(["field", "value"], [[k, v] for k, v in row.items() if v is not None])


@rejects_app.command("retry")
@with_debug
def retry_rejects(
    which: Annotated[str | None, _WHICH] = None,
    source: SourceOption = None,
    step: StepOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Mark failed items for a retry by the next run; all open rejects by default."""
    from datetime import UTC, datetime

    from warehouse.rejects import retry_rejects as retry
    from warehouse.store.connection import open_store, transaction

    check_step(step)
    with open_store(existing_home(home), owner="rejects retry") as con, transaction(con):
        check_sources(con, source)
        n = retry(con, which=which, sources=source, step=step, now=datetime.now(UTC))
    if which and not n:
        raise UsageError(
            f"No reject that can be retried matches {which!r}. To list all: wirehouse rejects list"
        )
    if as_json:
        print_json({"marked": n})
    else:
        typer.echo(f"The next run retries {plural(n, 'item')}.")

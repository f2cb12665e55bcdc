"""`wirehouse rejects`: what failed, why, and another try."""

from typing import Annotated, Any

import typer

from flows.terminal.options import DebugOption, HomeOption, JsonOption, SourceOption, home_path
from flows.terminal.output import Format, print_json, write_rows
from tasks.errors import UsageError

rejects_app = typer.Typer(help="Items that failed: list them, show one, have them tried again.")

StepOption = Annotated[
    str | None, typer.Option("--step", help="Only this step: poll, fetch, extract, deduplicate, load.")
]
WhichArgument = Annotated[str, typer.Argument(help="Start of a reject's id, or an address.")]


@rejects_app.callback(invoke_without_command=True)
def rejects(
    context: typer.Context,
    home: HomeOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Items that failed: list them, show one, have them tried again."""
    if context.invoked_subcommand is None:
        list_rejects(home=home, as_json=as_json)


@rejects_app.command("list")
def list_rejects(
    source: SourceOption = None,
    step: StepOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """List the items that failed and have not gone through since, latest first."""
    from warehouse.rejects import find_rejects
    from warehouse.store.connection import connect

    con = connect(home_path(home))
    try:
        rows = find_rejects(con, sources=source, step=step)
    finally:
        con.close()
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo("Nothing has failed.", err=True)
        return
    names = ["id", "source", "step", "error_class", "attempts", "next_try_at", "url", "reason"]
    write_rows(
        names, [[str(row["reject_id"])[:8], *(row[name] for name in names[1:])] for row in rows], Format.TABLE
    )


@rejects_app.command("show")
def show_reject(
    which: WhichArgument, home: HomeOption = None, as_json: JsonOption = False, debug: DebugOption = False
) -> None:
    """Show all that is known of one item that failed."""
    from warehouse.rejects import find_rejects
    from warehouse.store.connection import connect

    con = connect(home_path(home))
    try:
        rows = find_rejects(con, which=which, with_resolved=True)
    finally:
        con.close()
    if not rows:
        raise UsageError(f"No item that failed goes by {which!r}; wirehouse rejects list shows them.")
    if as_json:
        print_json(rows)
        return
    for row in rows:
        write_rows(["field", "value"], [[k, v] for k, v in row.items() if v is not None], Format.TABLE)


@rejects_app.command("retry")
def retry_rejects(
    which: Annotated[str | None, typer.Argument(help="Start of a reject's id, or an address.")] = None,
    source: SourceOption = None,
    step: StepOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Have items tried again by the next run; without a choice, all that are open."""
    from datetime import UTC, datetime

    from warehouse.rejects import retry_rejects as retry
    from warehouse.store.connection import open_store, transaction

    with open_store(_existing(home), owner="rejects retry") as con, transaction(con):
        n = retry(con, which=which, sources=source, step=step, now=datetime.now(UTC))
    if which and not n:
        raise UsageError(
            f"No item that can be tried again goes by {which!r}; wirehouse rejects list shows them."
        )
    if as_json:
        print_json({"marked": n})
    else:
        typer.echo(f"{n} {'item' if n == 1 else 'items'} will be tried again by the next run.")


def _existing(home: Any) -> Any:
    from warehouse.errors import WarehouseMissing
    from warehouse.store.connection import Home

    found = Home(home_path(home))
    if not found.state_file.exists():
        raise WarehouseMissing(
            f"There is no warehouse at {found.root} yet. Load something first: wirehouse ingest."
        )
    return found

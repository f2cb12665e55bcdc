"""The `forget` command: remove an article everywhere, and keep it out."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.options import HomeOption, JsonOption, existing_home
from flows.terminal.output import print_json_line, print_table
from flows.terminal.questions import confirm
from flows.terminal.values import visible
from tasks.errors import ItemError, UsageError
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.upkeep.forget import ForgetPlan
    from warehouse.store.connection import Home


def forget(
    url: Annotated[str | None, typer.Argument(metavar="URL", help="URL of the article.")] = None,
    reason: Annotated[str | None, typer.Option(help="The reason, stored with the URL.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be removed.")] = False,
    never_stored: Annotated[
        bool, typer.Option("--never-stored", help="Also block a URL that was never stored.")
    ] = False,
    list_all: Annotated[bool, typer.Option("--list", help="List the forgotten URLs.")] = False,
    undo: Annotated[
        bool, typer.Option("--undo", help="Allow a forgotten URL to be fetched again. Restores nothing.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove an article everywhere, including the archive, and never fetch it again.

    Shows what it would remove, and asks. Refused while a run writes the archive. The removed data cannot be
    restored.
    """
    where = existing_home(home)
    if list_all:
        _list(where, as_json=as_json)
        return
    if url is None:
        raise UsageError("Give the URL of an article, or --list.")
    try:
        if undo:
            _undo(where, url, as_json=as_json)
        else:
            _forget(where, url, reason, yes=yes, dry_run=dry_run, never_stored=never_stored, as_json=as_json)
    except ItemError as error:
        raise UsageError(f"{visible(repr(url))}: {error.reason}") from error


def _forget(
    home: "Home",
    url: str,
    reason: str | None,
    *,
    yes: bool,
    dry_run: bool,
    never_stored: bool,
    as_json: bool,
) -> None:
    from tasks.upkeep.forget import assert_known, plan_forget
    from tasks.upkeep.forget import forget as remove_article

    plan = plan_forget(home, url)
    if not never_stored:
        assert_known(plan, url)
    if dry_run and as_json:
        print_json_line(asdict(plan))
        return
    _print_plan(plan)
    if dry_run:
        typer.echo("Nothing was removed.", err=True)
        return
    confirm("Remove it and never fetch it again? This cannot be undone.", yes=yes)
    done = remove_article(home, url, reason)
    _refresh_report(home)
    _refresh_feeds(home)
    if as_json:
        print_json_line(asdict(done))
        return
    typer.echo(
        f"Removed {plural(done.n_articles, 'article')} and {plural(done.n_pages, 'archived page')}. "
        f"Not fetched again: {', '.join(map(visible, done.url_keys))}."
    )
    for copy in done.copies:
        typer.echo(f"An earlier copy may still contain it; delete it when you no longer need it: {copy}")


def _refresh_report(home: "Home") -> None:
    """Write the report beside the snapshot again, if there is one: it may name the article."""
    from flows.reports.news_report import home_report, write_home_report

    if home_report(home).exists():
        write_home_report(home)


def _refresh_feeds(home: "Home") -> None:
    """Write the feed files again, if there were any: they were deleted, because they may have named it."""
    from pathlib import Path

    from tasks.alerts.feed_files import write_feed_files
    from warehouse.alerts.feed_note import read_feed_note

    if file := read_feed_note(home).searches_file:
        write_feed_files(home, Path(file))


def _print_plan(plan: "ForgetPlan") -> None:
    typer.echo(
        f"To remove: {plural(len(plan.titles), 'article')}, {plural(plan.n_pages, 'archived page')}.",
        err=True,
    )
    for title in plan.titles:
        typer.echo(f"  {visible(title)}", err=True)
    for key in plan.url_keys or (plan.url_key,):
        typer.echo(f"  to block: {visible(key)}", err=True)
    if plan.blocked_at is not None:
        typer.echo(f"It was forgotten before, on {plan.blocked_at:%Y-%m-%d}.", err=True)


def _list(home: "Home", *, as_json: bool) -> None:
    from tasks.upkeep.forget import list_forgotten

    keys = list_forgotten(home)
    if as_json:
        print_json_line([asdict(key) for key in keys])
    elif not keys:
        typer.echo("No URL is forgotten.", err=True)
    else:
        rows = [[key.url_key, key.forgotten_at, key.reason] for key in keys]
        print_table(["url_key", "forgotten_at", "reason"], rows)


def _undo(home: "Home", url: str, *, as_json: bool) -> None:
    from tasks.upkeep.forget import undo_forget

    keys = undo_forget(home, url)
    if as_json:
        print_json_line({"allowed": keys})
    else:
        typer.echo(
            f"Allowed again: {', '.join(map(visible, keys))}. A later run fetches it if a feed lists it."
        )

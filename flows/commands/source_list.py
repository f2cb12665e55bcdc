"""The `sources` commands on `sources.toml`: list, check, import, export, rename and remove sources."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import source_add
from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    config_path,
    existing_home,
    home_path,
)
from flows.terminal.output import print_json_line, print_table
from flows.terminal.questions import confirm
from flows.terminal.registration import with_debug
from flows.terminal.values import visible
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.inspection.feed_survey import FeedSurvey
    from tasks.inspection.source_check import CheckedPage
    from tasks.sources import Sources
    from warehouse.records.source import Source

sources_app = typer.Typer(
    help="Add, try, import, export, check, list, rename and remove the sources of sources.toml.",
    no_args_is_help=True,
)
sources_app.command("add")(with_debug(source_add.add))
sources_app.command("try")(with_debug(source_add.try_listing))


@sources_app.command("check")
@with_debug
def check(
    apply: Annotated[
        bool, typer.Option("--apply", help="Write the new URLs of feeds that moved into the source list.")
    ] = False,
    offline: Annotated[bool, typer.Option("--offline", help="Request nothing from the network.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Validate the source list, ask its feeds once, and test its rules on saved pages.

    Feeds that moved permanently are named; --apply changes their URLs in the source list. Saved pages are in
    `checks/` beside the list.
    """
    from tasks.sources import read_sources

    path = config_path(config)
    sources = read_sources(path)
    pages = [p for source in sources.sources for p in _checked(path.parent / "checks" / source.name, source)]
    problems = [f"{page.source}, {page.page}: {text}" for page in pages for text in page.differences]
    n_expected = sum(not page.differences for page in pages)
    survey = _survey(sources, home_path(home), is_offline=offline)
    n_feeds = sum(len(source.feeds) for source in sources.sources)
    if as_json:
        answer = {"file": str(path), "sources": len(sources.sources), "feeds": n_feeds, "pages": len(pages)}
        print_json_line(answer | {"problems": problems} | asdict(survey))
    else:
        _hint(sources.sources)
        for problem in problems:
            typer.echo(visible(f"! {problem}"))
        typer.echo(
            f"{path}: {plural(len(sources.sources), 'source')} with {plural(n_feeds, 'feed')}; "
            "all keys and values are valid."
        )
        if pages:
            typer.echo(f"Saved pages that give the expected values: {n_expected} of {len(pages)}.")
        _print_survey(survey, is_applied=apply)
    if apply:
        _apply(path, survey)
    if problems or survey.failed:
        raise typer.Exit(1)


def _survey(sources: "Sources", home: Path, *, is_offline: bool) -> "FeedSurvey":
    from tasks.domain.source_list.moves import find_moves
    from tasks.inspection.feed_survey import FeedSurvey, remembered_moves, survey_feeds
    from warehouse.store.connection import Home

    where = Home.of(home)
    if is_offline:
        return FeedSurvey(moved=tuple(find_moves(sources.sources, remembered_moves(where))))
    return survey_feeds(sources, where, datetime.now(UTC))


def _print_survey(survey: "FeedSurvey", *, is_applied: bool) -> None:
    if survey.is_offline:
        typer.echo("No host name of the feeds resolves, so none was asked; is there a network?", err=True)
    elif survey.n_asked:
        n_answered = survey.n_asked - len(survey.failed)
        for feed in survey.failed:
            typer.echo(visible(f"! {feed.source}: {feed.url}: {feed.reason}"))
        typer.echo(f"Feeds that can be read: {n_answered} of {survey.n_asked}.")
    for move in survey.moved:
        known = f"; '{move.owner}' lists it already, so remove one of them" if move.owner else ""
        typer.echo(visible(f"{move.source}: {move.url} has moved permanently to {move.new_url}{known}"))
    if any(move.owner is None for move in survey.moved) and not is_applied:
        typer.echo("To change the URLs in the source list: wirehouse sources check --apply")


def _apply(path: Path, survey: "FeedSurvey") -> None:
    from tasks.inspection.source_file import move_feeds

    moves = {move.url: move.new_url for move in survey.moved if move.owner is None}
    if moves:
        move_feeds(path, moves)
    typer.echo(f"{path}: {plural(len(moves), 'URL')} of feeds changed.", err=True)


def _checked(folder: Path, source: "Source") -> "list[CheckedPage]":
    if not folder.is_dir():
        return []
    from tasks.inspection.source_check import check_source

    return list(check_source(folder, source))


def _hint(sources: "tuple[Source, ...]") -> None:
    for source in sources:
        if not source.feeds:
            typer.echo(f"{source.name}: has no feed, so `ingest` does not poll it.", err=True)
        if source.timezone is None:
            hint = "has no timezone, so published_at is null for dates without one."
            typer.echo(f"{source.name}: {hint}", err=True)


@sources_app.command("import")
@with_debug
def import_opml(
    file: Annotated[Path, typer.Argument(metavar="FILE.opml", help="A list of feeds from a feed reader.")],
    config: ConfigOption = None,
) -> None:
    """Add each feed of an OPML file as a source; its folders become tags.

    Nothing is requested from the network: `wirehouse sources check` looks at the feeds later. Feeds that are
    listed already are left as they are.
    """
    from tasks.inspection.opml_file import import_file

    path = config_path(config)
    imported = import_file(file, path)
    for problem in imported.problems:
        typer.echo(visible(f"! {problem}"), err=True)
    known = f"; {plural(imported.n_known, 'feed')} listed already" if imported.n_known else ""
    typer.echo(f"{path}: {plural(imported.n_added, 'source')} added{known}.", err=True)


@sources_app.command("export")
@with_debug
def export_opml(
    opml: Annotated[bool, typer.Option("--opml", help="Write OPML, the format of feed readers.")] = False,
    config: ConfigOption = None,
) -> None:
    """Write the feeds of the source list to standard output; tags become folders."""
    from tasks.domain.source_list.opml import opml_text
    from tasks.errors import UsageError
    from tasks.sources import read_sources
    from warehouse.records.source import FeedKind

    if not opml:
        raise UsageError("Name the format: wirehouse sources export --opml")
    sources = read_sources(config_path(config)).sources
    typer.echo(opml_text(sources), nl=False)
    n_listings = sum(feed.kind is FeedKind.LISTING for source in sources for feed in source.feeds)
    if n_listings:
        has = "is" if n_listings == 1 else "are"
        typer.echo(
            f"{plural(n_listings, 'listing')} {has} left out: OPML has no place for selectors.", err=True
        )


@sources_app.command("remove")
@with_debug
def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME", help="Sources of the source list.")],
    config: ConfigOption = None,
) -> None:
    """Remove sources from the source list. Their articles stay in the warehouse."""
    from tasks.inspection.source_file import remove_sources

    path = config_path(config)
    remove_sources(path, list(dict.fromkeys(names)))
    quoted = ", ".join(f"'{name}'" for name in dict.fromkeys(names))
    typer.echo(f"Removed {quoted} from {path}. Stored articles are kept.", err=True)


@sources_app.command("rename")
@with_debug
def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The source's name in the warehouse.")],
    new: Annotated[
        str,
        typer.Argument(metavar="NEW", help="Its new name; if it exists already, it takes over the articles."),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Merge into an existing source without asking.")] = False,
    home: HomeOption = None,
) -> None:
    """Rename a source in the warehouse. Rename it in sources.toml as well."""
    from tasks.upkeep.rename import plan_rename
    from tasks.upkeep.rename import rename as rename_stored
    from warehouse.publish import publish_snapshot

    where = existing_home(home)
    plan = plan_rename(where, old, new)
    if plan.n_merged_into is not None:
        typer.echo(
            f"The source '{new}' exists and has {plural(plan.n_merged_into, 'article')}; "
            f"it takes over {plural(plan.n_articles, 'article')} of '{old}'.",
            err=True,
        )
        confirm("Merge the two sources? This cannot be undone.", yes=yes)
    n_articles = rename_stored(where, old, new)
    publish_snapshot(where)
    typer.echo(
        f"Renamed '{old}' to '{new}' with {plural(n_articles, 'article')}. Rename it in sources.toml as well."
    )


@sources_app.command("list")
@with_debug
def list_sources(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """List the sources and their feeds."""
    from tasks.sources import read_sources

    sources = read_sources(config_path(config)).sources
    if as_json:
        print_json_line([asdict(source) for source in sources])
        return
    names = ["name", "title", "enabled", "tags", "language", "timezone", "kind", "feed"]
    rows = [
        [
            *(source.name, source.title, source.enabled, list(source.tags), source.language, source.timezone),
            *(feed and feed.kind, feed and feed.url),
        ]
        for source in sources
        for feed in source.feeds or (None,)
    ]
    print_table(names, rows)

"""The `sources` commands: add, check, rename and list the sources of `sources.toml`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import feeds
from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    config_path,
    existing_home,
)
from flows.terminal.output import Format, print_json_line, write_rows
from flows.terminal.questions import confirm
from flows.terminal.registration import with_debug
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.inspection.source_check import CheckedPage
    from warehouse.records import Source

sources_app = typer.Typer(
    help="Add, check, rename and list the sources of sources.toml.", no_args_is_help=True
)
sources_app.command("add")(with_debug(feeds.sources_add))


@sources_app.command("check")
@with_debug
def check(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Validate the source list, and test its rules on the saved pages in `checks/` beside it."""
    from tasks.sources import read_sources

    path = config_path(config)
    sources = read_sources(path).sources
    pages = [page for source in sources for page in _checked(path.parent / "checks" / source.name, source)]
    problems = [f"{page.source}, {page.page}: {text}" for page in pages for text in page.differences]
    n_feeds = sum(len(source.feeds) for source in sources)
    if as_json:
        answer = {"file": str(path), "sources": len(sources), "feeds": n_feeds, "pages": len(pages)}
        print_json_line(answer | {"problems": problems})
    else:
        _hint(sources)
        typer.echo("\n".join([f"! {problem}" for problem in problems]), nl=bool(problems))
        typer.echo(
            f"{path}: {plural(len(sources), 'source')} with {plural(n_feeds, 'feed')}; "
            "all keys and values are valid."
        )
        n_expected = sum(not page.differences for page in pages)
        typer.echo(f"Saved pages that give the expected values: {n_expected} of {len(pages)}.")
    if problems:
        raise typer.Exit(1)


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


@sources_app.command("rename")
@with_debug
def rename(
    old: Annotated[str, typer.Argument(help="The source's name in the warehouse.")],
    new: Annotated[
        str, typer.Argument(help="Its new name; if it exists already, it takes over the articles.")
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
    from dataclasses import asdict

    from tasks.sources import read_sources

    sources = read_sources(config_path(config)).sources
    if as_json:
        print_json_line([asdict(source) for source in sources])
        return
    names = ["name", "title", "language", "timezone", "kind", "feed"]
    rows = [
        [source.name, source.title, source.language, source.timezone, feed and feed.kind, feed and feed.url]
        for source in sources
        for feed in source.feeds or (None,)
    ]
    write_rows(names, rows, Format.TABLE)

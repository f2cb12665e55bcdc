"""Commands about the source list: `sources add`, `check`, `rename`, `list`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands import feeds
from flows.terminal.options import (
    ConfigOption,
    DebugOption,
    HomeOption,
    JsonOption,
    config_path,
    existing_home,
)
from flows.terminal.output import Format, write_rows

if TYPE_CHECKING:
    from tasks.inspection.source_check import CheckedPage
    from warehouse.records import Source

sources_app = typer.Typer(help="Look after sources.toml.", no_args_is_help=True)
sources_app.command("add")(feeds.sources_add)


@sources_app.command("check")
def check(config: ConfigOption = None, as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """Read the source list, and try its rules on the saved pages in `checks/` beside it."""
    from tasks.sources import read_sources

    path = config_path(config)
    sources = read_sources(path).sources
    pages = [page for source in sources for page in _checked(path.parent / "checks" / source.name, source)]
    problems = [f"{page.source}, {page.page}: {text}" for page in pages for text in page.differences]
    n_feeds = sum(len(source.feeds) for source in sources)
    if as_json:
        answer = {"file": str(path), "sources": len(sources), "feeds": n_feeds, "pages": len(pages)}
        typer.echo(json.dumps(answer | {"problems": problems}, ensure_ascii=False))
    else:
        _hint(sources)
        typer.echo("\n".join([f"! {problem}" for problem in problems]), nl=bool(problems))
        typer.echo(f"{path}: {len(sources)} sources with {n_feeds} feeds, all keys and values are valid.")
        n_right = sum(not page.differences for page in pages)
        typer.echo(f"Saved pages that come out as expected: {n_right} of {len(pages)}.")
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
            typer.echo(f"{source.name}: has no feed, so `ingest` will not ask it.", err=True)
        if source.timezone is None:
            hint = "has no timezone, so a date without a zone gives no published_at."
            typer.echo(f"{source.name}: {hint}", err=True)


@sources_app.command("rename")
def rename(
    old: Annotated[str, typer.Argument(help="The source's key in the warehouse.")],
    new: Annotated[
        str, typer.Argument(help="Its new key; one that is there already takes the articles over.")
    ],
    home: HomeOption = None,
    debug: DebugOption = False,
) -> None:
    """Give a source another key in the warehouse; rename it in sources.toml, too."""
    from tasks.upkeep.rename import rename as rename_stored
    from warehouse.publish import publish_snapshot

    where = existing_home(home)
    n_articles = rename_stored(where, old, new)
    publish_snapshot(where)
    typer.echo(f"'{old}' is '{new}' now, with {n_articles} articles. Rename it in sources.toml, too.")


@sources_app.command("list")
def list_sources(
    config: ConfigOption = None, as_json: JsonOption = False, debug: DebugOption = False
) -> None:
    """Show the sources and their feeds."""
    from dataclasses import asdict

    from tasks.sources import read_sources

    sources = read_sources(config_path(config)).sources
    if as_json:
        typer.echo(json.dumps([asdict(source) for source in sources], ensure_ascii=False))
        return
    names = ["name", "title", "language", "timezone", "kind", "feed"]
    rows = [
        [source.name, source.title, source.language, source.timezone, feed and feed.kind, feed and feed.url]
        for source in sources
        for feed in source.feeds or (None,)
    ]
    write_rows(names, rows, Format.TABLE)

"""Commands about the source list: `sources add`, `sources check`, `sources list`."""

import json

import typer

from flows.commands import feeds
from flows.commands.options import ConfigOption, DebugOption, JsonOption, config_path

sources_app = typer.Typer(help="Look after sources.toml.", no_args_is_help=True)
sources_app.command("add")(feeds.sources_add)


@sources_app.command("check")
def check(config: ConfigOption = None, as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """Read the source list and say whether a run could use it."""
    from tasks.sources import read_sources

    path = config_path(config)
    sources = read_sources(path).sources
    n_feeds = sum(len(source.feeds) for source in sources)
    if as_json:
        typer.echo(json.dumps({"file": str(path), "sources": len(sources), "feeds": n_feeds, "problems": []}))
        return
    for source in sources:
        if not source.feeds:
            typer.echo(f"{source.name}: has no feed, so `ingest` will not ask it.", err=True)
        if source.timezone is None:
            typer.echo(
                f"{source.name}: has no timezone, so a date without a zone gives no published_at.", err=True
            )
    typer.echo(f"{path}: {len(sources)} sources with {n_feeds} feeds, all keys and values are valid.")


@sources_app.command("list")
def list_sources(
    config: ConfigOption = None, as_json: JsonOption = False, debug: DebugOption = False
) -> None:
    """Show the sources and their feeds."""
    from dataclasses import asdict

    from rich.console import Console
    from rich.table import Table

    from tasks.sources import read_sources

    sources = read_sources(config_path(config)).sources
    if as_json:
        typer.echo(json.dumps([asdict(source) for source in sources], ensure_ascii=False))
        return
    table = Table()
    for column in ("name", "title", "language", "timezone", "feeds"):
        table.add_column(column, overflow="fold")
    for source in sources:
        feeds = "\n".join(f"{feed.kind} {feed.url}" for feed in source.feeds)
        table.add_row(source.name, source.title, source.language or "", source.timezone or "", feeds)
    Console().print(table)

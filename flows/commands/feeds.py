"""Commands about feed documents: `feed` shows what they give, `sources add` finds a site's feeds."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.commands.options import (
    ConfigOption,
    DebugOption,
    HomeOption,
    JsonOption,
    config_path,
    home_path,
)

if TYPE_CHECKING:
    from tasks.feed_check import FeedInput


def feed(
    places: Annotated[list[str] | None, typer.Argument(metavar="PATH|URL…", help="Feed documents.")] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="A file of JSON lines {id, path, url, content_type}, one a document."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Where a file's document comes from; its links are joined to it."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Read as this source's feed: its zone, selectors, allow list."),
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Show what feed documents give, entry by entry, with their problems.

    With --json or --manifest one line of JSON a document: id, kind, entries (title, link, published,
    guid, …) and problems. `published` is in UTC; where the document names only a day or no zone,
    `published_precision` and `zone_from` say so.
    """
    from tasks.errors import UsageError
    from tasks.feed_check import check_feeds, place_input, read_manifest

    if not places and manifest is None:
        raise UsageError("Name a file or an address, or give --manifest FILE.")
    inputs: list[FeedInput] = [place_input(place, url) for place in places or ()]
    if manifest is not None:
        inputs.extend(read_manifest(manifest))
    reports = check_feeds(
        inputs,
        sources=_sources(config, source),
        source_name=source,
        hosts_dir=home_path(home) / "state" / "hosts",
        now=datetime.now(UTC),
    )
    n_failed = sum(_print(report, as_json=as_json or manifest is not None) for report in reports)
    if n_failed:
        raise typer.Exit(1)


def _sources(config: Path | None, wanted: str | None) -> Any:
    """Return the source list; None when there is none and nobody asked for a source of it."""
    from tasks.sources import read_sources, select_sources

    path = config_path(config)
    if config is None and wanted is None and not path.exists():
        return None
    sources = read_sources(path)
    if wanted:
        select_sources(sources, [wanted])
    return sources


def _print(report: dict[str, Any], *, as_json: bool) -> bool:
    """Print one document's report; say whether the document failed."""
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for line in _lines(report):
            typer.echo(line)
    return report["kind"] is None


def _lines(report: dict[str, Any]) -> Iterator[str]:
    entries = report["entries"]
    yield f"{report['id']}: {report['kind'] or 'no feed'}, {len(entries)} entries"
    for number, entry in enumerate(entries, 1):
        yield f"{number:4}  {entry['published'] or 'no date':20}  {entry['title'] or '(no title)'}"
        yield f"      {entry['link'] or '(no link)'}"
    for found in report["feed_urls"]:
        yield f"   -> {found}"
    for problem in report["problems"]:
        yield f"   !  {problem}"

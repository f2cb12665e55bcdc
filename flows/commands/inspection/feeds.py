"""The command `feed`: shows the entries of feed documents."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    config_path,
    home_path,
)
from flows.terminal.values import visible
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.inspection.manifest import DocumentInput
    from tasks.sources import Sources


def feed(
    places: Annotated[
        list[str] | None, typer.Argument(metavar="PATH|URL", help="Feed documents: files or URLs.")
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(help="A file with one JSON line {id, path, url, content_type} for each document."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(
            "--url",
            help="The URL of a document that is read from a file; relative links are resolved against it.",
        ),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Apply this source's time zone, selectors and allow list."),
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the entries of feed documents, and what is wrong with them.

    With --json or --manifest, one line of JSON for each document: id, kind, entries (title, link, published,
    guid, …) and problems. `published` is in UTC, and null when the time zone is unknown: then
    `published_local` holds the time as written. `published_precision` says whether only the date is known.
    """
    from tasks.errors import UsageError
    from tasks.inspection.feed_check import check_feeds
    from tasks.inspection.manifest import place_input, read_manifest

    if not places and manifest is None:
        raise UsageError("Give a file, a URL, or --manifest FILE.")
    inputs: list[DocumentInput] = [place_input(place, url) for place in places or ()]
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


def _sources(config: Path | None, name: str | None) -> "Sources | None":
    """Return the source list; None when the default one does not exist and no source was asked for."""
    from tasks.sources import read_sources, select_sources

    path = config_path(config)
    if config is None and name is None and not path.exists():
        return None
    sources = read_sources(path)
    if name:
        select_sources(sources, [name])
    return sources


def _print(report: dict[str, Any], *, as_json: bool) -> bool:
    """Print one document's report; say whether it is not a feed."""
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for line in _lines(report):
            typer.echo(visible(line))
    return report["kind"] is None


def _lines(report: dict[str, Any]) -> Iterator[str]:
    entries = report["entries"]
    yield f"{report['id']}: {report['kind'] or 'not a feed'}, {plural(len(entries), 'entry')}"
    yield from entry_lines(entries)
    for feed_url in report["feed_urls"]:
        yield f"   -> {feed_url}"
    for problem in report["problems"]:
        yield f"   !  {problem}"


def entry_lines(entries: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the entries of a feed for a person: number, date, title, and the link below."""
    for number, entry in enumerate(entries, 1):
        when = entry["published"] or entry["published_local"] or "no date"
        yield f"{number:4}  {when:20}  {entry['title'] or '(no title)'}"
        yield f"      {entry['link'] or '(no link)'}"

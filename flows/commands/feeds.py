"""Commands about feed documents: `feed` shows what they give, `sources add` finds a site's feeds."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal.options import (
    ConfigOption,
    DebugOption,
    HomeOption,
    JsonOption,
    config_path,
    home_path,
)

if TYPE_CHECKING:
    from tasks.domain.feeds.source_draft import SourceDraft
    from tasks.inspection.manifest import DocumentInput
    from tasks.sources import Sources


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
    guid, …) and problems. `published` is in UTC, and null where no zone is known: then
    `published_local` has the time as written. `published_precision` says whether only a day is known.
    """
    from tasks.errors import UsageError
    from tasks.inspection.feed_check import check_feeds
    from tasks.inspection.manifest import place_input, read_manifest

    if not places and manifest is None:
        raise UsageError("Name a file or an address, or give --manifest FILE.")
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


def sources_add(
    url: Annotated[str, typer.Argument(metavar="URL", help="A site's front page, or one of its feeds.")],
    name: Annotated[
        str | None, typer.Option(help="The source's key; made from the address if not given.")
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(help="host:port of an inner address that the source may use.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the entry, write nothing.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Look at a site, and add what it offers (feeds, sitemaps, language) to the source list."""
    from dataclasses import asdict

    from tasks.domain.feeds.source_draft import draft_toml
    from tasks.errors import UsageError
    from tasks.inspection.source_file import append_source, find_listed, read_existing

    path = config_path(config)
    sources = read_existing(path)
    draft = _discovered(url, sources, name, tuple(allow or ()), home_path(home) / "state" / "hosts")
    listed = find_listed(sources, draft)
    if listed is not None:
        raise UsageError(f"{path} has this feed already, in source '{listed}'.")
    typer.echo(json.dumps(asdict(draft), ensure_ascii=False) if as_json else draft_toml(draft), nl=as_json)
    for note in draft.notes:
        typer.echo(note, err=True)
    if not draft.feeds:
        raise typer.Exit(1)
    if not dry_run:
        append_source(path, draft)
        typer.echo(f"Added '{draft.name}' to {path}.", err=True)


def _discovered(
    url: str, sources: "Sources", name: str | None, allow: tuple[str, ...], hosts_dir: Path
) -> "SourceDraft":
    from dataclasses import replace

    from tasks.errors import ItemError, UsageError
    from tasks.http_client.client import HttpClient
    from tasks.inspection.discover import discover_source
    from tasks.workers.feed_parser import FeedParser

    taken = set(sources.by_name())
    if name in taken:
        raise UsageError(f"A source '{name}' is there already; choose another --name.")
    where = url if "://" in url else f"https://{url}"
    with FeedParser(1) as parser, HttpClient(hosts_dir=hosts_dir, contact=sources.contact) as client:
        try:
            draft = discover_source(where, client, parser, taken=taken, allow=allow, now=datetime.now(UTC))
        except ItemError as error:
            raise UsageError(f"{where}: {error.reason}") from error
    return replace(draft, name=name) if name else draft


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
        when = entry["published"] or entry["published_local"] or "no date"
        yield f"{number:4}  {when:20}  {entry['title'] or '(no title)'}"
        yield f"      {entry['link'] or '(no link)'}"
    for found in report["feed_urls"]:
        yield f"   -> {found}"
    for problem in report["problems"]:
        yield f"   !  {problem}"

"""Commands that read feed documents: `feed` shows their entries, `sources add` discovers a site's feeds."""

import json
from collections.abc import Iterator
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
from flows.terminal.output import visible
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.domain.feeds.source_draft import SourceDraft
    from tasks.inspection.manifest import DocumentInput
    from tasks.sources import Sources


def feed(
    places: Annotated[
        list[str] | None, typer.Argument(metavar="PATH|URL…", help="Feed documents: files or URLs.")
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


def sources_add(
    url: Annotated[
        str, typer.Argument(metavar="URL", help="The URL of a site's front page, or of one of its feeds.")
    ],
    name: Annotated[
        str | None, typer.Option(help="The source's name; derived from the URL by default.")
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option(help="HOST:PORT of a non-public address that the SSRF guard admits for this source."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the entry without writing it.")] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Discover a site's feeds, sitemaps and language, and add them to the source list."""
    from dataclasses import asdict

    from tasks.domain.feeds.source_draft import draft_toml
    from tasks.errors import UsageError
    from tasks.inspection.source_file import append_source, find_listed, read_existing

    path = config_path(config)
    sources = read_existing(path)
    draft = _discovered(url, sources, name, tuple(allow or ()), home_path(home) / "state" / "hosts")
    listed = find_listed(sources, draft)
    if listed is not None:
        raise UsageError(f"{path}: source '{listed}' has this feed already.")
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
        raise UsageError(f"--name: a source '{name}' exists already. Choose another name.")
    site_url = url if "://" in url else f"https://{url}"
    with FeedParser(1) as parser, HttpClient(hosts_dir=hosts_dir, contact=sources.contact) as client:
        try:
            draft = discover_source(site_url, client, parser, taken=taken, allow=allow, now=datetime.now(UTC))
        except ItemError as error:
            raise UsageError(f"{site_url}: {error.reason}") from error
    return replace(draft, name=name) if name else draft


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
    for number, entry in enumerate(entries, 1):
        when = entry["published"] or entry["published_local"] or "no date"
        yield f"{number:4}  {when:20}  {entry['title'] or '(no title)'}"
        yield f"      {entry['link'] or '(no link)'}"
    for feed_url in report["feed_urls"]:
        yield f"   -> {feed_url}"
    for problem in report["problems"]:
        yield f"   !  {problem}"

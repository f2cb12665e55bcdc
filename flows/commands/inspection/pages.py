"""The `extract` command: extract pages without storing anything."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
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

if TYPE_CHECKING:
    from warehouse.records.source import Source


def extract(
    places: Annotated[
        list[str] | None, typer.Argument(metavar="PATH|URL", help="Pages: .html or .html.gz files, or URLs.")
    ] = None,
    manifest: Annotated[
        Path | None,
        typer.Option(
            help="A file with one JSON line {id, path, url, fetched, feed_published} for each page."
        ),
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="The URL of a page that is read from a file.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", help="Apply this source's time zone, date order and selectors."),
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what extraction finds in pages: title, time, authors, credit, language, text.

    With --json or --manifest, one line of JSON for each page. `published` is ISO 8601: with an offset when
    page, feed or source give a time zone, without when none does, only a date when no time is known. The
    pages of one site in a manifest are compared with each other: lines that recur are boilerplate.
    """
    from tasks.errors import UsageError
    from tasks.http_client.client import HttpClient
    from tasks.inspection.extract_check import check_pages
    from tasks.inspection.manifest import place_input, read_manifest
    from warehouse.cluster.place import find_leases

    if not places and manifest is None:
        raise UsageError("Give a file, a URL, or --manifest FILE.")
    inputs = [place_input(place, url) for place in places or ()]
    if manifest is not None:
        inputs.extend(read_manifest(manifest))
    chosen, contact = _source(config, source)
    with ExitStack() as stack:
        client = None
        if any(page.path is None and not page.problem for page in inputs):
            hosts_dir = home_path(home) / "state" / "hosts"
            client = stack.enter_context(
                HttpClient(hosts_dir=hosts_dir, contact=contact, leases=find_leases())
            )
        reports = check_pages(inputs, source=chosen, client=client, now=datetime.now(UTC))
        n_failed = sum(_print(report, as_json=as_json or manifest is not None) for report in reports)
    if n_failed:
        raise typer.Exit(1)


def _source(config: Path | None, name: str | None) -> "tuple[Source | None, str | None]":
    """Return the named source, if any, and the contact of the source list, if there is one."""
    from tasks.sources import read_sources, select_sources

    path = config_path(config)
    if name is None and not path.exists():
        return None, None
    sources = read_sources(path)
    return (select_sources(sources, [name])[0] if name else None), sources.contact


def _print(report: dict[str, Any], *, as_json: bool) -> bool:
    """Print one page's report; say whether extraction failed."""
    if as_json:
        typer.echo(json.dumps(report, ensure_ascii=False))
    else:
        for line in _lines(report):
            typer.echo(visible(line))
    return bool(report["status"] != "ok")


def _lines(report: dict[str, Any]) -> Iterator[str]:
    yield report["id"]
    if report["status"] != "ok":
        yield f"  {report['status']}: {report['reason']}"
    for name in ("title", "published", "authors", "site", "source_credit", "language"):
        value = report[name]
        if value:
            yield f"  {name:14} {', '.join(value) if isinstance(value, list) else value}"
    if report["body"]:
        for paragraph in report["body"].split("\n"):
            yield f"  {paragraph}"
    yield ""

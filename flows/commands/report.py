"""The `report` command: a self-contained HTML page about the contents and state of the warehouse."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.filters import check_question, check_sources, read_url
from flows.terminal.options import (
    HomeOption,
    JsonOption,
    LanguageOption,
    SinceOption,
    SourceOption,
    UntilOption,
    home_path,
)
from flows.terminal.output import print_json
from tasks.errors import UsageError

if TYPE_CHECKING:
    from warehouse.reading.filters import Selection
    from warehouse.store.home import Home


def report(
    to: Annotated[
        Path | None, typer.Option("--to", help="The HTML file to write (default HOME/report.html).")
    ] = None,
    query: Annotated[str, typer.Option("--query", help="Only articles that match this query.")] = "",
    source: SourceOption = None,
    language: LanguageOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write a report as one HTML file that opens offline: volumes, sources, stories, copies, lag, rejects.

    --json prints the figures instead.
    """
    from flows.reports.news_report import write_report
    from warehouse.reading.filters import Selection
    from warehouse.store.connection import connect
    from warehouse.store.home import Home

    where = Home.of(home_path(home))
    with connect(where) as con:
        check_sources(con, source)
        url = read_url(query.strip())
        if query.strip() and not url:
            check_question(con, query)
    selection = Selection(
        question="" if url else query.strip(),
        url=url,
        sources=tuple(source or ()),
        languages=tuple(language or ()),
        since=since,
        until=until,
    )
    if as_json:
        _print_sums(where, selection)
        return
    file = (to or where.root / "report.html").expanduser()
    try:
        write_report(where, selection, file)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"Cannot write {file}: {reason}. Name another file with --to.") from error
    typer.echo(f"The report: {file}")


def _print_sums(home: "Home", selection: "Selection") -> None:
    from dataclasses import asdict

    from warehouse.reading.report_sums import find_report
    from warehouse.reading.snapshots import SnapshotSource

    with SnapshotSource(home, timeout_s=300) as snapshots, snapshots.session() as session:
        sums = find_report(session.con, selection)
        published_at = session.published_at
    print_json({"published_at": published_at, **asdict(sums)})

"""The `import` command: load articles from a file, without Prefect."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.options import HomeOption, JsonOption, home_path, is_interactive
from flows.terminal.output import print_json_line
from warehouse.wording import plural

if TYPE_CHECKING:
    from warehouse.records import Counts


def import_articles(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .jsonl, .csv, .tsv (each also .gz) or .parquet file.")
    ],
    earliest: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Reject earlier publication dates (default 1990-01-01)."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Load articles from a file with the columns url, title, body, published, source and language.

    Imported articles go through the same archive, URL keys, deduplication and load as fetched pages, and can
    be queried when the command ends. A row without URL or text, or with an invalid, relative or
    future date, becomes a reject (exit code 1). Importing the same file again changes nothing.
    """
    from tasks.imports.import_file import EARLIEST_ON, import_file
    from warehouse.store.connection import Home

    started = time.monotonic()
    on_batch = _progress if is_interactive() else None
    earliest_on = earliest.date() if earliest else EARLIEST_ON
    counts = import_file(
        Home(home_path(home)), file, now=datetime.now(UTC), earliest_on=earliest_on, on_batch=on_batch
    )
    _print(file, counts, time.monotonic() - started, as_json=as_json)
    if counts.n_rejects:
        raise typer.Exit(1)


def _progress(n_read: int, counts: "Counts") -> None:
    sys.stderr.write(f"\r{plural(n_read, 'row')} read, {plural(counts.n_new, 'new article')}")
    sys.stderr.flush()


def _print(file: Path, counts: "Counts", duration_s: float, *, as_json: bool) -> None:
    if is_interactive():
        sys.stderr.write("\n")
    if as_json:
        print_json_line(
            {
                "rows": counts.n_entries,
                "new": counts.n_new,
                "revised": counts.n_revised,
                "unchanged": counts.n_unchanged,
                "duplicates": counts.n_duplicates,
                "rejects": counts.n_rejects,
                "seconds": round(duration_s, 2),
            }
        )
        return
    typer.echo(
        f"{file.name}: {plural(counts.n_entries, 'row')}: {counts.n_new:,} new, "
        f"{counts.n_revised:,} revised, {counts.n_unchanged:,} unchanged, "
        f"{plural(counts.n_duplicates, 'duplicate')}, {plural(counts.n_rejects, 'reject')}; "
        f"{duration_s:.1f} s"
    )
    if counts.n_rejects:
        typer.echo("To see each rejected row and the reason: wirehouse rejects", err=True)

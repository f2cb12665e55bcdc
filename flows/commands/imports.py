"""The `import` command: articles from a file, without Prefect."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.options import DebugOption, HomeOption, JsonOption, home_path, is_interactive

if TYPE_CHECKING:
    from warehouse.records import Counts


def import_articles(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A .jsonl, .csv, .tsv (each also .gz) or .parquet file.")
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Store the articles of a file: url, title, body, published, source, language in each row.

    They go through the same archive, identities, duplicates and load as fetched pages, and can be queried
    when the command ends. Rows without URL or text, or with a date that cannot be read, become rejects (exit
    code 1). The same file again changes nothing.
    """
    from tasks.imports.import_file import import_file
    from warehouse.store.connection import Home

    started = time.monotonic()
    on_batch = _progress if is_interactive() else None
    counts = import_file(Home(home_path(home)), file, now=datetime.now(UTC), on_batch=on_batch)
    _print(file, counts, time.monotonic() - started, as_json=as_json)
    if counts.n_rejects:
        raise typer.Exit(1)


def _progress(n_read: int, counts: "Counts") -> None:
    sys.stderr.write(f"\r{n_read:,} rows read, {counts.n_new:,} articles new")
    sys.stderr.flush()


def _print(file: Path, counts: "Counts", seconds: float, *, as_json: bool) -> None:
    if is_interactive():
        sys.stderr.write("\n")
    answer = {
        "rows": counts.n_entries,
        "new": counts.n_new,
        "revised": counts.n_revised,
        "unchanged": counts.n_unchanged,
        "duplicates": counts.n_duplicates,
        "rejects": counts.n_rejects,
        "seconds": round(seconds, 2),
    }
    if as_json:
        sys.stdout.write(json.dumps(answer) + "\n")
        return
    said = ", ".join(f"{n:,} {name}" for name, n in answer.items() if name not in ("rows", "seconds"))
    sys.stdout.write(f"{file.name}: {counts.n_entries:,} rows: {said}; {seconds:.1f} s\n")
    if counts.n_rejects:
        sys.stderr.write("What was rejected, row by row, and why: wirehouse rejects\n")

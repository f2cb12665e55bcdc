"""What the commands that read WARC files share: the preview of a dry run."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from flows.terminal.output import print_json_line
from flows.terminal.values import visible

if TYPE_CHECKING:
    from tasks.captures.store import CaptureFiles


def print_preview(home: Path, files: "CaptureFiles", *, as_json: bool) -> int:
    """Read WARC files, store nothing, and print what they would give; return the number of rejects."""
    from warehouse.store.connection import Home

    rejects = files.preview(Home.of(home))
    if as_json:
        print_json_line({"files": [asdict(account) for account in files.accounts]})
        return len(rejects)
    for reject in rejects:
        typer.echo(visible(f"! {reject.url}: {reject.reason}"))
    for account in files.accounts:
        typer.echo(visible(account.sentence()))
    return len(rejects)

"""The `maintain` command: the nightly upkeep, now."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.options import DebugOption, HomeOption, JsonOption, existing_home
from flows.commands.progress import show_progress


def maintain(
    export_to: Annotated[
        Path | None, typer.Option("--export-to", help="Export as well, into a folder of its own in this one.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Learn recurring lines, compact the store if that is worth it, publish. Runs and queries go on."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from flows.maintain_words import sentences
    from tasks.maintain import maintain_home

    where = existing_home(home)
    show_progress(debug=debug)
    done = maintain_home(where, datetime.now(UTC), export_to)
    if as_json:
        sys.stdout.write(json.dumps(asdict(done), ensure_ascii=False, default=str) + "\n")
    else:
        typer.echo("\n".join(sentences(done)))

"""The commands `maintain`, the nightly upkeep, now, and `prune`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.terminal.options import DebugOption, HomeOption, JsonOption, existing_home
from flows.terminal.progress import show_progress


def maintain(
    export_to: Annotated[
        Path | None, typer.Option("--export-to", help="Export as well, into a folder of its own in this one.")
    ] = None,
    whole_export_every: Annotated[
        int,
        typer.Option(
            "--whole-export-every", min=1, help="Every how manyth export is whole; the others hold changes."
        ),
    ] = 1,
    prune_after_days: Annotated[
        int | None, typer.Option("--prune-after-days", help="Prune as well, what is older than so many days.")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Learn recurring lines, compact the store if that is worth it, publish. Runs and queries go on."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from flows.reports.maintain_words import sentences
    from tasks.upkeep.maintain import UpkeepOptions, maintain_home

    where = existing_home(home)
    show_progress(debug=debug)
    options = UpkeepOptions(export_to, whole_export_every, prune_after_days)
    done = maintain_home(where, datetime.now(UTC), options)
    _say(asdict(done), sentences(done), as_json=as_json)


def prune(
    older_than: Annotated[int, typer.Option("--older-than", metavar="DAYS", help="Age in days, 31 or more.")],
    apply: Annotated[bool, typer.Option("--apply", help="Take it out; else only say what would go.")] = False,
    exports: Annotated[
        Path | None,
        typer.Option(
            "--exports", help="The folder of --export-to: old exports that no other rests on go, too."
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Take out what is old and needed by nothing; articles and their pages stay. A report without --apply."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from flows.reports.maintain_words import prune_sentences
    from tasks.upkeep import prune as pruning

    done = pruning.prune(existing_home(home), datetime.now(UTC), older_than, exports=exports, apply=apply)
    _say(asdict(done), prune_sentences(done), as_json=as_json)
    if not apply and (done.n_rows or done.files):
        typer.echo("Nothing was removed yet; --apply does it.", err=True)


def _say(answer: dict[str, Any], lines: list[str], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(answer, ensure_ascii=False, default=str) + "\n")
    else:
        typer.echo("\n".join(lines))

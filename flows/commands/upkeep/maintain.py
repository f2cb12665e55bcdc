"""The upkeep commands: `maintain` runs the nightly upkeep now, `prune` removes old rows and files."""

from pathlib import Path
from typing import Annotated, Any

import typer

from flows.terminal.options import HomeOption, JsonOption, existing_home
from flows.terminal.output import print_json_line


def maintain(
    export_to: Annotated[
        Path | None, typer.Option("--export-to", help="Also export, into a new folder inside this one.")
    ] = None,
    whole_export_every: Annotated[
        int,
        typer.Option(
            "--whole-export-every",
            min=1,
            help="Make a full export every N runs; the others are incremental.",
        ),
    ] = 1,
    prune_after_days: Annotated[
        int | None,
        typer.Option("--prune-after-days", help="Also prune what is older than this number of days."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn recurring lines, compact the store if needed, publish, write a report. Runs can continue."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from flows.reports.maintain_words import sentences
    from flows.reports.news_report import write_home_report
    from tasks.upkeep.maintain import UpkeepOptions, maintain_home

    options = UpkeepOptions(export_to, whole_export_every, prune_after_days)
    where = existing_home(home)
    done = maintain_home(where, datetime.now(UTC), options)
    report = write_home_report(where)
    _print(asdict(done), [*sentences(done), f"The report: {report}"], as_json=as_json)


def prune(
    older_than: Annotated[
        int, typer.Option("--older-than", metavar="DAYS", help="Age in days, at least 31.")
    ],
    apply: Annotated[bool, typer.Option("--apply", help="Remove; otherwise only report.")] = False,
    exports: Annotated[
        Path | None,
        typer.Option(
            "--exports", help="The folder of --export-to: also remove old exports that no other one needs."
        ),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Remove old rows and files that nothing needs; articles and pages stay. A report by default."""
    from dataclasses import asdict
    from datetime import UTC, datetime

    from flows.reports.maintain_words import prune_sentences
    from tasks.upkeep import prune as pruning

    done = pruning.prune(existing_home(home), datetime.now(UTC), older_than, exports=exports, apply=apply)
    _print(asdict(done), prune_sentences(done), as_json=as_json)
    if not apply and (done.n_rows or done.files):
        typer.echo("Nothing was removed. To remove it, add --apply.", err=True)


def _print(answer: dict[str, Any], sentences: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json_line(answer)
    else:
        typer.echo("\n".join(sentences))

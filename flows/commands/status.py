"""The `status` command: how the collecting goes, from the snapshot, while a run may be under way."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from flows.terminal.options import DebugOption, HomeOption, JsonOption, home_path
from flows.terminal.output import Format, write_rows

if TYPE_CHECKING:
    from warehouse.inspection.status import RunStatus, SourceStatus


def status(home: HomeOption = None, as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """Show each source's last success, next poll, failures, backlog and lag, and the last runs."""
    from dataclasses import asdict

    from warehouse.inspection.status import find_last_runs, find_source_status
    from warehouse.store.connection import connect

    now = datetime.now(UTC)
    with connect(home_path(home)) as con:
        sources, runs = find_source_status(con, now), find_last_runs(con)
    if as_json:
        answer = {"at": now, "sources": [asdict(s) for s in sources], "runs": [asdict(r) for r in runs]}
        typer.echo(json.dumps(answer, ensure_ascii=False, default=_as_text))
    else:
        _print(sources, runs, now)


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _print(sources: "list[SourceStatus]", runs: "list[RunStatus]", now: datetime) -> None:
    names = ["source", "last success", "next poll", "new 24 h", "pending", "rejected", "lag"]
    write_rows(names, [_row(source, now) for source in sources], Format.TABLE)
    for source in sources:
        if source.failing:
            typer.echo(f"failing {source.source}: {source.failing}")
    for run in runs:
        typer.echo(
            f"last {run.flow}: {run.status}, started {_when(run.started_at, now)}, "
            f"{run.n_new} new, {run.n_rejects} rejects"
        )


def _row(source: "SourceStatus", now: datetime) -> list[Any]:
    ok = "never" if source.last_ok_at is None else _when(source.last_ok_at, now)
    due = "" if source.next_due_at is None else _when(source.next_due_at, now)
    lag = "" if source.lag_s is None else _span(source.lag_s)
    return [source.source, ok, due, source.new_24h, source.pending, source.rejected, lag]


def _when(at: datetime, now: datetime) -> str:
    seconds = (at - now).total_seconds()
    return f"in {_span(seconds)}" if seconds > 0 else f"{_span(-seconds)} ago"


def _span(seconds: float) -> str:
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s"

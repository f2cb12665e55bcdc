"""The `status` command: how the collecting goes, from the snapshot, while a run may be under way."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from flows.commands.options import DebugOption, HomeOption, JsonOption, home_path

if TYPE_CHECKING:
    from warehouse.status import RunStatus, SourceStatus


def status(home: HomeOption = None, as_json: JsonOption = False, debug: DebugOption = False) -> None:
    """Show each source's last success, next poll, failures, backlog and lag, and the last runs."""
    from dataclasses import asdict

    from warehouse.connection import connect
    from warehouse.status import find_last_runs, find_source_status

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
    from rich.console import Console
    from rich.table import Table

    console = Console()
    table = Table(title="Sources", title_justify="left")
    for name in ("source", "last success", "next poll", "new 24 h", "pending", "rejected", "lag"):
        table.add_column(name, justify="right" if name in {"new 24 h", "pending", "rejected"} else "left")
    for s in sources:
        lag = "" if s.lag_s is None else _span(s.lag_s)
        due = "" if s.next_due_at is None else _when(s.next_due_at, now)
        ok = "never" if s.last_ok_at is None else _when(s.last_ok_at, now)
        table.add_row(s.source, ok, due, str(s.new_24h), str(s.pending), str(s.rejected), lag)
    console.print(table)
    for s in sources:
        if s.failing:
            console.print(f"[bold red]failing[/bold red] {s.source}: {s.failing}")
    for run in runs:
        console.print(
            f"last {run.flow}: {run.status}, started {_when(run.started_at, now)}, "
            f"{run.n_new} new, {run.n_rejects} rejects"
        )


def _when(at: datetime, now: datetime) -> str:
    seconds = (at - now).total_seconds()
    return f"in {_span(seconds)}" if seconds > 0 else f"{_span(-seconds)} ago"


def _span(seconds: float) -> str:
    for size, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{seconds / size:.1f} {name}"
    return f"{seconds:.0f} s"

"""The `status` command: the state of collecting, read from the snapshot while a run may be under way."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from flows.terminal.options import HomeOption, JsonOption, home_path
from flows.terminal.output import print_json_line, print_table
from flows.terminal.values import visible
from warehouse.wording import plural

if TYPE_CHECKING:
    from warehouse.alerts.deliveries import FailingRecipient
    from warehouse.inspection.status import RunStatus, SourceStatus
    from warehouse.store.home import Home

_OVERDUE = timedelta(hours=1)
# Shown instead of the time of the next poll.
_NOT_POLLED = {"disabled": "disabled", "removed": "not in the list", "polled": "", None: ""}


def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show each source's last success, next poll, failures, backlog and lag, and the last runs."""
    from dataclasses import asdict

    from warehouse.alerts.deliveries import failing_recipients, read_deliveries
    from warehouse.inspection.status import find_last_runs, find_source_status
    from warehouse.store.connection import Home, connect

    now, where = datetime.now(UTC), Home.of(home_path(home))
    with connect(where) as con:
        sources, runs = find_source_status(con, now), find_last_runs(con)
    alerts = failing_recipients(read_deliveries(where))
    overdue = _overdue(where, sources, runs, now)
    if as_json:
        parts: dict[str, list[Any]] = {"sources": sources, "runs": runs, "alerts": alerts}
        tables = {name: [asdict(row) for row in rows] for name, rows in parts.items()}
        print_json_line({"at": now, **tables, "overdue": overdue})
    else:
        _print(sources, runs, now)
        if overdue:
            typer.echo(visible(overdue))
        for alert in alerts:
            typer.echo(visible(_alert_line(alert, now)))


def _overdue(
    home: "Home", sources: "list[SourceStatus]", runs: "list[RunStatus]", now: datetime
) -> str | None:
    """Return a sentence when sources have been due for an hour and no ingest has looked at them."""
    from flows.commands.metrics import checked_at
    from tasks.priority import has_scheduled_run

    due = [s for s in sources if s.polling == "polled" and s.next_due_at and s.next_due_at < now - _OVERDUE]
    checked = checked_at(home, runs)
    if not due or checked is None or now.timestamp() - checked < _OVERDUE.total_seconds():
        return None
    age = _span(now.timestamp() - checked)
    what = f"overdue: {plural(len(due), 'source')}; the last ingest that ended began {age} ago"
    if has_scheduled_run(home):
        return f"{what}, and one is in progress."
    return (
        f"{what}, and none is in progress. Start the schedule (wirehouse serve, cron) or wirehouse ingest, "
        "and read its log."
    )


def _print(sources: "list[SourceStatus]", runs: "list[RunStatus]", now: datetime) -> None:
    names = ["source", "last success", "next poll", "new 24 h", "pending", "rejected", "lag"]
    print_table(names, [_row(source, now) for source in sources])
    for source in sources:
        if source.failing:
            typer.echo(visible(f"failing {source.source}: {source.failing}"))
    for run in runs:
        typer.echo(
            f"last {run.flow}: {run.status}, started {_when(run.started_at, now)}, "
            f"{run.n_new:,} new, {plural(run.n_rejects, 'reject')}"
        )


def _alert_line(alert: "FailingRecipient", now: datetime) -> str:
    next_try = f", next try {_when(alert.next_try_at, now)}" if alert.next_try_at else ""
    return (
        f"failing {alert.recipient}: {plural(alert.n_alerts, 'change')} not sent in "
        f"{plural(alert.attempts, 'attempt')}{next_try}: {alert.reason}"
    )


def _row(source: "SourceStatus", now: datetime) -> list[Any]:
    last_success = "never" if source.last_ok_at is None else _when(source.last_ok_at, now)
    next_poll = _when(source.next_due_at, now) if source.next_due_at else _NOT_POLLED[source.polling]
    lag = "" if source.lag_s is None else _span(source.lag_s)
    return [source.source, last_success, next_poll, source.new_24h, source.pending, source.rejected, lag]


def _when(at: datetime, now: datetime) -> str:
    seconds = (at - now).total_seconds()
    return f"in {_span(seconds)}" if seconds > 0 else f"{_span(-seconds)} ago"


def _span(seconds: float) -> str:
    for unit_s, name in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= unit_s:
            return f"{seconds / unit_s:.1f} {name}"
    return f"{seconds:.0f} s"

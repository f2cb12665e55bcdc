"""The `metrics` command: counts and ages in Prometheus text format (0.0.4)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.terminal.options import HomeOption, home_path
from tasks.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prometheus_client import CollectorRegistry

    from warehouse.inspection.status import RunStatus, SourceStatus
    from warehouse.store.home import Home


def metrics(
    to: Annotated[
        Path | None, typer.Option(help="Write to this file atomically, for the textfile collector.")
    ] = None,
    home: HomeOption = None,
) -> None:
    """Print metrics of sources, feeds and runs as Prometheus text."""
    from prometheus_client import generate_latest, write_to_textfile

    from warehouse.inspection.status import find_last_runs, find_source_status
    from warehouse.store.connection import connect
    from warehouse.store.home import Home

    if to is not None and not to.absolute().parent.is_dir():
        raise UsageError(f"--to: the folder '{to.absolute().parent}' does not exist. Create it first.")
    now, where = datetime.now(UTC), Home.of(home_path(home))
    with connect(where) as con:
        sources, runs = find_source_status(con, now), find_last_runs(con)
    registry = registry_of(sources, runs, checked_at(where, runs))
    if to is None:
        typer.echo(generate_latest(registry).decode(), nl=False)
    else:
        write_to_textfile(str(to), registry)


def checked_at(home: "Home", runs: "list[RunStatus]") -> float | None:
    """Return when ingest last started a run, or had nothing to do, in seconds since 1970; None if never."""
    times = [run.started_at.timestamp() for run in runs if run.flow == "ingest"]
    if home.idle_file.exists():
        times.append(home.idle_file.stat().st_mtime)
    return max(times, default=None)


def registry_of(
    sources: "list[SourceStatus]", runs: "list[RunStatus]", checked_at_s: float | None = None
) -> "CollectorRegistry":
    """Return the gauges; an unknown value is left out, never 0."""
    from prometheus_client import CollectorRegistry, Gauge

    registry = CollectorRegistry()

    def gauge(name: str, text: str, label: str, values: dict[str, float | None]) -> None:
        metric = Gauge(f"wirehouse_{name}", text, [label], registry=registry)
        for key, value in values.items():
            if value is not None:
                metric.labels(key).set(value)

    def of_sources(name: str, text: str, value: "Callable[[SourceStatus], float | None]") -> None:
        gauge(name, text, "source", {s.source: value(s) for s in sources})

    def of_runs(name: str, text: str, value: "Callable[[RunStatus], float | None]") -> None:
        gauge(name, text, "flow", {r.flow: value(r) for r in runs})

    of_sources("pending_pages", "Entries whose page is not fetched yet.", lambda s: s.pending)
    of_sources("rejected_items", "Open rejects.", lambda s: s.rejected)
    of_sources("new_articles_24h", "Articles first seen in the last 24 hours.", lambda s: s.new_24h)
    of_sources("lag_seconds", "Median from published to stored, seven days.", lambda s: s.lag_s)
    of_sources("last_success_timestamp_seconds", "Last successful poll.", _last_success)
    of_sources("source_failing", "1 when a feed of the source fails.", lambda s: float(bool(s.failing)))
    of_runs("run_started_timestamp_seconds", "Start of a flow's last run.", lambda r: _epoch(r.started_at))
    of_runs("run_rejects", "Rejects of a flow's last run.", lambda r: r.n_rejects)
    if checked_at_s is not None:
        text = "When ingest last started a run, or had nothing to do."
        Gauge("wirehouse_ingest_checked_timestamp_seconds", text, registry=registry).set(checked_at_s)
    finished = {"completed", "partial"}  # partial: some items failed and are recorded
    of_runs("run_completed", "1 when a flow's last run completed.", lambda r: float(r.status in finished))
    return registry


def _last_success(source: "SourceStatus") -> float | None:
    """Return None for a source that is switched off: an alert on old values would never end."""
    return _epoch(source.last_ok_at) if source.polling == "polled" else None


def _epoch(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()

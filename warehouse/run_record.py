"""A run's row in the warehouse: written when it begins and when it ends, whatever happens in between."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from warehouse.errors import WarehouseError
from warehouse.records.outcome import Counts
from warehouse.runs import crash_runs, end_run, find_running, start_run
from warehouse.store.backend import store_of
from warehouse.store.claims import remove_claims
from warehouse.store.connection import open_store, transaction
from warehouse.store.home import Home


@dataclass(slots=True)
class RecordedRun:
    """A run in progress and what it has done so far."""

    run_id: str
    counts: Counts = field(default_factory=Counts)
    ended_at: datetime | None = None

    def add(self, counts: Counts) -> None:
        """Add what one batch did."""
        self.counts += counts


@contextmanager
def recorded_run(home: Home, flow: str, *, parameters: str | None = None) -> Iterator[RecordedRun]:
    """Record that a run begins, yield it, and record how it ended and what it counted.

    The status is completed, partial when an item was rejected, cancelled after Ctrl-C, failed after any other
    exception. Runs of killed processes are closed first. Raises WarehouseError when the store cannot be used.
    """
    run = RecordedRun(str(uuid.uuid4()))
    with store_of(home).marked_alive(run.run_id):
        with open_store(home, owner=f"{flow} run") as con, transaction(con):
            close_dead_runs(con, home)
            start_run(con, flow, run_id=run.run_id, parameters=parameters)
        try:
            yield run
        except BaseException as error:
            status = "cancelled" if isinstance(error, KeyboardInterrupt) else "failed"
            with suppress(WarehouseError):  # the store may be what failed: report the first error
                _end(home, flow, run, status)
            raise
        _end(home, flow, run, "partial" if run.counts.n_rejects else "completed")


def close_dead_runs(con: duckdb.DuckDBPyConnection, home: Home) -> list[str]:
    """Record runs whose process was killed as crashed; return their ids. Call it inside a transaction."""
    store = store_of(home)
    dead = [run_id for run_id in find_running(con) if not store.is_alive(run_id)]
    crash_runs(con, dead)
    store.remove_marks(dead)
    remove_claims(home, dead)
    return dead


def _end(home: Home, flow: str, run: RecordedRun, status: str) -> None:
    with open_store(home, owner=f"{flow} run") as con:
        run.ended_at = end_run(con, run.run_id, status, run.counts)

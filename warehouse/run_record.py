"""A run that a command makes: its row is written at both ends, whatever happens in between."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from warehouse.errors import WarehouseError
from warehouse.records import Counts
from warehouse.runs import end_run, start_run
from warehouse.store.connection import open_store
from warehouse.store.home import Home


@dataclass(slots=True)
class RecordedRun:
    """A run under way and what it did so far."""

    run_id: str
    counts: Counts = field(default_factory=Counts)

    def add(self, counts: Counts) -> None:
        """Add what one batch did."""
        self.counts += counts


@contextmanager
def recorded_run(home: Home, flow: str, *, parameters: str | None = None) -> Iterator[RecordedRun]:
    """Record that a run begins, and how it ended."""
    with open_store(home, owner=flow) as con:
        run = RecordedRun(start_run(con, flow, parameters=parameters))
    try:
        yield run
    except BaseException as error:
        status = "cancelled" if isinstance(error, KeyboardInterrupt) else "failed"
        with suppress(WarehouseError):  # the store may be what failed; that error is the one to tell
            _end(home, flow, run, status)
        raise
    _end(home, flow, run, "partial" if run.counts.n_rejects else "completed")


def _end(home: Home, flow: str, run: RecordedRun, status: str) -> None:
    with open_store(home, owner=flow) as con:
        end_run(con, run.run_id, status, run.counts)

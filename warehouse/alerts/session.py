"""Sessions on the outbox: they write the store, but owe readers no new snapshot.

Between two publications only the outbox changes when alerts are sent. Without this each run with news would
be followed by one more copy of the whole store.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import duckdb

from warehouse.store.connection import open_locked
from warehouse.store.home import Home
from warehouse.store.lock import writer_lock
from warehouse.store.snapshot import is_due, keep_current
from warehouse.store.transaction import transaction


@contextmanager
def open_outbox(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the writing connection inside a transaction; a snapshot that was current stays so.

    The writer's lock is held, so that no load comes in between. Raises WarehouseError.
    """
    with writer_lock(home, "alerts", wait_s=60):
        was_current = not is_due(home, 0, datetime.now(UTC))
        with open_locked(home) as con, transaction(con):
            yield con
        if was_current:
            keep_current(home)

"""Sessions on the outbox: they write the store, but owe readers no new publication."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from warehouse.store.backend import store_of
from warehouse.store.home import Home


@contextmanager
def open_outbox(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the writing connection inside a transaction. Raises WarehouseError."""
    with store_of(home).outbox() as con:
        yield con

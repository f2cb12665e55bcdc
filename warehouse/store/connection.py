"""Open the warehouse: one writer at a time under a lock, readers that no writer blocks.

All writing goes through `open_store` and `write`, all queries through `connect`; `read_store` reads what is
not published yet.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb

from warehouse.errors import LoadConflict, OutOfMemory
from warehouse.store.backend import store_of
from warehouse.store.file.file_store import USUAL_MEMORY
from warehouse.store.home import Home
from warehouse.store.transaction import transaction

__all__ = ["Home", "connect", "open_store", "read_store", "transaction", "write"]

READER_MEMORY = "2GB"
ATTEMPTS = 3  # at a transaction that another machine's writer conflicted with

T = TypeVar("T")
log = logging.getLogger("wirehouse.store")


@contextmanager
def open_store(home: Home, *, owner: str, wait_s: float = 60) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the only writing connection: lock held, schema up to date; closed and released at the end.

    `owner` names the holder in the messages of those who wait. Keep the session short: open, one transaction,
    close. Raises WarehouseLocked after `wait_s`; WarehouseCorrupt, SchemaMismatch,
    UnsafeFileSystem or DiskFull when the store cannot be used. It is then as it was.
    """
    with store_of(home).writer(owner, wait_s) as con:
        yield con


@contextmanager
def read_store(home: Home, *, owner: str, wait_s: float = 60) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that reads the newest state, as writers see it before it is published.

    It may make temporary tables and writes nothing else. With a lake nobody waits for it; a file is locked as
    by `open_store`, which raises the same errors.
    """
    with store_of(home).newest(owner, wait_s) as con:
        yield con


def write(home: Home, work: Callable[[duckdb.DuckDBPyConnection], T], *, owner: str) -> T:
    """Run `work` in a new writer's session and transaction; return what it returns.

    When another machine wrote at the same time, which the writer's lock prevents unless its connection was
    lost, the whole work is done again; likewise when it needs more memory than usual. Raises WarehouseError.
    """
    try:
        return _write(home, work, owner, USUAL_MEMORY)
    except OutOfMemory as failure:
        log.info("%s It is repeated with more memory.", failure)
    return _write(home, work, owner, None)


def _write(home: Home, work: Callable[[duckdb.DuckDBPyConnection], T], owner: str, memory: str | None) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with open_store(home, owner=owner) as con:
                if not home.has_lake:
                    # Its statements are short, however large the file is: see ONE_THREAD_BYTES.
                    con.execute("set threads = 1")
                    if memory is not None:
                        con.execute(f"set memory_limit = '{memory}'")
                with transaction(con):
                    return work(con)
        except LoadConflict as conflict:
            if attempt == ATTEMPTS:
                raise
            log.warning("%s The transaction is repeated.", conflict)
    raise AssertionError("unreachable")


def connect(
    home: Home | Path | str | None = None,
    *,
    memory_limit: str = READER_MEMORY,
    threads: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection on the snapshot, locked against files, network and settings.

    Queries run within `memory_limit`; nothing is spilled to disk, because no file can be written. `home` is
    the warehouse's folder (default WIREHOUSE_HOME, else ./data). A snapshot published while connections are
    open is visible to new connections once all old ones of the process are closed. With a lake there is no
    snapshot: each query sees what was loaded before it. Raises WarehouseMissing when nothing has been loaded
    yet.
    """
    return store_of(Home.of(home)).reader(memory_limit, threads)

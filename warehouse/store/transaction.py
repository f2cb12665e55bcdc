"""Transactions: all or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import duckdb

Fence = Callable[[duckdb.DuckDBPyConnection], None]

# By the id() of connections on a store that other machines write too.
_FENCES: dict[int, Fence] = {}


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end of the block; roll back on any exception, including KeyboardInterrupt."""
    con.execute("begin transaction")
    try:
        if fence := _FENCES.get(id(con)):
            fence(con)
        yield
    except BaseException:
        with suppress(duckdb.Error):
            con.execute("rollback")
        raise
    con.execute("commit")


@contextmanager
def fenced(con: duckdb.DuckDBPyConnection, fence: Fence) -> Iterator[None]:
    """Let each transaction of the connection begin with `fence`, while the block runs.

    The fence writes a row that every writer writes, so that of two concurrent transactions one is refused.
    """
    _FENCES[id(con)] = fence
    try:
        yield
    finally:
        del _FENCES[id(con)]

"""Transactions: all or nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import duckdb


@dataclass(frozen=True, slots=True)
class Fence:
    """What a store that other machines write, too, does at both ends of a transaction."""

    begin: Callable[[duckdb.DuckDBPyConnection], str]  # returns what `commit` is called with
    commit: Callable[[duckdb.DuckDBPyConnection, str], object]


# By the id() of connections on a store that other machines write too.
_FENCES: dict[int, Fence] = {}


@contextmanager
def transaction(con: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Commit at the end of the block; roll back on any exception, including KeyboardInterrupt."""
    con.execute("begin transaction")
    fence = _FENCES.get(id(con))
    try:
        mark = fence.begin(con) if fence else ""
        yield
    except BaseException:
        with suppress(duckdb.Error):
            con.execute("rollback")
        raise
    if fence:
        fence.commit(con, mark)
    else:
        con.execute("commit")


@contextmanager
def fenced(con: duckdb.DuckDBPyConnection, fence: Fence) -> Iterator[None]:
    """Let each transaction of the connection begin and end with `fence`, while the block runs.

    The fence writes a row that every writer writes, so that of two concurrent transactions one is refused.
    """
    _FENCES[id(con)] = fence
    try:
        yield
    finally:
        del _FENCES[id(con)]

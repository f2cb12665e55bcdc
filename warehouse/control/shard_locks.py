"""Session locks of shards: PostgreSQL releases one within milliseconds after its process died."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg

from warehouse.control.connection import control_conninfo, unavailable

# The two keys of an advisory lock; the first distinguishes ours from those of other programs.
_SHARD_CLASS = 1_469_371_201
_LAYOUT_CLASS = 1_469_371_202

# The server notices within 30 s that the machine of a client has lost its power.
_NOTICE_DEATH = "set tcp_keepalives_idle = 15; set tcp_keepalives_interval = 3; set tcp_keepalives_count = 5"


@contextmanager
def locked_shard(conninfo: str, number: int, n: int) -> Iterator[bool]:
    """Yield whether the shard could be locked; it is until the block ends or the process dies.

    It cannot during a run of a cluster with another number of shards, whose shards overlap. Raises
    ControlUnavailable.
    """
    try:
        connection = psycopg.connect(control_conninfo(conninfo, "wirehouse shard"), autocommit=True)
    except psycopg.OperationalError as error:
        raise unavailable(error) from error
    with connection:
        connection.execute(_NOTICE_DEATH)
        try:
            yield _try_lock(connection, number, n)
        finally:
            # The server may notice the end of the connection only after the next run has asked for the lock.
            with suppress(psycopg.Error):
                connection.execute("select pg_advisory_unlock_all()")


@dataclass(frozen=True, slots=True)
class ShardLock:
    """A shard that a run works on."""

    number: int
    machine: str  # address
    since: datetime


def find_locked_shards(conninfo: str) -> list[ShardLock]:
    """Return the shards that runs work on, in the order of their numbers. Raises ControlUnavailable."""
    try:
        with psycopg.connect(control_conninfo(conninfo, "wirehouse status"), autocommit=True) as connection:
            rows = connection.execute(_LOCKED, {"class": _SHARD_CLASS}).fetchall()
            return [ShardLock(*row) for row in rows]
    except psycopg.OperationalError as error:
        raise unavailable(error) from error


def _try_lock(connection: "psycopg.Connection[tuple[object, ...]]", number: int, n: int) -> bool:
    # Of two runs with different numbers of shards, each locks its own number first and then sees the other's.
    connection.execute(_LOCK_LAYOUT, {"class": _LAYOUT_CLASS, "n": n})
    if connection.execute(_OTHER_LAYOUTS, {"class": _LAYOUT_CLASS, "n": n}).fetchone():
        return False
    row = connection.execute(_TRY, {"class": _SHARD_CLASS, "number": number}).fetchone()
    return row is not None and bool(row[0])


_LOCK_LAYOUT = "select pg_advisory_lock_shared(%(class)s, %(n)s)"

_OTHER_LAYOUTS = """
select 1
from pg_locks
where
    locktype = 'advisory'
    and classid = %(class)s
    and objid <> %(n)s
    and database = (select oid from pg_database where datname = current_database())
limit 1
"""

_TRY = "select pg_try_advisory_lock(%(class)s, %(number)s)"

_LOCKED = """
select l.objid::int, coalesce(host(a.client_addr), 'local'), a.backend_start
from pg_locks as l
join pg_stat_activity as a using (pid)
where
    l.locktype = 'advisory'
    and l.classid = %(class)s
    and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
order by 1
"""

"""Locks that all machines share: advisory locks of PostgreSQL, held by a separate connection.

The server releases a lock when its holder's connection ends, so that a killed process never blocks others.
Only the fence row proves at commit that a lock was still held.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import errors

from warehouse.cluster.settings import Cluster
from warehouse.errors import WarehouseLocked
from warehouse.store.file.lock import lock_wait_s
from warehouse.store.lake.catalog import catalog_connection

# The first key of our locks; the second is one of these, or the hash of a run.
_LOCK_CLASS = 0x77697265  # "wire"
_RUN_CLASS = 0x72756E73  # "runs"
WRITER, EXCLUSIVE, PUBLISHER = 0, 1, 2


@contextmanager
def writer_lock(cluster: Cluster, owner: str, wait_s: float) -> Iterator[psycopg.Connection]:
    """Hold the writer's lock; yield the connection that holds it.

    WIREHOUSE_LOCK_WAIT_S (seconds) overrides `wait_s`. Raises WarehouseLocked, naming the holder.
    """
    assert cluster.store is not None
    wait_s = lock_wait_s(wait_s)
    with catalog_connection(cluster, owner) as con:
        if not _acquire(con, WRITER, wait_s):
            holder = _holder(con, WRITER) or "another process"
            raise WarehouseLocked(
                f"The lake {cluster.store.catalog} is being written by {holder} (waited {wait_s:g} s). "
                "Try again when it has ended."
            )
        yield con  # closing the connection releases the lock


@contextmanager
def exclusive_lock(cluster: Cluster, what: str) -> Iterator[None]:
    """Hold the lock of work on the whole archive or store. Raises WarehouseLocked at once when it is held."""
    assert cluster.store is not None
    with catalog_connection(cluster, what) as con:
        if not _acquire(con, EXCLUSIVE, 0):
            holder = _holder(con, EXCLUSIVE) or "other work"
            raise WarehouseLocked(
                f"{holder.capitalize()} is in progress on the lake {cluster.store.catalog}; "
                f"{what} has to wait. Try again when it has ended."
            )
        try:
            yield
        finally:
            # The server may notice the end of the connection only after the next step has asked for the lock.
            with suppress(psycopg.Error):
                con.execute("select pg_advisory_unlock(%s, %s)", (_LOCK_CLASS, EXCLUSIVE))


@contextmanager
def publisher_lock(cluster: Cluster, wait_s: float) -> Iterator[None]:
    """Hold the publisher's lock. Raises WarehouseLocked after `wait_s`."""
    assert cluster.store is not None
    with catalog_connection(cluster, "publishing") as con:
        if not _acquire(con, PUBLISHER, wait_s):
            raise WarehouseLocked(
                f"Another process is publishing the lake {cluster.store.catalog} (waited {wait_s:g} s). "
                "Try again later."
            )
        yield


@contextmanager
def run_lock(cluster: Cluster, run_id: str) -> Iterator[None]:
    """Mark a run as alive while the block runs, and no longer than its process lives."""
    with catalog_connection(cluster, f"run {run_id}") as con:
        con.execute("select pg_advisory_lock(%s, %s)", (_RUN_CLASS, _run_key(run_id)))
        yield


def is_run_alive(cluster: Cluster, run_id: str) -> bool:
    """Say whether a process holds the mark of a run."""
    with catalog_connection(cluster, "looking for dead runs") as con:
        return bool(con.execute(_FIND_HOLDER, (_RUN_CLASS, _run_key(run_id))).fetchall())


@dataclass(frozen=True, slots=True)
class HeldLock:
    """A lock of the lake and who holds it."""

    name: str  # writer, upkeep, publisher or run
    holder: str
    machine: str | None  # its address; None for the database's own machine
    since: datetime


def find_locks(con: psycopg.Connection) -> list[HeldLock]:
    """Return the locks that are held at this moment."""
    rows = con.execute(_FIND_LOCKS, {"locks": _LOCK_CLASS, "runs": _RUN_CLASS}).fetchall()
    return [
        HeldLock(
            "run" if lock_class == _RUN_CLASS else _NAMES.get(key, str(key)),
            (name or "").removeprefix(_PREFIX),
            address,
            since,
        )
        for lock_class, key, name, address, since in rows
    ]


def _run_key(run_id: str) -> int:
    """Return 31 bits of a run's id: two runs that share them only delay the record of a crash."""
    return zlib.crc32(run_id.encode()) & 0x7FFFFFFF


def _acquire(con: psycopg.Connection, key: int, wait_s: float) -> bool:
    if wait_s <= 0:
        row = con.execute("select pg_try_advisory_lock(%s, %s)", (_LOCK_CLASS, key)).fetchone()
        return bool(row and row[0])
    con.execute("select set_config('lock_timeout', %s, false)", (f"{max(1, round(wait_s * 1000))}ms",))
    try:
        con.execute("select pg_advisory_lock(%s, %s)", (_LOCK_CLASS, key))
    except errors.LockNotAvailable:
        return False
    return True


def _holder(con: psycopg.Connection, key: int) -> str | None:
    row = con.execute(_FIND_HOLDER, (_LOCK_CLASS, key)).fetchone()
    if row is None:
        return None
    name, address, since = row
    owner = (name or "").removeprefix(_PREFIX) or "another process"
    return f"{owner} (on {address or 'the database machine'}, since {since:%Y-%m-%d %H:%M:%S %Z})"


_PREFIX = "wirehouse: "
_NAMES = {WRITER: "writer", EXCLUSIVE: "upkeep", PUBLISHER: "publisher"}

_FIND_LOCKS = """
select l.classid::bigint, l.objid::bigint, a.application_name, host(a.client_addr), a.backend_start
from pg_locks as l
join pg_stat_activity as a on a.pid = l.pid
where l.locktype = 'advisory' and l.granted and l.classid::bigint in (%(locks)s, %(runs)s)
    and l.database = (select oid from pg_database where datname = current_database())
order by 1, 2, 5
"""

_FIND_HOLDER = """
select a.application_name, host(a.client_addr), a.query_start
from pg_locks as l
join pg_stat_activity as a on a.pid = l.pid
where l.locktype = 'advisory' and l.granted and l.classid = %s and l.objid = %s
    and l.database = (select oid from pg_database where datname = current_database())
"""

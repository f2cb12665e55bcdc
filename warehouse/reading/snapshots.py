"""Read-only sessions for servers: many at once, each on the newest snapshot.

`warehouse.connect()` shares one DuckDB instance per path and process, so that under overlapping
requests it serves the first snapshot for as long as one connection stays open. Here each snapshot
file gets its own in-memory instance with the file attached read-only; the instance of a
replaced snapshot is closed when its last session ends. A lake has one instance, which sees each load.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import duckdb

from warehouse.errors import SchemaMismatch, WarehouseError
from warehouse.store.backend import Store, store_of
from warehouse.store.home import Home
from warehouse.store.migrate import find_migrations
from warehouse.store.reader_state import ReaderState

SLOTS = 4  # questions answered at once; more of them only wait for each other's memory
MEMORY = "1GB"  # of one snapshot's instance
# The engine keeps what it has read up to its memory limit. Beyond this the snapshot is reopened, which
# costs 45 ms of CPU.
MAX_CACHED_BYTES = 128 << 20
_SESSIONS_BETWEEN_CHECKS = 20
_TICK_S = 0.05
# Sessions run beside each other, each on its caller's thread: dividing one question among threads costs a
# page half as much CPU again (bench/browse.py), and makes it no faster while others are asked.


_FIND_CACHED_BYTES = "select sum(memory_usage_bytes) from duckdb_memory() where tag = 'BASE_TABLE'"


class SnapshotBusy(WarehouseError):
    """No session became free in time."""


class DeadlineExceeded(WarehouseError):
    """A question took longer than its time limit and was stopped."""


@dataclass(frozen=True, slots=True)
class Session:
    """A read-only connection on one snapshot, valid until the session ends."""

    con: duckdb.DuckDBPyConnection
    snapshot_key: str  # differs between any two snapshots of a home
    published_at: datetime


@dataclass(slots=True)
class _Generation:
    """One snapshot file, or the lake, open; closed when it is retired and nobody uses it."""

    con: duckdb.DuckDBPyConnection
    state: ReaderState
    n_users: int = 0
    n_sessions: int = 0
    is_retired: bool = False

    def caches_too_much(self) -> bool:
        """Say, once in a number of sessions, whether the engine holds more data than it should."""
        self.n_sessions += 1
        if self.n_sessions % _SESSIONS_BETWEEN_CHECKS:
            return False
        ((n_bytes,),) = self.con.execute(_FIND_CACHED_BYTES).fetchall()
        return bool(n_bytes > MAX_CACHED_BYTES)


class SnapshotSource:
    """Gives sessions on a home's newest snapshot; safe to use from many threads."""

    def __init__(
        self,
        home: Home,
        *,
        timeout_s: float = 5,
        memory_limit: str = MEMORY,
        n_slots: int = SLOTS,
    ) -> None:
        self._store: Store = store_of(home)
        self._name = home.store_name
        self._timeout_s = timeout_s
        self._memory_limit = memory_limit
        self._slots = threading.BoundedSemaphore(n_slots)
        self._lock = threading.Lock()
        self._current: _Generation | None = None
        self._watchdog = _Watchdog()

    @property
    def timeout_s(self) -> float:
        """Seconds a session may take, and may wait for a slot."""
        return self._timeout_s

    def close(self) -> None:
        """Close the open snapshot once its sessions have ended."""
        with self._lock:
            self._retire()
        self._watchdog.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def session(self, timeout_s: float | None = None) -> Iterator[Session]:
        """Yield a session; every statement in it is stopped `timeout_s` after it began.

        Raises SnapshotBusy when no slot becomes free in time, DeadlineExceeded when the time is up,
        WarehouseMissing when nothing is published, SchemaMismatch when an older wirehouse published it.
        """
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        if not self._slots.acquire(timeout=self._timeout_s):
            raise SnapshotBusy("The server is busy. Try again in a few seconds.")
        try:
            generation = self._enter_generation()
            try:
                state = generation.state
                with self._cursor(generation, limit_s) as con:
                    yield Session(con, state.key, state.at)
            finally:
                self._leave_generation(generation)
        finally:
            self._slots.release()

    def snapshot_key(self) -> str:
        """Return the key of the newest snapshot, without opening it. Raises WarehouseMissing."""
        return self._store.reader_state().key

    @contextmanager
    def _cursor(self, generation: _Generation, limit_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
        con = generation.con.cursor()
        watched = _Watched(con, time.monotonic() + limit_s)
        try:
            con.execute(f"use {self._store.reader_database}")
            if self._store.is_live:
                con.execute("begin transaction")  # all statements of the session see one state
            self._watchdog.add(watched)
            with self._store.translated():
                yield con
        except duckdb.InterruptException as error:
            raise DeadlineExceeded(
                f"The question took longer than {limit_s:g} s and was stopped. Narrow it, or raise --timeout."
            ) from error
        finally:
            self._watchdog.remove(watched)
            con.close()

    def _enter_generation(self) -> _Generation:
        with self._lock:
            state = self._store.reader_state()
            if self._current is not None and self._store.is_live:
                self._current.state = state
            elif self._current is None or self._current.state.key != state.key:
                fresh = self._open_generation(state)
                self._retire()
                self._current = fresh
            self._current.n_users += 1
            return self._current

    def _open_generation(self, state: ReaderState) -> _Generation:
        con = self._store.sessions(self._memory_limit)
        try:
            _assert_current(con, self._name)
        except BaseException:
            con.close()
            raise
        return _Generation(con, state)

    def _leave_generation(self, generation: _Generation) -> None:
        with self._lock:
            generation.n_users -= 1
            if generation is self._current and generation.caches_too_much():
                self._retire()
            elif generation.is_retired and not generation.n_users:
                generation.con.close()

    def _retire(self) -> None:
        old, self._current = self._current, None
        if old is not None:
            old.is_retired = True
            if not old.n_users:
                old.con.close()


@dataclass(frozen=True, slots=True)
class _Watched:
    """A cursor and the moment (monotonic clock, seconds) from which it is interrupted."""

    con: duckdb.DuckDBPyConnection
    deadline_s: float


class _Watchdog:
    """Interrupts cursors whose time is up, again and again until they are removed.

    An interrupt stops only the statement that runs; a session of several needs it repeated.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[int, _Watched] = {}
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, watched: _Watched) -> None:
        """Watch a cursor from now on."""
        with self._lock:
            self._watched[id(watched)] = watched
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="snapshot-watchdog", daemon=True)
                self._thread.start()

    def remove(self, watched: _Watched) -> None:
        """Stop watching; after this the cursor is not interrupted any more."""
        with self._lock:
            self._watched.pop(id(watched), None)

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(_TICK_S):
            now_s = time.monotonic()
            with self._lock:
                for watched in self._watched.values():
                    if now_s >= watched.deadline_s:
                        watched.con.interrupt()


def _assert_current(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Raise SchemaMismatch when the snapshot lacks tables and columns that the pages read."""
    ((version,),) = con.execute("select max(version) from core.schema_migration").fetchall()
    expected = max(find_migrations())
    if version < expected:
        raise SchemaMismatch(
            f"{name} was published by an older wirehouse (schema {version}, expected {expected}). "
            "Publish it again: wirehouse maintain."
        )

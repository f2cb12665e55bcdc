"""Where the warehouse is stored: a DuckDB file under the home, or a DuckLake that several machines share.

Everything that differs between the two is behind `Store`; rows, views and statements are the same.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import duckdb

from warehouse.errors import WarehouseMissing
from warehouse.store.file.file_store import FileStore
from warehouse.store.home import Home
from warehouse.store.reader_state import ReaderState

# Brings what readers search up to date, a batch a call, inside a transaction; says whether that was the last.
Refresh = Callable[[duckdb.DuckDBPyConnection], bool]


class Store(Protocol):
    """A store and its locks."""

    def exists(self) -> bool:
        """Say whether something has been loaded yet."""

    def writer(self, owner: str, wait_s: float) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Hold the writer's lock and yield the only writing connection, schema up to date.

        Raises WarehouseLocked, naming the holder, after `wait_s`.
        """

    def newest(self, owner: str, wait_s: float) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Yield a connection that reads one state, the newest, loads that are not published included.

        With temporary tables; nothing else is written. Only a file needs the writer's lock for it.
        """

    def outbox(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Yield the writing connection inside a transaction whose rows no reader looks for."""

    def reader(self, memory_limit: str, threads: int | None) -> duckdb.DuckDBPyConnection:
        """Return a read-only connection, locked against files, network and settings."""

    @property
    def reader_database(self) -> str:
        """The database's name in a connection of `sessions`."""

    @property
    def is_live(self) -> bool:
        """Say whether an open connection sees newer states by itself, each of its transactions the newest."""

    def sessions(self, memory_limit: str) -> duckdb.DuckDBPyConnection:
        """Return a connection like `reader`, whose cursors many threads use beside each other."""

    def unlocked_reader(self) -> duckdb.DuckDBPyConnection:
        """Return a connection that reads the store and may write files: for exports."""

    def translated(self) -> AbstractContextManager[None]:
        """Translate errors of the engine inside the block into ours."""

    def is_readable(self) -> bool:
        """Say whether there is something for readers."""

    def reader_state(self) -> ReaderState:
        """Return the newest state that readers see. Raises WarehouseMissing."""

    def find_indexed_load(self, con: duckdb.DuckDBPyConnection) -> str | None:
        """Return the newest load that a reader's connection can search; None without any."""

    def is_published(self, min_interval_s: float, now: datetime) -> bool:
        """Say whether readers see what was loaded, or saw a publication less than `min_interval_s` ago."""

    def publish(self, refresh: Refresh, min_interval_s: float) -> bool:
        """Let readers see what was loaded; return False when there is nothing to publish."""

    def exclusive(self, what: str) -> AbstractContextManager[None]:
        """Hold the lock of work on the whole archive or store.

        Raises WarehouseLocked at once when it is already held.
        """

    def marked_alive(self, run_id: str) -> AbstractContextManager[None]:
        """Mark a run as alive while the block runs, and no longer than its process lives."""

    def is_alive(self, run_id: str) -> bool:
        """Say whether the process of a run still lives."""

    def remove_marks(self, run_ids: list[str]) -> None:
        """Remove the marks of runs whose processes have died."""


def store_of(home: Home) -> Store:
    """Return the store of a home."""
    if not home.has_lake:
        return FileStore(home)
    from warehouse.store.lake.lake_store import LakeStore  # needs packages that one machine does not have

    return LakeStore(home)


def require_store(home: Home) -> None:
    """Raise WarehouseMissing when nothing has been loaded yet."""
    if not store_of(home).exists():
        raise WarehouseMissing(
            f"There is no warehouse at {home.store_name} yet. Load something first: "
            "wirehouse ingest or import."
        )

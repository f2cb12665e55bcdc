"""The store as one DuckDB file: one writer at a time under a lock, readers on a snapshot.

A DuckDB file admits one writing process or many readers, so the two never share a file.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.errors import OutOfMemory, WarehouseMissing
from warehouse.store.engine import NO_EXTENSIONS, attach_file, open_file, translated
from warehouse.store.file.exclusive import exclusive_work
from warehouse.store.file.live_runs import is_alive, marked_alive, remove_marks
from warehouse.store.file.lock import writer_lock
from warehouse.store.file.snapshot import copy_store, is_due, keep_current, publisher_lock, swap_in
from warehouse.store.filesystem import MIN_FREE_BYTES, assert_local, assert_name, assert_room, make_folder
from warehouse.store.home import Home
from warehouse.store.migrate import assert_readable, create_file, migrate
from warehouse.store.reader_state import ReaderState
from warehouse.store.transaction import transaction

# A larger commit is checkpointed at once instead of logged first: closing would do the same soon after.
LOG_LIMIT = "256KB"
WRITER_MEMORY = "640MB"  # with Arrow batches and Python beside it a load stays under 1 GB
# A usual load needs less; the engine would keep what it has read of a large store, up to its limit.
USUAL_MEMORY = "160MB"
# In a smaller file a load is some 70 short statements: handing parts of them to other threads costs a third
# of its processor time, and takes longer (bench/warehouse.py, "threads").
ONE_THREAD_BYTES = 256_000_000

log = logging.getLogger("wirehouse.store")


@dataclass(frozen=True, slots=True)
class FileStore:
    """The store of one machine; see `warehouse.store.backend.Store`."""

    home: Home

    def exists(self) -> bool:
        """Say whether something has been loaded yet."""
        return self.home.state_file.exists()

    @contextmanager
    def writer(self, owner: str, wait_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the writer's lock and yield the only writing connection; the file is closed at the end."""
        home = self.home
        assert_name(home.state_dir)
        make_folder(home.state_dir)
        assert_local(home.state_dir)
        with writer_lock(home, owner, wait_s):
            assert_room(home.state_dir, MIN_FREE_BYTES, "a load")
            with open_locked(home) as con:
                yield con

    def newest(self, owner: str, wait_s: float) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Yield the writing connection: a file that is being written has no other."""
        return self.writer(owner, wait_s)

    @contextmanager
    def outbox(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the writing connection inside a transaction; a snapshot that was current stays so.

        Without this each run with news would be followed by one more copy of the whole store. The writer's
        lock is held, so that no load comes in between.
        """
        with writer_lock(self.home, "alerts", wait_s=60):
            was_current = self.is_published(0, datetime.now(UTC))
            with open_locked(self.home) as con, transaction(con):
                yield con
            if was_current:
                keep_current(self.home)

    def reader(self, memory_limit: str, threads: int | None) -> duckdb.DuckDBPyConnection:
        """Return a read-only connection on the snapshot. Raises WarehouseMissing when there is none."""
        file = self.home.snapshot_file
        if not file.exists():
            raise self._missing()
        settings = {
            "enable_external_access": "false",
            "memory_limit": memory_limit,
            "temp_directory": "",  # SQL could read and write the files in it
            **({"threads": str(threads)} if threads else {}),
            **NO_EXTENSIONS,
        }
        with _OPENING:
            return _open_snapshot(file, settings)

    def _missing(self) -> WarehouseMissing:
        root = self.home.root
        if self.exists():
            return WarehouseMissing(
                f"{root} has a warehouse, but its snapshot has not been published yet. The run in progress "
                "publishes one when it ends; wirehouse doctor --fix publishes one now."
            )
        return WarehouseMissing(
            f"There is no warehouse at {root} yet. Load something first: wirehouse ingest or import."
        )

    @property
    def reader_database(self) -> str:
        """The snapshot's name in a connection of `sessions`."""
        return "news"

    @property
    def is_live(self) -> bool:
        """Return False: a published snapshot is another file."""
        return False

    def sessions(self, memory_limit: str) -> duckdb.DuckDBPyConnection:
        """Return a connection to a new instance of DuckDB with the snapshot, which threads share."""
        file = self.home.snapshot_file
        limits = {"memory_limit": memory_limit, "threads": "1", "temp_directory": ""}
        con = duckdb.connect(config={**limits, **NO_EXTENSIONS})
        try:
            with translated(file):
                path = str(file).replace("'", "''")
                con.execute(f"attach '{path}' as {self.reader_database} (read_only)")
                con.execute(f"use {self.reader_database}")
                con.execute("set global TimeZone = 'UTC'")
                con.execute("set global enable_external_access = false")
                con.execute("set global disabled_filesystems = 'LocalFileSystem'")
                con.execute("set global lock_configuration = true")
                assert_readable(con)
        except BaseException:
            con.close()
            raise
        return con

    def unlocked_reader(self) -> duckdb.DuckDBPyConnection:
        """Return a connection on the snapshot that may write files."""
        con = open_file(self.home.snapshot_file, {"temp_directory": str(self.home.spill_dir)}, read_only=True)
        con.execute("set TimeZone = 'UTC'")
        return con

    def translated(self) -> AbstractContextManager[None]:
        """Translate errors of the engine on the snapshot."""
        return translated(self.home.snapshot_file)

    def is_readable(self) -> bool:
        """Say whether a snapshot was published."""
        return self.home.snapshot_file.exists()

    def reader_state(self) -> ReaderState:
        """Return which file the snapshot is. Raises WarehouseMissing."""
        file = self.home.snapshot_file
        try:
            stat = file.stat()
        except FileNotFoundError as error:
            raise WarehouseMissing(
                f"There is no snapshot at {file} yet. Load something first: wirehouse ingest or import."
            ) from error
        key = f"{stat.st_mtime_ns:x}-{stat.st_ino:x}-{stat.st_size:x}"
        return ReaderState(key, datetime.fromtimestamp(stat.st_mtime, UTC))

    def find_indexed_load(self, con: duckdb.DuckDBPyConnection) -> str | None:
        """Return the newest load of the snapshot, which is indexed before it is published."""
        (row,) = con.execute("select max(load_id) from core.load").fetchall()
        return row[0]  # type: ignore[no-any-return]

    def is_published(self, min_interval_s: float, now: datetime) -> bool:
        """Say whether the snapshot is a copy of the store, or younger than `min_interval_s`."""
        return not is_due(self.home, min_interval_s, now)

    def publish(self, refresh: Callable[[duckdb.DuckDBPyConnection], bool], min_interval_s: float) -> bool:
        """Replace the snapshot by a copy of the store; return False when it is current or young.

        Each batch of `refresh` is a writer's session, so that other writers are not held up for long.
        """
        home = self.home
        if not self.exists() or self.is_published(min_interval_s, datetime.now(UTC)):
            return False
        with publisher_lock(home, wait_s=60):
            if self.is_published(min_interval_s, datetime.now(UTC)):
                return False
            while True:
                with writer_lock(home, "publishing the snapshot", wait_s=60):
                    # Opened in any case: a killed writer may have left a log, and a copy would lack its rows.
                    is_complete = _refreshed(home, refresh)
                    if is_complete:
                        partial, note = copy_store(home)
                        break
            swap_in(home, partial, note)
        return True

    def exclusive(self, what: str) -> AbstractContextManager[None]:
        """Hold the lock of work on the whole archive or store."""
        return exclusive_work(self.home, what)

    def marked_alive(self, run_id: str) -> AbstractContextManager[None]:
        """Mark a run as alive while the block runs."""
        return marked_alive(self.home, run_id)

    def is_alive(self, run_id: str) -> bool:
        """Say whether the process of a run still lives."""
        return is_alive(self.home, run_id)

    def remove_marks(self, run_ids: list[str]) -> None:
        """Remove the marks of runs whose processes have died."""
        remove_marks(self.home, run_ids)


@contextmanager
def open_locked(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a writing connection on the store's file; the caller holds the writer's lock."""
    with translated(home.state_file):
        if not home.state_file.exists():
            create_file(home.state_file)
        con = attach_file(
            home.state_file,
            {
                "memory_limit": WRITER_MEMORY,
                "temp_directory": str(home.spill_dir),
                "checkpoint_threshold": LOG_LIMIT,
                **({"threads": "1"} if home.state_file.stat().st_size < ONE_THREAD_BYTES else {}),
                **NO_EXTENSIONS,
            },
        )
        try:
            con.execute("set TimeZone = 'UTC'")
            migrate(con)
            yield con
        except BaseException:
            with suppress(duckdb.Error):  # it may be dead already: report the first error
                con.close()
            raise
        con.close()


def _refreshed(home: Home, refresh: Callable[[duckdb.DuckDBPyConnection], bool]) -> bool:
    """Run a batch of a publication, and again with more memory when it needs more than usual."""
    try:
        with open_locked(home) as con:
            con.execute(f"set memory_limit = '{USUAL_MEMORY}'")
            with transaction(con):
                return refresh(con)
    except OutOfMemory as failure:
        log.info("%s It is repeated with more memory.", failure)
    with open_locked(home) as con, transaction(con):
        return refresh(con)


def _open_snapshot(file: Path, settings: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    con = open_file(file, settings, read_only=True)
    try:
        with translated(file):
            _lock_settings(con)
            assert_readable(con)
    except BaseException:
        con.close()
        raise
    return con


def _lock_settings(con: duckdb.DuckDBPyConnection) -> None:
    """Set the time zone and lock the settings; all connections of a process share them."""
    if con.execute("select current_setting('lock_configuration')").fetchall()[0][0]:
        return
    con.execute("set global TimeZone = 'UTC'")
    # Without external access DuckDB still reads and writes the files of the database itself, and up to
    # 1.5.5 `copy … to` overwrites the snapshot. The file is open by now; nothing else needs opening.
    con.execute("set global disabled_filesystems = 'LocalFileSystem'")
    con.execute("set global lock_configuration = true")


_OPENING = threading.Lock()  # connections of a process share their settings; the first locks them

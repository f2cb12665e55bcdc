"""Open the warehouse: one writer at a time under a lock, readers on a snapshot that no writer blocks.

All writing goes through `open_store`, all queries through `connect`. A DuckDB file admits one writing
process or many readers, so the two never share a file.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseMissing
from warehouse.store.engine import attach_file, open_file, translated
from warehouse.store.filesystem import MIN_FREE_BYTES, assert_local, assert_room, make_folder
from warehouse.store.home import Home, require_store
from warehouse.store.lock import writer_lock
from warehouse.store.migrate import assert_readable, create_file, migrate
from warehouse.store.transaction import transaction

__all__ = ["Home", "connect", "open_store", "transaction"]

# A larger commit is checkpointed at once instead of logged first: closing would do the same soon after.
LOG_LIMIT = "256KB"
WRITER_MEMORY = "640MB"  # with Arrow batches and Python beside it a load stays under 1 GB
READER_MEMORY = "2GB"


@contextmanager
def open_store(home: Home, *, owner: str, wait_s: float = 60) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the only writing connection: lock held, schema up to date; closed and released at the end.

    `owner` names the holder in the messages of those who wait. Keep the session short: open, one transaction,
    close. Raises WarehouseLocked after `wait_s`; WarehouseCorrupt, SchemaMismatch,
    UnsafeFileSystem or DiskFull when the store cannot be used. It is then as it was.
    """
    make_folder(home.state_dir)
    assert_local(home.state_dir)
    with writer_lock(home, owner, wait_s):
        assert_room(home.state_dir, MIN_FREE_BYTES, "a load")
        with open_locked(home) as con:
            yield con


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
                **_NO_EXTENSIONS,
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


def connect(
    home: Home | Path | str | None = None,
    *,
    memory_limit: str = READER_MEMORY,
    threads: int | None = None,
) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection on the snapshot, locked against files, network and settings.

    Queries run within `memory_limit`; nothing is spilled to disk, because no file can be written. `home` is
    the warehouse's folder (default WIREHOUSE_HOME, else ./data). A snapshot published while connections are
    open is visible to new connections once all old ones of the process are closed. Raises WarehouseMissing
    when nothing has been loaded yet.
    """
    home = Home.of(home)
    file = home.snapshot_file
    if not file.exists():
        require_store(home)
        raise WarehouseMissing(
            f"{home.root} has a warehouse, but its snapshot has not been published yet. The run in progress "
            "publishes one when it ends; wirehouse doctor --fix publishes one now."
        )
    settings = {
        "enable_external_access": "false",
        "memory_limit": memory_limit,
        "temp_directory": "",  # SQL could read and write the files in it
        **({"threads": str(threads)} if threads else {}),
        **_NO_EXTENSIONS,
    }
    with _OPENING:
        return _open_locked(file, settings)


def _open_locked(file: Path, settings: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
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

_NO_EXTENSIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}

"""Open DuckDB files and translate DuckDB's exceptions into our errors."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from warehouse.errors import (
    DiskFull,
    EngineFailed,
    OutOfMemory,
    WarehouseCorrupt,
    WarehouseError,
    WarehouseLocked,
)

ROW_GROUP_SIZE = 10_240  # a multiple of the engine's 2,048

NO_EXTENSIONS = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
}

_NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large")
_ENGINE_ERRORS = (duckdb.FatalException, duckdb.InternalException, duckdb.IOException)
_DAMAGED = (
    "checksum",
    "not a valid DuckDB database file",
    "Could not read enough bytes",
    "Corrupt database file",
    "Failed to deserialize",
    "Serialization Error",
)


def open_file(
    file: Path, settings: Mapping[str, str], *, read_only: bool = False
) -> duckdb.DuckDBPyConnection:
    """Return a connection on the file. Raises WarehouseError when it cannot be opened."""
    try:
        con = duckdb.connect(str(file), read_only=read_only, config=dict(settings))
    except (duckdb.Error, RuntimeError) as error:
        raise _opening_error(file, error) from error
    return con


def attach_file(file: Path, settings: Mapping[str, str]) -> duckdb.DuckDBPyConnection:
    """Return a writing connection on the file. Raises WarehouseError when it cannot be opened.

    The file is attached to an empty database, because only then can the size of row groups be set. A
    checkpoint rewrites the last, unfilled group of each table: with the default of 122,880 rows a load of
    200 articles may rewrite 300 MB of text (bench/warehouse.py, "growth").
    """
    con = duckdb.connect(config=dict(settings))
    path = str(file).replace("'", "''")
    try:
        con.execute(f"attach '{path}' as warehouse (row_group_size {ROW_GROUP_SIZE})")
        con.execute("use warehouse")
    except duckdb.Error as error:
        con.close()
        raise _opening_error(file, error) from error
    return con


def second_connection(con: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return another connection on the same instance, and in the same database, which `cursor()` leaves."""
    rows = con.execute("select current_database()").fetchall()
    other = con.cursor()
    other.execute(f'use "{rows[0][0]}"')
    return other


@contextmanager
def translated(file: Path) -> Iterator[None]:
    """Translate errors of the engine and the disk into ours; other exceptions pass unchanged."""
    try:
        yield
    except duckdb.Error as error:
        failure = _failure(file, error)
        if failure is None:
            raise
        raise failure from error


def _failure(file: Path, error: duckdb.Error) -> WarehouseError | None:
    text = str(error)
    if any(words in text for words in _NO_ROOM):
        return DiskFull(
            f"The disk is full: {file} could not be written. The batch was rolled back; earlier loads are "
            "safe. Free some space and run again."
        )
    if isinstance(error, duckdb.SerializationException) or any(words in text for words in _DAMAGED):
        return _corrupt(file, error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return OutOfMemory(
            f"DuckDB ran out of memory on {file}: {_first_line(error)}. The transaction was rolled back."
        )
    if isinstance(error, _ENGINE_ERRORS) or "Failed to commit" in text:
        return EngineFailed(
            f"DuckDB failed on {file}: {_first_line(error)}. The batch was rolled back; earlier loads are "
            "safe. Run again; if it fails again, run wirehouse doctor."
        )
    return None


def _opening_error(file: Path, error: Exception) -> WarehouseError:
    text = str(error)
    if "Could not set lock" in text or "Conflicting lock" in text:
        holder = re.search(r"Conflicting lock is held in (.+?\(PID \d+\))", text)
        who = f" ({holder[1]})" if holder else ""
        return WarehouseLocked(f"{file} is open in another program{who}. Close it there and try again.")
    version = re.search(r"version number (\d+)", text)
    if version:
        return WarehouseCorrupt(
            f"{file} was written by a newer DuckDB (storage version {version[1]}) than this one "
            f"({duckdb.__version__}). Update duckdb, or restore an export made with the older one."
        )
    if "different configuration" in text:
        return WarehouseLocked(
            f"{file} is already open in this process with other settings. Close that connection first."
        )
    if "Permission denied" in text:
        return WarehouseError(f"{file} cannot be opened: permission denied. Check who owns it.")
    if any(words in text for words in _NO_ROOM):
        return DiskFull(f"The disk is full: {file} could not be opened. Free some space and run again.")
    return _corrupt(file, error)


def _corrupt(file: Path, error: Exception) -> WarehouseCorrupt:
    fault = f"{file} is damaged or not a warehouse: {_first_line(error)}."
    if (file.parent / "state").is_dir():  # the snapshot, which is only a copy
        return WarehouseCorrupt(f"{fault} It is only a copy: wirehouse doctor --fix publishes a new one.")
    return WarehouseCorrupt(
        f"{fault} Do not delete a .wal file beside it. Restore an export (wirehouse restore DIR) or rebuild "
        "it from the archive (wirehouse rebuild --without-old)."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".!")


def engine_memory_bytes(con: duckdb.DuckDBPyConnection) -> int:
    """Return the connection's memory limit in bytes."""
    limit = str(con.execute("select current_setting('memory_limit')").fetchall()[0][0])
    number, unit = limit.split()
    return int(float(number) * _BYTES[unit])


_BYTES = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}

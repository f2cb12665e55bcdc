"""Open the warehouse: one writer at a time under a lock, readers on a snapshot that nothing blocks.

Everything that loads goes through `open_store`; everything that asks goes through `connect`.
A DuckDB file admits one writing process or many readers, so the two never share a file.
"""

import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

from warehouse.errors import WarehouseCorrupt, WarehouseLocked, WarehouseMissing
from warehouse.migrate import create_file, migrate
from warehouse.transaction import transaction

__all__ = ["Home", "connect", "open_store", "publish_snapshot", "transaction"]


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds one warehouse, and what lies where in it."""

    root: Path

    @property
    def state_file(self) -> Path:
        """The truth; only a writer's session opens it."""
        return self.root / "state" / "warehouse.duckdb"

    @property
    def snapshot_file(self) -> Path:
        """What people query; replaced as a whole."""
        return self.root / "news.duckdb"

    @property
    def pages_dir(self) -> Path:
        """The raw archive."""
        return self.root / "pages"

    @property
    def hosts_dir(self) -> Path:
        """One lock file for each host, which holds the time of its last request."""
        return self.root / "state" / "hosts"

    @property
    def lock_file(self) -> Path:
        """The writer's lock."""
        return self.root / "state" / "warehouse.lock"

    @property
    def owner_file(self) -> Path:
        """Who holds the writer's lock, as JSON."""
        return self.root / "state" / "warehouse.owner.json"

    @property
    def prefect_dir(self) -> Path:
        """Database of the embedded Prefect API."""
        return self.root / "prefect"

    @property
    def reports_dir(self) -> Path:
        """What commands write for people."""
        return self.root / "reports"


@contextmanager
def open_store(home: Home, *, owner: str, wait_s: float = 60) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield the only writing connection; lock taken, schema up to date, closed and released at the end.

    `owner` is what others are told while they wait. Raises WarehouseLocked after `wait_s`,
    WarehouseCorrupt or SchemaMismatch when the file cannot be used.
    """
    home.state_file.parent.mkdir(parents=True, exist_ok=True)
    with _writer_lock(home, owner, wait_s):
        if not home.state_file.exists():
            create_file(home.state_file)
        con = _open_file(home.state_file)
        try:
            con.execute("set TimeZone = 'UTC'")
            migrate(con)
            yield con
        finally:
            con.close()


def publish_snapshot(home: Home, *, min_interval_s: float = 0) -> bool:
    """Replace the snapshot by a copy of the closed store; False when there was nothing to do."""
    if not home.state_file.exists():
        return False
    partial = home.snapshot_file.with_name(f".news.{os.getpid()}.tmp")
    with _writer_lock(home, "publish", 60):
        shutil.copyfile(home.state_file, partial)
    with partial.open("rb") as copy:
        os.fsync(copy.fileno())
    partial.replace(home.snapshot_file)
    return True


def connect(home: Home | Path | str | None = None) -> duckdb.DuckDBPyConnection:
    """Return a read-only connection on the snapshot, locked against files, network and settings.

    `home` is the warehouse's folder; without it WIREHOUSE_HOME, else ./data. A snapshot that is
    published while a connection is open is seen by new connections once all old ones of the
    process are closed. Raises WarehouseMissing when nothing has been loaded yet.
    """
    if home is None:
        home = Path(os.environ.get("WIREHOUSE_HOME", "data"))
    file = (home if isinstance(home, Home) else Home(Path(home))).snapshot_file
    if not file.exists():
        raise WarehouseMissing(
            f"There is no warehouse at {file} yet: load something first (wirehouse ingest)"
        )
    con = _open_file(file, read_only=True)
    con.execute("set TimeZone = 'UTC'")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")
    return con


def _open_file(file: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(str(file), read_only=read_only)
    except duckdb.IOException as error:
        if "lock" in str(error):
            raise WarehouseLocked(f"{file} is open in another program: {error}") from error
        raise WarehouseCorrupt(f"{file} cannot be read: {error}") from error


@contextmanager
def _writer_lock(home: Home, owner: str, wait_s: float) -> Iterator[None]:
    lock = FileLock(home.lock_file, mode=0o640)
    try:
        lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise WarehouseLocked(_holder_sentence(home, wait_s)) from error
    try:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        note = {"owner": owner, "pid": os.getpid(), "host": socket.gethostname(), "since": now}
        home.owner_file.write_text(json.dumps(note))
        yield
    finally:
        home.owner_file.unlink(missing_ok=True)
        lock.release()


def _holder_sentence(home: Home, wait_s: float) -> str:
    who = "another process"
    with suppress(OSError, ValueError, KeyError):
        note = json.loads(home.owner_file.read_text())
        who = f"{note['owner']} (process {note['pid']} on {note['host']}, since {note['since']})"
    return f"The warehouse in {home.root} is being written by {who}; waited {wait_s:g} s. Try again later."

"""The store as a DuckLake: rows in Parquet files, their catalogue in PostgreSQL, written by many machines.

A writer holds the lock, and each of its transactions updates the fence row. The lock keeps writers from
redoing each other's work; the fence refuses a writer that lost the lock without noticing. Plain inserts
never conflict.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
from psycopg import errors

from warehouse.cluster.settings import Cluster
from warehouse.errors import LoadConflict
from warehouse.store.filesystem import make_folder
from warehouse.store.home import Home
from warehouse.store.lake.catalog import catalog_connection
from warehouse.store.lake.commit import Committer, DataFiles
from warehouse.store.lake.engine import DATABASE, attach_lake, missing_lake, quoted, translated_lake
from warehouse.store.lake.locks import (
    exclusive_lock,
    is_run_alive,
    publisher_lock,
    run_lock,
    writer_lock,
)
from warehouse.store.lake.newest import newest_state
from warehouse.store.lake.schema import FENCE_SETTING, migrate_lake
from warehouse.store.lake.upkeep import is_merge_due, merge_files
from warehouse.store.migrate import assert_readable
from warehouse.store.reader_state import ReaderState
from warehouse.store.settings import find_setting, set_setting
from warehouse.store.transaction import Fence, fenced, transaction

WRITER_MEMORY = "1GB"


@dataclass(frozen=True, slots=True)
class LakeStore:
    """The store of several machines; see `warehouse.store.backend.Store`."""

    home: Home

    @property
    def cluster(self) -> Cluster:
        """The settings."""
        assert self.home.cluster is not None
        return self.home.cluster

    def exists(self) -> bool:
        """Say whether the catalogue has the tables of a lake."""
        with catalog_connection(self.cluster, "looking for the lake") as con:
            row = con.execute("select to_regclass('public.ducklake_snapshot')").fetchone()
        return row is not None and row[0] is not None

    @contextmanager
    def writer(self, owner: str, wait_s: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the writer's lock and yield the writing connection."""
        with writer_lock(self.cluster, owner, wait_s), _session(self.home) as con:
            yield con

    def newest(self, owner: str, wait_s: float) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """Yield a connection that reads one state, without a lock; it cannot write."""

        def migrate() -> None:
            with self.writer(owner, wait_s):
                pass

        return newest_state(self.home, migrate)

    @contextmanager
    def outbox(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield the writing connection inside a transaction; readers of a lake need no publication."""
        with self.writer("alerts", 60) as con, transaction(con):
            yield con

    def reader(self, memory_limit: str, threads: int | None) -> duckdb.DuckDBPyConnection:
        """Return a read-only connection as the reader's role. Raises WarehouseMissing without a lake."""
        settings = {"memory_limit": memory_limit, "temp_directory": ""}
        if threads:
            settings["threads"] = str(threads)
        con = attach_lake(self.cluster, settings, is_reader=True)
        try:
            _lock_settings(con, self.cluster)
            with translated_lake(self.cluster):
                assert_readable(con)
        except BaseException:
            con.close()
            raise
        return con

    @property
    def reader_database(self) -> str:
        """The lake's name in a connection of `sessions`."""
        return DATABASE

    @property
    def is_live(self) -> bool:
        """Return True: each transaction reads the newest state."""
        return True

    def sessions(self, memory_limit: str) -> duckdb.DuckDBPyConnection:
        """Return a connection like `reader`; each of its cursors is used by one thread."""
        return self.reader(memory_limit, 1)

    def unlocked_reader(self) -> duckdb.DuckDBPyConnection:
        """Return a connection as the reader's role that may write files."""
        return attach_lake(self.cluster, {"temp_directory": str(self.home.spill_dir)}, is_reader=True)

    def translated(self) -> AbstractContextManager[None]:
        """Translate errors of the engine on the lake."""
        return translated_lake(self.cluster)

    def is_readable(self) -> bool:
        """Say whether the lake was created."""
        return self.exists()

    def reader_state(self) -> ReaderState:
        """Return the newest snapshot of the lake, in DuckLake's sense. Raises WarehouseMissing."""
        with catalog_connection(self.cluster, "looking for news", is_reader=True) as con:
            try:
                row = con.execute(_NEWEST_STATE).fetchone()
            except errors.UndefinedTable as error:
                raise missing_lake(self.cluster) from error
        assert row is not None  # creating a lake makes its first snapshot
        return ReaderState(str(row[0]), row[1])

    def find_indexed_load(self, con: duckdb.DuckDBPyConnection) -> str | None:
        """Return the newest load that was published; another machine may have loaded more since."""
        return (find_setting(con, _PUBLISHED) or "").partition(" ")[0] or None

    def is_published(self, min_interval_s: float, now: datetime) -> bool:
        """Say whether all loads are indexed for search, or were less than `min_interval_s` ago."""
        with self.newest("looking for what is not published", 60) as con:
            return _is_published(con, min_interval_s, now)

    def publish(self, refresh: Callable[[duckdb.DuckDBPyConnection], bool], min_interval_s: float) -> bool:
        """Index what was loaded; return False when that was done. Readers see each load at once.

        Each batch of `refresh` is a writer's session.
        """
        with publisher_lock(self.cluster, wait_s=60):
            is_complete = False
            while not is_complete:
                with self.writer("publishing", 60) as con:
                    if _is_published(con, min_interval_s, datetime.now(UTC)):
                        return False
                    with transaction(con):
                        is_complete = refresh(con)
                        if is_complete:
                            set_setting(con, _PUBLISHED, f"{_last_load(con)} {datetime.now(UTC).isoformat()}")
                    self._merge_if_due(con)
        return True

    def _merge_if_due(self, con: duckdb.DuckDBPyConnection) -> None:
        every, now = timedelta(minutes=self.cluster.upkeep.merge_every_min), datetime.now(UTC)
        if is_merge_due(con, every, now):
            merge_files(con, now)

    def exclusive(self, what: str) -> AbstractContextManager[None]:
        """Hold the lock of work on the whole archive or store."""
        return exclusive_lock(self.cluster, what)

    def marked_alive(self, run_id: str) -> AbstractContextManager[None]:
        """Mark a run as alive while the block runs."""
        return run_lock(self.cluster, run_id)

    def is_alive(self, run_id: str) -> bool:
        """Say whether the process of a run still lives, on whichever machine."""
        return is_run_alive(self.cluster, run_id)

    def remove_marks(self, run_ids: list[str]) -> None:
        """Do nothing: the server removed the marks with the connections."""


_NEWEST_STATE = """
select snapshot_id, snapshot_time
from ducklake_snapshot
order by snapshot_id desc
limit 1
"""

_PUBLISHED = "published"  # the setting with the last load that was indexed, and when


def _is_published(con: duckdb.DuckDBPyConnection, min_interval_s: float, now: datetime) -> bool:
    note = find_setting(con, _PUBLISHED)
    if note is None:
        return False
    load_id, _, at = note.partition(" ")
    if load_id == _last_load(con):
        return True
    return 0 <= (now - datetime.fromisoformat(at)).total_seconds() < min_interval_s


def _last_load(con: duckdb.DuckDBPyConnection) -> str:
    rows = con.execute("select max(load_id) from core.load").fetchall()
    return str(rows[0][0])


def _fence_of(home: Home, committer: Committer) -> Fence:
    """Return what is done at both ends of each transaction."""

    def begin(con: duckdb.DuckDBPyConnection) -> str:
        _step_fence(con)
        return committer.mark(con)

    def commit(con: duckdb.DuckDBPyConnection, mark: str) -> None:
        if not committer.commit(con, mark):
            detach(home)  # its connections with the catalogue are dead

    return Fence(begin, commit)


def _step_fence(con: duckdb.DuckDBPyConnection) -> None:
    """Update the row that every writer updates. Raises LoadConflict when it is missing."""
    if con.execute(_STEP_FENCE, [FENCE_SETTING]).fetchall() != [(1,)]:
        # Without the row two writers would both commit: an update of no row conflicts with nothing.
        raise LoadConflict(
            "The lake has lost its fence row. Run wirehouse cluster init; it adds the row again."
        )


_STEP_FENCE = """
update core.setting
set value = cast(cast(value as bigint) + 1 as varchar), changed_at = now()
where name = ?
"""


def _lock_settings(con: duckdb.DuckDBPyConnection, cluster: Cluster) -> None:
    """Close the connection to other files, databases and settings.

    DuckDB still lets a statement write inside the lake's folder and read the catalogue: there the reader's
    role and keys refuse.
    """
    con.execute(f"set global allowed_directories = [{quoted(cluster.data_url)}]")
    con.execute("set global enable_external_access = false")
    con.execute("set global lock_configuration = true")


# The attached lake of this process, by settings file: attaching costs more than a small transaction.
_ATTACHED: dict[tuple[int, Path], tuple[duckdb.DuckDBPyConnection, Committer]] = {}
_ATTACHING = threading.Lock()


@contextmanager
def _session(home: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection on the lake of this process with separate temporary tables, and the fence."""
    assert home.cluster is not None
    try:
        with translated_lake(home.cluster):
            lake, committer = _attached(home)
            con = lake.cursor()
            try:
                con.execute(f"use {DATABASE}")
                with fenced(con, _fence_of(home, committer)):
                    yield con
            finally:
                with suppress(duckdb.Error):
                    con.close()
    except Exception:
        detach(home)  # its connections with the catalogue may be dead
        raise


def _attached(home: Home) -> tuple[duckdb.DuckDBPyConnection, Committer]:
    assert home.cluster is not None
    key = (os.getpid(), home.cluster.file)
    with _ATTACHING:
        if key not in _ATTACHED:
            make_folder(home.state_dir)
            settings = {"memory_limit": WRITER_MEMORY, "temp_directory": str(home.spill_dir)}
            committer = Committer(home.cluster, DataFiles(home.cluster, home.state_dir))
            con = attach_lake(
                home.cluster,
                settings,
                is_reader=False,
                data_path=committer.files.path if committer.files.is_local else None,
                name=committer.name,
            )
            # Not the row of the fence, which an older schema or a damaged lake does not have.
            with translated_lake(home.cluster), fenced(con, Fence(committer.mark, committer.commit)):
                migrate_lake(con)
            _ATTACHED[key] = con, committer
        return _ATTACHED[key]


def detach(home: Home) -> None:
    """Close the lake of this process; its next session opens it again."""
    assert home.cluster is not None
    with _ATTACHING:
        attached = _ATTACHED.pop((os.getpid(), home.cluster.file), None)
    if attached is not None:
        with suppress(duckdb.Error):
            attached[0].close()

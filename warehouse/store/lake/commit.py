"""Commit to a lake so that the outcome is known and its files stay, also when the connection breaks.

PostgreSQL may have committed although its answer did not arrive. DuckLake (1.5.5) takes that for a failure
and deletes the transaction's files, to which the catalogue refers by then: every later query of their tables
fails. So the files are out of its reach while it commits, and an error is checked against the catalogue,
where each transaction leaves a mark beside its snapshot. Files of a transaction that did fail stay behind
until upkeep deletes them as orphans.
"""

import logging
import os
import secrets
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import psycopg

from warehouse.cluster.settings import Cluster
from warehouse.errors import LakeUnreachable
from warehouse.store.filesystem import make_folder
from warehouse.store.lake.catalog import catalog_connection
from warehouse.store.lake.engine import DATABASE, add_object_secret

AWAY_S = 30.0  # for which a catalogue that restarts is waited for
_POLL_S = 0.5
# Nothing listens there: requests are refused at once.
_NOWHERE = "127.0.0.1:1"

log = logging.getLogger("wirehouse.store")


class DataFiles:
    """The folder of the lake's files as the DuckDB of this process sees it."""

    def __init__(self, cluster: Cluster, state_dir: Path) -> None:
        """Prepare access to the files; `state_dir` is a folder of this machine."""
        self._cluster = cluster
        self._changing = threading.Lock()
        self.is_local = not cluster.data_url.startswith("s3://")
        self.path = cluster.data_url
        if self.is_local:
            make_folder(Path(cluster.data_url))
            _remove_left_links(state_dir)
            folder = Path(tempfile.mkdtemp(prefix=f"lake-{os.getpid()}-", dir=state_dir)).resolve()
            weakref.finalize(self, _remove_link, folder, os.getpid())
            self._link = folder / "data"
            self._link.symlink_to(cluster.data_url)
            self.path = f"{self._link}/"

    @contextmanager
    def hidden(self, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Let no statement of this process reach the files inside the block."""
        with self._changing:
            self._hide(con)
            try:
                yield
            finally:
                self._show(con)

    def _hide(self, con: duckdb.DuckDBPyConnection) -> None:
        if self.is_local:
            self._link.unlink(missing_ok=True)
        else:
            with con.cursor() as other:  # outside the transaction of `con`
                add_object_secret(other, self._cluster, is_reader=False, endpoint=_NOWHERE)

    def _show(self, con: duckdb.DuckDBPyConnection) -> None:
        if self.is_local:
            self._link.symlink_to(self._cluster.data_url)
        else:
            with con.cursor() as other:
                add_object_secret(other, self._cluster, is_reader=False)


def _remove_link(folder: Path, pid: int) -> None:
    if os.getpid() == pid:  # a forked process leaves its parent's
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_links(state_dir: Path) -> None:
    """Remove the links of processes that were killed."""
    for folder in state_dir.glob("lake-*-*"):
        try:
            os.kill(int(folder.name.split("-")[1]), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except PermissionError:  # the process of another user
            continue


@dataclass(frozen=True, slots=True)
class Committer:
    """Commits the transactions of this process's connections with a lake."""

    cluster: Cluster
    files: DataFiles
    name: str = field(default_factory=lambda: f"wirehouse writer {secrets.token_hex(8)}")  # in PostgreSQL

    def mark(self, con: duckdb.DuckDBPyConnection) -> str:
        """Note the mark of the current transaction, to be stored with it; return the mark."""
        mark = secrets.token_hex(16)
        con.execute(f"call {DATABASE}.set_commit_message('', '', extra_info => ?)", [mark])
        return mark

    def commit(self, con: duckdb.DuckDBPyConnection, mark: str) -> bool:
        """Commit; return False when the connection broke, but the catalogue has the transaction.

        Raises what DuckDB raises when it has not; LakeUnreachable when that cannot be found out.
        """
        try:
            with self.files.hidden(con):
                con.execute("commit")
        except duckdb.Error as error:
            if not self._is_stored(mark, error):
                raise
            log.warning("The connection with the lake's catalogue broke at a commit, which was stored.")
            return False
        return True

    def _is_stored(self, mark: str, error: duckdb.Error) -> bool:
        """Look for the mark of a transaction, after its connection has ended."""
        give_up_at = time.monotonic() + AWAY_S
        while True:
            try:
                with catalog_connection(self.cluster, "looking for a commit") as catalog:
                    self._end_connections(catalog)
                    return bool(catalog.execute(_FIND_MARK, [mark]).fetchall())
            except (LakeUnreachable, psycopg.OperationalError) as unreachable:
                if time.monotonic() > give_up_at:
                    raise LakeUnreachable(
                        f"{str(unreachable).strip()} Whether the last transaction was stored is not known. "
                        "Run again: what is stored already is not stored twice."
                    ) from error
            time.sleep(_POLL_S)

    def _end_connections(self, catalog: psycopg.Connection) -> None:
        """End this process's sessions in the database: one may have a commit under way yet."""
        while catalog.execute(_END_SESSIONS, [self.name]).fetchall():
            time.sleep(_POLL_S / 10)


_END_SESSIONS = """
select pg_terminate_backend(pid)
from pg_stat_activity
where application_name = %s
"""

_FIND_MARK = """
select 1
from ducklake_snapshot_changes
where commit_extra_info = %s
"""

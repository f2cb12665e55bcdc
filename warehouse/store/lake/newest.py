"""Reading sessions on a lake: no lock, one state, and no way to write.

Each process has one attached connection, read-only and as the reader's role; it is kept, because
attaching costs more than most questions.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from warehouse.cluster.settings import Cluster
from warehouse.store.filesystem import make_folder
from warehouse.store.home import Home
from warehouse.store.lake.engine import DATABASE, attach_lake, translated_lake
from warehouse.store.lake.schema import is_current

_MEMORY = "1GB"

_ATTACHED: dict[tuple[int, Path], duckdb.DuckDBPyConnection] = {}
_ATTACHING = threading.Lock()


@contextmanager
def newest_state(home: Home, migrate: Callable[[], None]) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection inside a transaction, which reads the newest state; it is rolled back at the end.

    `migrate` brings the schema up to date, under the writer's lock; it is called when that is needed.
    """
    assert home.cluster is not None
    cluster = home.cluster
    try:
        with translated_lake(cluster):
            con = _attached(home, cluster, migrate).cursor()
            try:
                con.execute(f"use {DATABASE}")
                con.execute("begin transaction")
                yield con
            finally:
                with suppress(duckdb.Error):
                    con.execute("rollback")
                con.close()
    except Exception:
        _detach(cluster)  # its connections with the catalogue may be dead
        raise


def _attached(home: Home, cluster: Cluster, migrate: Callable[[], None]) -> duckdb.DuckDBPyConnection:
    key = (os.getpid(), cluster.file)
    with _ATTACHING:
        if key not in _ATTACHED:
            make_folder(home.state_dir)
            con = _attach(home, cluster)
            if not is_current(con):
                con.close()
                migrate()
                con = _attach(home, cluster)
            _ATTACHED[key] = con
        return _ATTACHED[key]


def _attach(home: Home, cluster: Cluster) -> duckdb.DuckDBPyConnection:
    settings = {"memory_limit": _MEMORY, "temp_directory": str(home.spill_dir)}
    return attach_lake(cluster, settings, is_reader=True)


def _detach(cluster: Cluster) -> None:
    with _ATTACHING:
        con = _ATTACHED.pop((os.getpid(), cluster.file), None)
    if con is not None:
        with suppress(duckdb.Error):
            con.close()

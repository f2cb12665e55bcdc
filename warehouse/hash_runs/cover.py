"""Keep the runs in step with core.fingerprint, and open them for a look-up.

Only a large store in a file has runs: in a small one the join of a batch with the table costs no more, and a
lake is read by many machines. A store without runs, or with others, gets them with its next load.
"""

import logging
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

import duckdb
import numpy as np

from warehouse.hash_runs.build import build_chain
from warehouse.hash_runs.chain import (
    RunEntry,
    drop_chain,
    merged,
    new_run_file,
    open_runs,
    read_chain,
    write_chain,
)
from warehouse.hash_runs.pairs import HashedBatch
from warehouse.hash_runs.run_file import MOST_ARTICLES, Articles, HashRun, make_keys, pack_ids, write_run
from warehouse.store.settings import find_setting, set_setting

LEAST_ROWS = 2_000_000  # of core.fingerprint: some 100,000 articles (bench/growth.py)
_STATE = "fingerprint_state"
log = logging.getLogger("wirehouse.store")


def note_change(
    con: duckdb.DuckDBPyConnection, added: HashedBatch, removed_ids: Iterable[str], n_deleted: int
) -> None:
    """Give the store another state after core.fingerprint was changed, and add a run that leads to it.

    `removed_ids` had hashes before, of which `n_deleted` were deleted. Call it in the transaction of the
    change.
    """
    folder = _find_folder(con)
    if folder is None:
        return
    chain = read_chain(folder, find_setting(con, _STATE))
    state = uuid4().hex
    set_setting(con, _STATE, state)
    if not chain or len(added.ids) > MOST_ARTICLES:
        return
    try:
        chain = merged(folder, chain)
        file = new_run_file(folder)
        order = np.argsort(added.days, kind="stable")
        numbers = np.empty(len(order), dtype=np.int64)
        numbers[order] = np.arange(len(order))
        articles = Articles(added.ids[order], added.days[order], added.n_hashes[order])
        keys = make_keys(added.hashes, numbers[added.owners])
        sizes = write_run(file, [keys], articles, pack_ids(removed_ids))
        n_rows = chain[-1].n_rows + len(keys) - n_deleted
        write_chain(folder, [*chain, RunEntry(file.name, sizes, state, n_rows)])
    except OSError as error:
        _give_up(folder, error)


def open_index(con: duckdb.DuckDBPyConnection) -> list[HashRun]:
    """Return the runs that hold all stored hashes, oldest first; none when the table is to be read."""
    ((n_rows,),) = con.execute("select count(*) from core.fingerprint").fetchall()
    folder = _find_folder(con) if n_rows >= LEAST_ROWS else None
    if folder is None:
        return []
    state = find_setting(con, _STATE)
    try:
        chain = read_chain(folder, state)
        if not chain or chain[-1].n_rows != n_rows:
            chain = build_chain(con, folder, state or _first_state(con), n_rows)
        return open_runs(folder, chain)
    except OSError as error:
        _give_up(folder, error)
        return []


def _first_state(con: duckdb.DuckDBPyConnection) -> str:
    state = uuid4().hex
    set_setting(con, _STATE, state)
    return state


def _find_folder(con: duckdb.DuckDBPyConnection) -> Path | None:
    """Return the folder of the runs, beside the store's file; None when the store is not a file."""
    rows = con.execute(_FILE).fetchall()
    return Path(rows[0][0]).parent / "hashes" if rows else None


def _give_up(folder: Path, error: OSError) -> None:
    log.warning("%s: the hashes beside the store cannot be used (%s); they are read from it.", folder, error)
    drop_chain(folder)


_FILE = """
select path
from duckdb_databases()
where database_name = current_database() and type = 'duckdb' and path is not null
"""

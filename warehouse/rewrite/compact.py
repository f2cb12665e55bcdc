"""Compact the store by copying it into a new file: free blocks and the remains of deleted rows disappear.

DuckDB reuses free blocks but does not return them to the disk, and a deleted row stays in its block until the
block is rewritten. The upkeep does this when much of the file is free, and after an article was forgotten.
"""

import shutil
from datetime import UTC, datetime, timedelta

import duckdb

from warehouse.fingerprints import pack_fingerprints
from warehouse.rewrite.carry import copy_table
from warehouse.rewrite.rebuild import fold_log, old_attached, put_in_place
from warehouse.store.columns import find_tables
from warehouse.store.connection import open_store, transaction
from warehouse.store.file.lock import writer_lock
from warehouse.store.filesystem import MIN_FREE_BYTES, assert_room
from warehouse.store.home import Home
from warehouse.store.settings import find_setting, set_setting

FREE_SHARE = 0.3  # of the file's blocks; below it a copy costs more than it saves
FREE_BYTES = 16_000_000  # and at least so much
_WANTED = "compact_wanted"


def want_compaction(con: duckdb.DuckDBPyConnection) -> None:
    """Record that the next upkeep must compact the store."""
    set_setting(con, _WANTED, "yes")


def compact_if_due(home: Home) -> tuple[int, int] | None:
    """Compact the store when it is worth it; return its bytes before and after, None when it is not.

    A lake is tended in any case: its files are merged, its old states expire.
    """
    if home.has_lake:
        return _tend_lake(home)
    clear_compaction(home)
    with open_store(home, owner="upkeep") as con:
        pack_fingerprints(con)
        is_due = is_compaction_due(con)
    return compact_store(home) if is_due else None


def purge_store(home: Home) -> None:
    """Remove what is left of deleted rows: in a file by a copy, in a lake with all its older states."""
    if not home.has_lake:
        compact_store(home)
        return
    _tend_lake(home)  # an article was forgotten, so that it purges


def _tend_lake(home: Home) -> tuple[int, int]:
    from warehouse.store.lake.catalog import catalog_connection
    from warehouse.store.lake.lake_store import detach
    from warehouse.store.lake.upkeep import purge_deleted, read_size, tend_lake, unite_small_inserts

    assert home.cluster is not None
    now = datetime.now(UTC)
    with catalog_connection(home.cluster, "upkeep") as catalog:
        before = read_size(catalog).n_bytes
        with open_store(home, owner="upkeep") as con:
            is_outdated = unite_small_inserts(con, catalog)
        if is_outdated:
            detach(home)
        with open_store(home, owner="upkeep") as con:
            if find_setting(con, _WANTED):
                purge_deleted(con, catalog, now)
                with transaction(con):
                    con.execute("delete from core.setting where name = ?", [_WANTED])
            else:
                kept = timedelta(hours=home.cluster.upkeep.expire_after_h)
                tend_lake(con, catalog, now, expire_before=now - kept)
        return before, read_size(catalog).n_bytes


def is_compaction_due(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether to compact the store: an article was forgotten, or much of the file is free."""
    if find_setting(con, _WANTED):
        return True
    free, total, block_bytes = con.execute(
        "select free_blocks, total_blocks, block_size from pragma_database_size()"
        " where database_name = current_database()"
    ).fetchall()[0]
    return bool(free * block_bytes > FREE_BYTES and free / total > FREE_SHARE)


def clear_compaction(home: Home) -> None:
    """Remove what a killed compaction left behind."""
    shutil.rmtree(_fresh_home(home).root, ignore_errors=True)


def compact_store(home: Home) -> tuple[int, int]:
    """Copy the store into a new file and put it in place; return the bytes before and after.

    Killed half-way, the store is unchanged. Writers wait meanwhile, readers do not.
    """
    fresh = _fresh_home(home)
    clear_compaction(home)
    with writer_lock(home, "compacting the store", wait_s=60):
        before = home.state_file.stat().st_size
        assert_room(home.state_dir, before + MIN_FREE_BYTES, "compaction")
        fold_log(home)
        with open_store(fresh, owner="compaction") as con:
            with old_attached(con, home):
                for table in sorted(find_tables(con)):
                    con.execute(f"delete from core.{table}")
                    copy_table(con, table)
            con.execute("delete from core.setting where name = ?", [_WANTED])
        put_in_place(home, fresh)
        shutil.rmtree(home.hashes_dir, ignore_errors=True)  # may hold hashes of a forgotten article
    return before, home.state_file.stat().st_size


def _fresh_home(home: Home) -> Home:
    return Home(home.state_dir / "compact")

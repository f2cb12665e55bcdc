"""Upkeep of a lake: small files merged, old states expired, files that nothing refers to deleted.

The caller holds the writer's lock, so that no load is under way. A writer that lost the lock without
noticing is refused by the fence before a file of its load could be taken for an orphan.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
import psycopg
from psycopg import sql

from warehouse.store.lake.engine import DATABASE
from warehouse.store.settings import find_setting, set_setting
from warehouse.store.transaction import transaction

# Of a file's rows; below it a rewrite costs more than skipping the deleted rows.
DELETED_SHARE = 0.3
SMALL_BYTES = 1_000_000
_MERGED = "merged_at"


@dataclass(frozen=True, slots=True)
class LakeSize:
    """What the newest state consists of, and how far back older ones go."""

    n_files: int
    n_small_files: int  # under SMALL_BYTES
    n_bytes: int
    n_states: int
    oldest_at: datetime | None


def read_size(catalog: psycopg.Connection) -> LakeSize:
    """Return the size of a lake from its catalogue."""
    files = catalog.execute(_FILES, [SMALL_BYTES]).fetchone()
    states = catalog.execute(_STATES).fetchone()
    assert files is not None
    assert states is not None
    return LakeSize(*files, *states)


def is_merge_due(con: duckdb.DuckDBPyConnection, every: timedelta, now: datetime) -> bool:
    """Say whether the last merge was longer ago than `every`."""
    last = find_setting(con, _MERGED)
    return last is None or not timedelta(0) <= now - datetime.fromisoformat(last) < every


def merge_files(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Merge the small files of each table; readers and their open transactions keep the old ones."""
    con.execute(_call("ducklake_merge_adjacent_files"))
    with transaction(con):
        set_setting(con, _MERGED, now.isoformat())


def unite_small_inserts(con: duckdb.DuckDBPyConnection, catalog: psycopg.Connection) -> bool:
    """Move small inserts of older schemas, kept in the catalogue, to those of the newest.

    DuckLake has a table of them for each schema that a table had, and cannot rewrite files as long as it
    knows one that lacks a column (1.5.5). Open connections know it: attach again when this returns true.
    """
    tables = catalog.execute(_OUTDATED_INSERTS).fetchall()
    if not tables:
        return False
    with transaction(con):
        pass  # steps the fence: a load that began before under a lost lock cannot commit any more
    with catalog.transaction():
        for old, newest in tables:
            names = [name for (name,) in catalog.execute(_COMMON_COLUMNS, [old, newest]).fetchall()]
            columns = sql.SQL(", ").join(map(sql.Identifier, names))
            moved = sql.SQL(_MOVE_ROWS).format(
                old=sql.Identifier(old), newest=sql.Identifier(newest), columns=columns
            )
            catalog.execute(moved)
            catalog.execute("delete from ducklake_inlined_data_tables where table_name = %s", [old])
    return True


# Not dropped: that would wait for every open query, and let new ones wait.
_OUTDATED_INSERTS = """
select old.table_name, newest.table_name
from ducklake_inlined_data_tables as old
join ducklake_inlined_data_tables as newest on newest.table_id = old.table_id
where newest.schema_version > old.schema_version
    and newest.schema_version = (
        select max(t.schema_version) from ducklake_inlined_data_tables as t where t.table_id = old.table_id
    )
order by 1
"""

# Values of a column that was dropped since are dropped with it.
_COMMON_COLUMNS = """
select column_name
from information_schema.columns
where table_schema = 'public' and table_name in (%s, %s)
group by column_name
having count(*) = 2
"""

_MOVE_ROWS = """
with moved as (delete from {old} returning {columns})
insert into {newest} ({columns})
select {columns}
from moved
"""


def tend_lake(
    con: duckdb.DuckDBPyConnection, catalog: psycopg.Connection, now: datetime, *, expire_before: datetime
) -> None:
    """Merge small files, rewrite those with many deleted rows, expire states before an instant.

    Files and catalogue rows that nothing refers to any more are deleted.
    """
    con.execute(_call("ducklake_rewrite_data_files", "delete_threshold => ?"), [DELETED_SHARE])
    merge_files(con, now)
    con.execute(_call("ducklake_expire_snapshots", "older_than => ?"), [expire_before])
    _delete_unused(con, catalog)


def purge_deleted(con: duckdb.DuckDBPyConnection, catalog: psycopg.Connection, now: datetime) -> None:
    """Rewrite every file that has a deleted row, and delete all states but the newest with their files.

    Queries that still read an older state fail; that is what forgetting an article asks for.
    """
    con.execute(_call("ducklake_rewrite_data_files", "delete_threshold => 0.0"))
    merge_files(con, now)
    con.execute(_call("ducklake_expire_snapshots", "older_than => now()"))
    _delete_unused(con, catalog)
    catalog.execute(_WIDEN_BOUNDS)


def _delete_unused(con: duckdb.DuckDBPyConnection, catalog: psycopg.Connection) -> None:
    con.execute(_call("ducklake_cleanup_old_files", "cleanup_all => true"))
    _delete_expired_rows(catalog)
    with transaction(con):
        pass  # steps the fence: a load that began before under a lost lock cannot commit any more
    con.execute(_call("ducklake_delete_orphaned_files", "cleanup_all => true"))


def _delete_expired_rows(catalog: psycopg.Connection) -> None:
    """Delete rows of small inserts, kept in the catalogue, that no state has any more.

    Not by `ducklake_flush_inlined_data`: it drops tables, which waits for every open query while new ones
    wait for it; and when that is cut short, files are gone that the catalogue refers to already (1.5.5).
    """
    for (table,) in catalog.execute("select table_name from ducklake_inlined_data_tables").fetchall():
        catalog.execute(sql.SQL(_DELETE_EXPIRED).format(sql.Identifier(table)))


# A state has the rows with begin_snapshot <= its number < end_snapshot.
_DELETE_EXPIRED = """
delete from {}
where end_snapshot <= (select min(snapshot_id) from ducklake_snapshot)
"""


# DuckLake keeps the first and last text of each column, also when its row is deleted. Wider bounds are as
# right; those of each file, by which files are skipped, are exact.
_WIDEN_BOUNDS = """
update ducklake_table_column_stats as s
set min_value = '', max_value = chr(1114111)
from ducklake_column as c
where c.table_id = s.table_id and c.column_id = s.column_id and c.column_type = 'varchar'
    and s.min_value is not null
"""


def _call(function: str, argument: str = "") -> str:
    return f"call {function}('{DATABASE}'{f', {argument}' if argument else ''})"


_FILES = """
select
    count(*)::int,
    (count(*) filter (where file_size_bytes < %s))::int,
    coalesce(sum(file_size_bytes), 0)::bigint
from ducklake_data_file
where end_snapshot is null
"""

_STATES = "select count(*)::int, min(snapshot_time) from ducklake_snapshot"

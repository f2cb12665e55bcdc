"""Bring a lake's schema up to date: the same migrations and views as a file's, in DuckLake's dialect.

Each migration is one transaction: every autocommitted statement would be a separate snapshot, and 0001
alone has 236.
"""

from pathlib import Path

import duckdb

from warehouse.store.lake.dialect import for_lake, views_for_lake
from warehouse.store.migrate import apply_migration, are_views_current, find_missing, refresh_views
from warehouse.store.transaction import transaction

FENCE_SETTING = "fence"


def migrate_lake(con: duckdb.DuckDBPyConnection) -> None:
    """Apply the missing migrations, refresh the views and make sure that the fence is there.

    The caller holds the writer's lock. Raises SchemaMismatch for a newer or a different schema.
    """
    for version in find_missing(con):
        apply_migration(con, version, _read_migration)
    refresh_views(con, _read_views)
    if not has_fence(con):
        with transaction(con):
            con.execute(_ADD_FENCE, [FENCE_SETTING])


def is_current(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether `migrate_lake` has nothing to do. Raises SchemaMismatch as it does."""
    return not find_missing(con) and are_views_current(con) and has_fence(con)


def has_fence(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the row that every writer updates is there."""
    return bool(con.execute(_FIND_FENCE, [FENCE_SETTING]).fetchall())


_FIND_FENCE = "select 1 from core.setting where name = ?"
_ADD_FENCE = "insert into core.setting (name, value, changed_at) values (?, '0', now())"


def _read_migration(file: Path) -> str:
    return for_lake(file.read_text(encoding="utf-8"))


def _read_views(file: Path) -> str:
    return views_for_lake(file.read_text(encoding="utf-8"))

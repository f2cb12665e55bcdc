"""Bring a store's schema up to date: numbered migrations, then the views.

Each migration and its record are one transaction, followed by a checkpoint: DuckDB up to 1.5.5 can crash
when a log mixes DDL with data (duckdb#25928).
"""

import hashlib
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import duckdb

from warehouse.errors import SchemaMismatch
from warehouse.store.transaction import transaction

_HERE = Path(__file__).parents[1]
_STORAGE_VERSION = "v1.5.0"  # so that 1.5.5 can read a file made by DuckDB 2.0


def create_file(file: Path) -> None:
    """Create an empty database file; it appears complete or not at all."""
    partial = file.with_name(f".{file.name}.new")
    remove_file(partial)
    con = duckdb.connect()
    try:
        path = str(partial).replace("'", "''")
        con.execute(f"attach '{path}' as fresh (storage_version '{_STORAGE_VERSION}')")
        con.execute("create schema fresh.core")
        con.execute("detach fresh")
    finally:
        con.close()
    partial.chmod(0o640)
    partial.replace(file)


def remove_file(file: Path) -> None:
    """Delete a database file and its log: a new file of that name would replay the old log."""
    file.unlink(missing_ok=True)
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)


def migrate(
    con: duckdb.DuckDBPyConnection, only: Collection[int] | None = None, *, keep_copy: bool = True
) -> None:
    """Apply the missing migrations, in order. Raises SchemaMismatch for a newer or a different schema.

    `only` limits them to some, without views, for a restore: later ones then migrate the restored rows as
    well. `keep_copy` keeps a copy of the file before its schema changes.
    """
    applied = find_applied(con)
    missing = _missing(applied)
    if applied and missing and keep_copy:
        _keep_copy(con, max(applied))
    for version in missing:
        if only is None or version in only:
            apply_migration(con, version, _read)
            con.execute("checkpoint")
    if only is None and refresh_views(con, _read):
        con.execute("checkpoint")


def find_missing(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Return the migrations still to be applied. Raises SchemaMismatch for a newer or a different schema."""
    return _missing(find_applied(con))


def _missing(applied: Mapping[int, str]) -> list[int]:
    known = find_migrations()
    _assert_not_newer(applied, known)
    for version, sha256 in applied.items():
        if _sha256(known[version]) != sha256:
            raise SchemaMismatch(
                f"Migration {known[version].name} differs from the one applied to this warehouse. "
                "Use the wirehouse version that created it, or rebuild the warehouse from its archive."
            )
    return sorted(set(known) - set(applied))


def assert_readable(con: duckdb.DuckDBPyConnection) -> None:
    """Raise SchemaMismatch when the file was written by a newer version, or by something else."""
    applied = find_applied(con)
    if not applied:
        raise SchemaMismatch("This DuckDB file is not a warehouse: it has no table core.schema_migration.")
    _assert_not_newer(applied, find_migrations())


def _assert_not_newer(applied: Mapping[int, str], known: Mapping[int, Path]) -> None:
    newer = max(applied, default=0)
    if newer > max(known):
        raise SchemaMismatch(
            f"This warehouse was written by a newer wirehouse (schema {newer}, known up to {max(known)}). "
            "Update wirehouse, or use another home."
        )
    if unknown := set(applied) - set(known):
        raise SchemaMismatch(
            f"Migration {min(unknown)} was applied to this warehouse, but this wirehouse does not have it. "
            "Use the wirehouse version that created it."
        )


def _keep_copy(con: duckdb.DuckDBPyConnection, version: int) -> None:
    """Copy the file before its schema changes, so that the older wirehouse can be used again."""
    con.execute("checkpoint")
    path = con.execute(
        "select path from duckdb_databases() where database_name = current_database()"
    ).fetchall()
    file = Path(path[0][0])
    copy = copy_path(file, version)
    if not copy.exists():
        partial = copy.with_suffix(".tmp")
        shutil.copyfile(file, partial)
        partial.chmod(0o640)
        partial.replace(copy)


def copy_path(file: Path, version: int) -> Path:
    """Return where a store's copy is kept that has the schema `version`."""
    return file.with_name(f"{file.stem}.schema-{version:04d}.duckdb")


def find_migrations() -> dict[int, Path]:
    """Return the migrations of this version, by number."""
    return {int(p.name[:4]): p for p in sorted((_HERE / "migrations").glob("[0-9]" * 4 + "_*.sql"))}


def find_views() -> list[Path]:
    """Return the files that define views and macros, in the order of their application."""
    return sorted((_HERE / "views").glob("*.sql"))


def find_applied(con: duckdb.DuckDBPyConnection) -> dict[int, str]:
    """Return the hashes of the migrations that were applied, by number."""
    exists = con.execute(
        "select count(*) from duckdb_tables() where schema_name = 'core' and table_name = 'schema_migration'"
    ).fetchall()
    if not exists[0][0]:
        return {}
    rows = con.execute("select version, sha256 from core.schema_migration order by version").fetchall()
    return dict(rows)


def apply_migration(con: duckdb.DuckDBPyConnection, version: int, read: Callable[[Path], str]) -> None:
    """Apply one migration, as `read` gives its SQL, and record it, in one transaction."""
    file = find_migrations()[version]
    with transaction(con):
        con.execute(read(file))
        con.execute(
            "insert into core.schema_migration (version, name, sha256, applied_at, duckdb_version)"
            " values (?, ?, ?, now(), ?)",
            [version, file.name, _sha256(file), duckdb.__version__],
        )


def refresh_views(con: duckdb.DuckDBPyConnection, read: Callable[[Path], str]) -> bool:
    """Drop and recreate the views, as `read` gives their SQL; return False when none has changed."""
    if are_views_current(con):
        return False
    with transaction(con):
        _drop_views(con)
        for file in find_views():
            con.execute(read(file))
        con.execute("delete from core.setting where name = 'views_sha256'")
        con.execute(
            "insert into core.setting (name, value, changed_at) values ('views_sha256', ?, now())",
            [_views_sha256()],
        )
    return True


def are_views_current(con: duckdb.DuckDBPyConnection) -> bool:
    """Say whether the store has the views of this version."""
    rows = con.execute("select value from core.setting where name = 'views_sha256'").fetchall()
    return bool(rows == [(_views_sha256(),)])


def _views_sha256() -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in find_views())).hexdigest()


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _drop_views(con: duckdb.DuckDBPyConnection) -> None:
    views = con.execute(
        "select view_name from duckdb_views() where schema_name = 'main' and not internal"
        " and database_name = current_database()"
    ).fetchall()
    for (name,) in views:
        con.execute(f'drop view if exists main."{name}"')


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()

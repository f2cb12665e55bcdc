"""The store as Parquet files, and back: backup, hand-over to other tools, and the bridge between versions.

    DIR/manifest.json                      what is in it, with comments, counts and hashes; written last
    DIR/core/article/month=2026-11/*.parquet   large tables by month
    DIR/core/source/*.parquet              small tables whole

What is computed from other tables (the full-text index) is left out and made anew.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from warehouse.columns import find_columns, find_tables
from warehouse.errors import SchemaMismatch, WarehouseCorrupt, WarehouseError
from warehouse.migrate import find_migrations

FORMAT = 1
DERIVED = frozenset({"search_document", "search_segment", "search_posting", "setting", "schema_migration"})

_ARTICLE_DAY = "coalesce(a.published_on, a.first_seen_at::date)"
# What gives each row of a large table its month; tables of an article's parts follow the article.
_MONTH_OF = {
    "article": "coalesce(t.published_on, t.first_seen_at::date)",
    "article_text": _ARTICLE_DAY,
    "revision": _ARTICLE_DAY,
    "field_origin": _ARTICLE_DAY,
    "article_link": _ARTICLE_DAY,
    "entry": "t.first_seen_at",
    "fetch": "t.started_at",
}
_OF_ARTICLE = frozenset({"article_text", "revision", "field_origin", "article_link"})


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """One table of an export."""

    name: str
    comment: str | None
    columns: list[dict[str, str | None]]  # name, type, comment
    n_rows: int
    hash: str  # sum over the rows, whatever their order

    @property
    def column_names(self) -> list[str]:
        """Return the names of its columns, in order."""
        return [str(column["name"]) for column in self.columns]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds."""

    format: int
    exported_at: str
    schema_version: int
    duckdb_version: str
    since_load: str | None  # null: everything
    last_load: str | None  # the cursor for the next export of changes
    tables: list[ExportedTable]


def export_store(con: duckdb.DuckDBPyConnection, directory: Path, since_load: str | None = None) -> Manifest:
    """Write all tables, or what changed after a load, to a new folder; return what was written.

    `con` may write files. Raises WarehouseError when the folder holds something, or the load is unknown.
    """
    if directory.exists() and any(directory.iterdir()):
        raise WarehouseError(f"{directory} is not empty. An export goes to a folder of its own.")
    if (
        since_load is not None
        and not con.execute("select 1 from core.load where load_id = ?", [since_load]).fetchall()
    ):
        raise WarehouseError(
            f"There is no load {since_load}. The manifest of the last export names it (last_load)."
        )
    directory.mkdir(parents=True, exist_ok=True)
    tables = [_export_table(con, name, directory, since_load) for name in sorted(find_tables(con) - DERIVED)]
    version = con.execute("select max(version) from core.schema_migration").fetchall()[0][0]
    last_load = con.execute("select max(load_id) from core.load").fetchall()[0][0]
    exported_at = datetime.now(UTC).isoformat(timespec="seconds")
    manifest = Manifest(FORMAT, exported_at, version, duckdb.__version__, since_load, last_load, tables)
    text = json.dumps(asdict(manifest), ensure_ascii=False, indent=1)
    (directory / "manifest.json").write_text(text, encoding="utf-8")
    return manifest


def read_manifest(directory: Path) -> Manifest:
    """Return what an export holds. Raises WarehouseError when it is none, or was not finished."""
    file = directory / "manifest.json"
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        tables = [ExportedTable(**table) for table in data.pop("tables")]
        return Manifest(tables=tables, **data)
    except FileNotFoundError as error:
        raise WarehouseError(f"{directory} is no finished export: it has no manifest.json.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise WarehouseError(f"{file} cannot be read: {error}") from error


def assert_restorable(manifest: Manifest) -> None:
    """Raise when this version cannot bring the export back."""
    if manifest.format > FORMAT or manifest.schema_version > max(find_migrations()):
        raise SchemaMismatch("The export was written by a newer wirehouse. Update wirehouse to restore it.")
    if manifest.since_load is not None:
        raise WarehouseError(
            f"The export holds only what changed after load {manifest.since_load}; only a whole one is "
            "restored."
        )


def restore_tables(con: duckdb.DuckDBPyConnection, directory: Path, manifest: Manifest) -> None:
    """Fill a fresh store from an export; call it inside a transaction.

    Raises WarehouseCorrupt when counts or hashes differ.
    """
    here = find_tables(con)
    for table in manifest.tables:
        if table.name not in here:
            if table.n_rows:
                raise SchemaMismatch(f"This wirehouse has no table core.{table.name}, which the export has.")
            continue
        if table.n_rows:
            _restore_table(con, directory, table)
        n_rows, checksum = table_hash(con, f"core.{table.name}", table.column_names)
        if (n_rows, checksum) != (table.n_rows, table.hash):
            raise WarehouseCorrupt(
                f"core.{table.name} has {n_rows} rows with hash {checksum} after the restore; the manifest "
                f"says {table.n_rows} with {table.hash}. The export is damaged; nothing was kept."
            )


def table_hash(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> tuple[int, str]:
    """Return number of rows and a hash of a relation's rows that does not depend on their order."""
    fields = ", ".join(f'"{name}" := t."{name}"' for name in columns)
    row = con.execute(
        f"select count(*), coalesce(sum(md5_number_lower(to_json(struct_pack({fields}))::text)), 0)"
        f" from {relation} as t"
    ).fetchall()[0]
    return int(row[0]), str(row[1])


def _export_table(
    con: duckdb.DuckDBPyConnection, name: str, directory: Path, since_load: str | None
) -> ExportedTable:
    columns = list(find_columns(con, name))
    con.execute(f"create or replace temp view exported as {_rows_of(name, columns, since_load)}")
    n_rows, checksum = table_hash(con, "exported", columns)
    folder = directory / "core" / name
    folder.mkdir(parents=True)
    if n_rows:
        by_month = "partition_by (month), filename_pattern 'part_{i}'," if name in _MONTH_OF else ""
        target = folder if by_month else folder / "part.parquet"
        listed = ", ".join(f'"{column}"' for column in columns) + (", month" if by_month else "")
        con.execute(
            f"copy (select {listed} from exported) to {_quoted(target)}"
            f" ({by_month} format parquet, compression zstd, row_group_size 20480)"
        )
    comment, comments = _comments(con, name)
    described: list[dict[str, str | None]] = [
        {"name": column, "type": kind, "comment": comments.get(column)}
        for column, kind in find_columns(con, name).items()
    ]
    return ExportedTable(name, comment, described, n_rows, checksum)


def _rows_of(name: str, columns: Sequence[str], since_load: str | None) -> str:
    listed = ", ".join(f't."{column}"' for column in columns)
    month = f", strftime({_MONTH_OF[name]}, '%Y-%m') as month" if name in _MONTH_OF else ""
    join = " left join core.article as a using (article_id)" if name in _OF_ARTICLE else ""
    where = ""
    if since_load is not None and "load_id" in columns:
        where = f" where t.load_id > {_quoted(since_load)}"
    elif since_load is not None and name in _OF_ARTICLE:
        where = f" where a.load_id > {_quoted(since_load)}"
    return f"select {listed}{month} from core.{name} as t{join}{where}"


def _restore_table(con: duckdb.DuckDBPyConnection, directory: Path, table: ExportedTable) -> None:
    present = set(find_columns(con, table.name))
    if missing := [name for name in table.column_names if name not in present]:
        raise SchemaMismatch(f"core.{table.name} has no column {missing[0]}, which the export has.")
    con.execute(f"delete from core.{table.name}")
    listed = ", ".join(f'"{name}"' for name in table.column_names)
    files = directory / "core" / table.name / "**" / "*.parquet"
    con.execute(
        f"insert into core.{table.name} ({listed}) select {listed}"
        f" from read_parquet({_quoted(files)}, hive_partitioning = false)"
    )


def _comments(con: duckdb.DuckDBPyConnection, name: str) -> tuple[str | None, dict[str, str | None]]:
    database = "database_name = current_database() and schema_name = 'core' and table_name = ?"
    table = con.execute(f"select comment from duckdb_tables() where {database}", [name]).fetchall()
    columns = con.execute(
        f"select column_name, comment from duckdb_columns() where {database}", [name]
    ).fetchall()
    return table[0][0], dict(columns)


def _quoted(value: Path | str) -> str:
    return "'" + str(value).replace("'", "''") + "'"

"""Export the store as Parquet files: for backups, other tools, and other versions.

    DIR/manifest.json                          contents with comments, counts and hashes; written last
    DIR/core/article/month=2026-11/*.parquet   large tables by month; `_day` is the day of a row
    DIR/core/source/*.parquet                  small tables in one file

Three kinds: full; incremental to an earlier export (all rows of each day that differs), for backups; the
rows of later loads, for other systems. What is computed from other tables (the full-text index) is left out
and computed again after a restore (restore.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.errors import ExportUnusable
from warehouse.export.folder import export_folder
from warehouse.export.manifest import (
    FORMAT,
    WHOLE,
    ExportedTable,
    Manifest,
    changed_days,
    read_manifest,
    state_id,
    write_manifest,
)
from warehouse.store.columns import find_columns, find_tables
from warehouse.store.progress import report_progress

DERIVED = frozenset(
    {"search_document", "search_segment", "search_posting", "lead", "listing", "setting", "schema_migration"}
)
NO_DAY = "none"

_ARTICLE_DAY = "coalesce(a.published_on, a.first_seen_at::date)"
# The day of each row, for tables that grow; tables of an article's parts use the article's day.
_DAY_OF = {
    "article": "coalesce(t.published_on, t.first_seen_at::date)",
    "article_text": _ARTICLE_DAY,
    "revision": _ARTICLE_DAY,
    "field_origin": _ARTICLE_DAY,
    "article_link": _ARTICLE_DAY,
    "url_alias": _ARTICLE_DAY,
    "fingerprint": _ARTICLE_DAY,
    "duplicate_link": _ARTICLE_DAY,
    "story_member": _ARTICLE_DAY,
    "entry": "t.first_seen_at::date",
    "fetch": "t.started_at::date",
    "reject": "t.first_at::date",
    "superseded": "t.superseded_at::date",
    "load": "t.loaded_at::date",
    "run": "t.started_at::date",
}
_ARTICLE_COLUMN = {name: "article_id" for name, day in _DAY_OF.items() if day == _ARTICLE_DAY} | {
    "duplicate_link": "article_a"
}
# The load that last changed a row, where the row or its article has it.
_CURSOR = dict.fromkeys(("article_text", "field_origin", "article_link", "fingerprint"), "a.load_id")


@dataclass(frozen=True, slots=True)
class ExportKind:
    """The kind of an export: full, incremental to an earlier one, or the rows of later loads."""

    base: Manifest | None = None
    since_load: str | None = None

    @property
    def is_since_load(self) -> bool:
        """Say whether the export has only rows of later loads."""
        return self.base is None and self.since_load is not None


def export_kind(con: duckdb.DuckDBPyConnection, since_load: str | None, since: Path | None) -> ExportKind:
    """Return the kind of export. Raises ExportUnusable for an unknown load or an unusable earlier export."""
    if since_load is not None:
        if not con.execute("select 1 from core.load where load_id = ?", [since_load]).fetchall():
            raise ExportUnusable(
                f"--since-load: there is no load '{since_load}' (see last_load in the manifest of an export)"
            )
        return ExportKind(since_load=since_load)
    if since is None:
        return ExportKind()
    base = read_manifest(since)
    if base.export_id is None:
        raise ExportUnusable(
            f"No export can be incremental to {since}: it was made with --since-load or by an older "
            "wirehouse. Make a full export, and incremental ones to it with --since."
        )
    return ExportKind(base, base.last_load)


def export_store(
    con: duckdb.DuckDBPyConnection, directory: Path, since_load: str | None = None, since: Path | None = None
) -> Manifest:
    """Write all tables, or what changed since a load or an earlier export, to a new folder.

    `con` may write files. What a killed export left in the folder is replaced. Raises ExportUnusable when the
    folder holds anything else, or the load or export does not exist.
    """
    kind = export_kind(con, since_load, since)
    with export_folder(directory):
        names = sorted(find_tables(con) - DERIVED)
        tables = []
        for name in names:
            tables.append(_export_table(con, name, directory, kind))
            report_progress("tables", len(tables), len(names))
        manifest = _describe(con, kind, tables)
        write_manifest(manifest, directory)
    return manifest


def _describe(con: duckdb.DuckDBPyConnection, kind: ExportKind, tables: list[ExportedTable]) -> Manifest:
    migrations = [
        v for (v,) in con.execute("select version from core.schema_migration order by 1").fetchall()
    ]
    return Manifest(
        format=FORMAT,
        exported_at=datetime.now(UTC).isoformat(timespec="microseconds"),
        schema_version=max(migrations),
        duckdb_version=duckdb.__version__,
        since_load=kind.since_load,
        last_load=con.execute("select max(load_id) from core.load").fetchall()[0][0],
        tables=tables,
        export_id=None if kind.is_since_load else state_id(tables),
        since_export=kind.base.export_id if kind.base else None,
        since_exported_at=kind.base.exported_at if kind.base else None,
        migrations=migrations,
    )


def table_hash(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str]) -> tuple[int, str]:
    """Return number of rows and a hash of a relation's rows that does not depend on their order."""
    row = con.execute(f"select count(*), {hash_of(columns)} from {relation} as t").fetchall()[0]
    return int(row[0]), str(row[1])


def hash_of(columns: Sequence[str]) -> str:
    """Return the expression that hashes the rows of a relation `t`."""
    fields = ", ".join(f'"{name}" := t."{name}"' for name in columns)
    return f"coalesce(sum(md5_number_lower(to_json(struct_pack({fields}))::text)), 0)"


def _export_table(
    con: duckdb.DuckDBPyConnection, name: str, directory: Path, kind: ExportKind
) -> ExportedTable:
    types = find_columns(con, name)
    columns = list(types)
    con.execute(f"create or replace temp view stored as {_rows_of(name, columns)}")
    days = {} if kind.is_since_load else _find_days(con, columns)
    written: list[str] | None = None
    if kind.base is not None:
        before = kind.base.table(name)
        written = [day for day in changed_days(days, before, list(types.items())) if day in days]
    con.execute(f"create or replace temp view exported as select * from stored {_chosen(kind, written)}")
    n_rows, checksum = table_hash(con, "exported", columns)
    if n_rows:
        _write(con, columns, directory / "core" / name, is_by_month=name in _DAY_OF)
    comment, comments = _comments(con, name)
    described: list[dict[str, str | None]] = [
        {"name": column, "type": type_, "comment": comments.get(column)} for column, type_ in types.items()
    ]
    return ExportedTable(name, comment, described, n_rows, checksum, days, written)


def _rows_of(name: str, columns: Sequence[str]) -> str:
    listed = ", ".join(f't."{column}"' for column in columns)
    if name not in _DAY_OF:
        return f"select {listed}, '{WHOLE}' as _day, null as _cursor from core.{name} as t"
    day = _DAY_OF[name]
    cursor = "t.load_id" if "load_id" in columns else _CURSOR.get(name, "null")
    column = _ARTICLE_COLUMN.get(name)
    join = f" left join core.article as a on a.article_id = t.{column}" if column else ""
    return (
        f"select {listed}, coalesce(({day})::text, '{NO_DAY}') as _day,"
        f" coalesce(strftime({day}, '%Y-%m'), '{NO_DAY}') as month, {cursor} as _cursor"
        f" from core.{name} as t{join}"
    )


def _find_days(con: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> dict[str, str]:
    rows = con.execute(
        f"select _day, count(*), {hash_of(columns)} from stored as t group by _day order by _day"
    ).fetchall()
    return {day: f"{n_rows} {checksum}" for day, n_rows, checksum in rows}


def _chosen(kind: ExportKind, written: Sequence[str] | None) -> str:
    """Return the condition for the rows of the export; rows without a load may have changed."""
    if written is not None:
        return f"where _day in ({', '.join(_quoted(day) for day in written) or 'null'})"
    if kind.since_load is not None:
        return f"where coalesce(_cursor > {_quoted(kind.since_load)}, true)"
    return ""


def _write(
    con: duckdb.DuckDBPyConnection, columns: Sequence[str], folder: Path, *, is_by_month: bool
) -> None:
    folder.mkdir(parents=True)
    listed = ", ".join(f'"{column}"' for column in columns) + (", _day, month" if is_by_month else "")
    target = folder if is_by_month else folder / "part.parquet"
    by_month = "partition_by (month), filename_pattern 'part_{i}'," if is_by_month else ""
    con.execute(
        f"copy (select {listed} from exported) to {_quoted(target)}"
        f" ({by_month} format parquet, compression zstd, row_group_size 20480)"
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

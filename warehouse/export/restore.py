"""Fill a store from exports: each day of each table from the latest folder that has it; compare hashes."""

from pathlib import Path

import duckdb

from warehouse.errors import SchemaMismatch, WarehouseCorrupt
from warehouse.export.chain import Take
from warehouse.export.export import table_hash
from warehouse.export.manifest import ExportedTable
from warehouse.store.columns import find_columns, find_tables


def restore_tables(con: duckdb.DuckDBPyConnection, plan: list[tuple[ExportedTable, list[Take]]]) -> None:
    """Fill a new store, inside a transaction. Raises WarehouseCorrupt when counts or hashes differ."""
    known = find_tables(con)
    for table, takes in plan:
        if table.name not in known:
            if takes:
                raise SchemaMismatch(
                    f"The export has a table core.{table.name}, which this wirehouse does not know."
                )
            continue
        _assert_columns(con, table)
        con.execute(f"delete from core.{table.name}")
        for take in takes:
            _take(con, table, take)
        restored = table_hash(con, f"core.{table.name}", table.column_names)
        if restored != table.state:
            raise WarehouseCorrupt(_difference(con, table, takes, restored))


def _assert_columns(con: duckdb.DuckDBPyConnection, table: ExportedTable) -> None:
    present = find_columns(con, table.name)
    if missing := [name for name in table.column_names if name not in present]:
        raise SchemaMismatch(
            f"The export has a column {missing[0]} of core.{table.name}, which this wirehouse does not know."
        )


def _take(con: duckdb.DuckDBPyConnection, table: ExportedTable, take: Take) -> None:
    if not take.state[0]:
        return
    listed = ", ".join(f'"{name}"' for name in table.column_names)
    try:
        con.execute(
            f"insert into core.{table.name} ({listed}) select {listed} from {_rows(table, take)} as t"
        )
    except duckdb.Error as error:
        if str(take.folder) in str(error) or "parquet" in str(error).lower():
            reason = str(error).splitlines()[0]
            raise WarehouseCorrupt(
                f"{take.folder / 'core' / table.name} cannot be read: {reason} The export is damaged; "
                "nothing was restored."
            ) from error
        raise


def _rows(table: ExportedTable, take: Take) -> str:
    # By name: in a pattern, a folder's own * ? [ ] would be a part of it.
    files = ", ".join(_quoted(str(file)) for file in _files(take.folder / "core" / table.name))
    relation = f"read_parquet([{files}], hive_partitioning = false)"
    if take.days is None:
        return relation
    days = ", ".join(_quoted(day) for day in take.days)
    return f"(select * from {relation} where _day in ({days}))"


def _files(folder: Path) -> list[Path]:
    files = sorted(folder.rglob("*.parquet"))
    if not files:
        raise WarehouseCorrupt(f"{folder} has no Parquet files. The export is damaged; nothing was restored.")
    return files


def _difference(
    con: duckdb.DuckDBPyConnection, table: ExportedTable, takes: list[Take], restored: tuple[int, str]
) -> str:
    """Return a sentence that names the damaged folder: the first whose rows differ from its manifest."""
    n_rows, checksum = table.state
    for take in takes:
        if table_hash(con, _rows(table, take), table.column_names) != take.state:
            return (
                f"The rows of core.{table.name} in {take.folder} differ from its manifest: "
                f"{restored[0]} rows with hash {restored[1]} after the restore, {n_rows} with {checksum} in "
                "the manifest. The export is damaged; nothing was restored."
            )
    return (
        f"core.{table.name} has {restored[0]} rows with hash {restored[1]} after the restore; the manifest "
        f"has {n_rows} with {checksum}. The export is damaged; nothing was restored."
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

"""A store filled from exports: each day of each table from the latest folder that has it, then compared."""

import duckdb

from warehouse.errors import SchemaMismatch, WarehouseCorrupt
from warehouse.export.chain import Take
from warehouse.export.export import table_hash
from warehouse.export.manifest import ExportedTable
from warehouse.store.columns import find_columns, find_tables


def restore_tables(con: duckdb.DuckDBPyConnection, plan: list[tuple[ExportedTable, list[Take]]]) -> None:
    """Fill a fresh store, inside a transaction. Raises WarehouseCorrupt when counts or hashes differ."""
    here = find_tables(con)
    for table, takes in plan:
        if table.name not in here:
            if takes:
                raise SchemaMismatch(f"This wirehouse has no table core.{table.name}, which the export has.")
            continue
        _assert_columns(con, table)
        con.execute(f"delete from core.{table.name}")
        for take in takes:
            _take(con, table, take)
        found = table_hash(con, f"core.{table.name}", table.column_names)
        if found != table.state:
            raise WarehouseCorrupt(_difference(con, table, takes, found))


def _assert_columns(con: duckdb.DuckDBPyConnection, table: ExportedTable) -> None:
    present = find_columns(con, table.name)
    if missing := [name for name in table.column_names if name not in present]:
        raise SchemaMismatch(f"core.{table.name} has no column {missing[0]}, which the export has.")


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
                "nothing was kept."
            ) from error
        raise


def _rows(table: ExportedTable, take: Take) -> str:
    files = _quoted(str(take.folder / "core" / table.name / "**" / "*.parquet"))
    relation = f"read_parquet({files}, hive_partitioning = false)"
    if take.days is None:
        return relation
    days = ", ".join(_quoted(day) for day in take.days)
    return f"(select * from {relation} where _day in ({days}))"


def _difference(
    con: duckdb.DuckDBPyConnection, table: ExportedTable, takes: list[Take], found: tuple[int, str]
) -> str:
    """Say which folder is damaged: the first whose rows are not those that its manifest tells of."""
    n_rows, checksum = table.state
    for take in takes:
        if table_hash(con, _rows(table, take), table.column_names) != take.state:
            return (
                f"{take.folder} does not hold the rows of core.{table.name} that its manifest tells of: "
                f"{found[0]} rows with hash {found[1]} after the restore, {n_rows} with {checksum} in the "
                "manifest. The export is damaged; nothing was kept."
            )
    return (
        f"core.{table.name} has {found[0]} rows with hash {found[1]} after the restore; the manifest says "
        f"{n_rows} with {checksum}. The export is damaged; nothing was kept."
    )


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

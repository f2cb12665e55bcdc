"""The columns of the store's tables, read from its catalogue: for code that copies whole rows."""

import duckdb


def find_columns(con: duckdb.DuckDBPyConnection, table: str, database: str | None = None) -> dict[str, str]:
    """Return name and type of each column of a table of `core`, in this or an attached `database`."""
    rows = con.execute(
        "select column_name, data_type from duckdb_columns()"
        " where database_name = coalesce(?, current_database()) and schema_name = 'core' and table_name = ?"
        " order by column_index",
        [database, table],
    ).fetchall()
    return dict(rows)


def find_tables(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the names of all tables of `core`."""
    rows = con.execute(
        "select table_name from duckdb_tables()"
        " where database_name = current_database() and schema_name = 'core'"
    ).fetchall()
    return {name for (name,) in rows}


def column_names(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Return the names of a table's columns, in order."""
    return list(find_columns(con, table))


def json_structure(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """Return the structure with which `from_json` reads rows of the table from a JSON list."""
    fields = [f'"{name}": {_json_type(kind)}' for name, kind in find_columns(con, table).items()]
    return f"[{{{', '.join(fields)}}}]"


def _json_type(kind: str) -> str:
    return f'["{kind.removesuffix("[]")}"]' if kind.endswith("[]") else f'"{kind}"'

"""Facts about the store that are kept in it, by name."""

from datetime import UTC, datetime

import duckdb


def find_setting(con: duckdb.DuckDBPyConnection, name: str) -> str | None:
    """Return the value of a fact; None when it was never set."""
    rows = con.execute("select value from core.setting where name = ?", [name]).fetchall()
    return str(rows[0][0]) if rows else None


def set_setting(con: duckdb.DuckDBPyConnection, name: str, value: str) -> None:
    """Set a fact."""
    con.execute("delete from core.setting where name = ?", [name])
    con.execute(
        "insert into core.setting (name, value, changed_at) values (?, ?, ?)",
        [name, value, datetime.now(UTC)],
    )

"""docs/tables.md from the comments in the schema: `python -m warehouse.inspection.tables_page` prints it."""

import sys
import tempfile
from pathlib import Path

import duckdb

from warehouse.store.connection import Home, open_store

_HEAD = """# Tables and views

Written from the schema's own comments by `python -m warehouse.inspection.tables_page > docs/tables.md`;
a test keeps it current. The same sentences are in every warehouse file: `select * from duckdb_columns()`.

Ask through `wirehouse sql`, `warehouse.connect()` in Python, or any DuckDB client on `news.duckdb`. The views
in `main` are the contract: they stay, more columns may follow. The tables in `core` are what they are made of
and may change. Times are instants (`timestamptz`) in UTC; what was printed on the page is kept apart
(`published_local`, `utc_offset_minutes`).

Full text: `from search('climate "green deal" elect* -sport') order by score desc limit 20` gives article_id,
score, url, title, source, language, published_at, published_on, first_seen_at. Words are all required, any
script, without regard to case and to accents.

A process that keeps a connection open goes on seeing the snapshot that it opened. To see the next one, close
all connections of the process and connect anew.
"""

_OBJECTS = """
select schema_name, view_name, comment
from duckdb_views()
where database_name = current_database() and schema_name = 'main' and not internal
union all
select schema_name, table_name, comment
from duckdb_tables()
where database_name = current_database() and schema_name = 'core'
order by schema_name desc, view_name
"""

_COLUMNS = """
select column_name, data_type, comment
from duckdb_columns()
where database_name = current_database() and schema_name = ? and table_name = ?
order by column_index
"""


def tables_page(con: duckdb.DuckDBPyConnection) -> str:
    """Return the page that documents every view and table and each of their columns."""
    lines = [_HEAD]
    chapter = None
    for schema, name, comment in con.execute(_OBJECTS).fetchall():
        if schema != chapter:
            chapter = schema
            lines.append(
                "## Views, for everyone\n" if schema == "main" else "## Tables, for those who work on them\n"
            )
        lines.append(f"### {name if schema == 'main' else f'core.{name}'}\n")
        lines.append(f"{comment}\n")
        lines.append("| column | type | meaning |\n|---|---|---|")
        rows = con.execute(_COLUMNS, [schema, name]).fetchall()
        lines += [f"| {column} | {kind.lower()} | {_cell(text)} |" for column, kind, text in rows]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").replace("\n", " ")


def main() -> None:
    """Print the page for the schema of this version."""
    with tempfile.TemporaryDirectory() as folder, open_store(Home(Path(folder)), owner="tables page") as con:
        sys.stdout.write(tables_page(con))


if __name__ == "__main__":
    main()

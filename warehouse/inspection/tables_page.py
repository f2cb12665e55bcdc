"""The page that documents all views and tables, made from the comments in the schema."""

import duckdb

_HEAD = """# Tables and views

Every warehouse file has the same descriptions as comments: `select * from duckdb_columns()`.

Query with `wirehouse sql`, `warehouse.connect()` in Python, or any DuckDB client on `news.duckdb`. The views
in `main` are the stable interface: they stay, and may get more columns. The tables in `core` may change.
Times are instants (`timestamptz`) in UTC; the time as printed on the page has separate columns
(`published_local`, `utc_offset_minutes`).

Full-text search: `from search('climate "green deal" elect* -sport') order by score desc limit 20` returns
article_id, score, url, title, source, language, published_at, published_on, first_seen_at. All words are
required; any script; case and accents are ignored.

A process with an open connection keeps reading the snapshot that it opened. To read the next one, close all
connections of the process and connect again.
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
    """Return the page that documents every view, table and column."""
    lines = [_HEAD]
    chapter = None
    for schema, name, comment in con.execute(_OBJECTS).fetchall():
        if schema != chapter:
            chapter = schema
            lines.append("## Views\n" if schema == "main" else "## Tables (internal)\n")
        lines.append(f"### {name if schema == 'main' else f'core.{name}'}\n")
        lines.append(f"{comment}\n")
        lines.append("| column | type | meaning |\n|---|---|---|")
        rows = con.execute(_COLUMNS, [schema, name]).fetchall()
        lines += [f"| {column} | {kind.lower()} | {_cell(text)} |" for column, kind, text in rows]
        lines.append("")
    return "\n".join(lines)


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|").replace("\n", " ")

"""What to do about an error of a query: a sentence beside DuckDB's own message, for common mistakes.

Called when a query has failed. DuckDB knows the tables behind the views and suggests them; analysts want the
views.
"""

import re

import duckdb

from warehouse.inspection.question import find_names
from warehouse.wording import suggest

_UNKNOWN_TABLE = re.compile(r"Table with name (\S+) does not exist")
_UNKNOWN_COLUMN = re.compile(r'(?:Referenced column|does not have a column named) "([^"]+)"')
_SETTING = re.compile(r'configuration option "(\w+)"')
_OPTIONS = {"memory_limit": "--memory", "max_memory": "--memory"}


def find_hint(con: duckdb.DuckDBPyConnection, message: str) -> str | None:
    """Return what to do about an error, in a sentence; None when DuckDB's message says it all."""
    try:
        if match := _UNKNOWN_TABLE.search(message):
            return _hint_of_table(con, match[1])
        if match := _UNKNOWN_COLUMN.search(message):
            return _hint_of_column(con, match[1], message)
    except duckdb.Error:  # the connection is of no more use, as in a transaction that has failed
        return None
    if "LocalFileSystem has been disabled" in message:
        return (
            "A query reads no file and writes none; -o FILE writes its result, wirehouse export everything."
        )
    if "is not an table" in message or "read-only" in message:
        return "The snapshot is read-only; a temporary table can be created and changed."
    if match := _SETTING.search(message):
        option = _OPTIONS.get(match[1])
        return f"The settings of a query are locked{f'; use the option {option}' if option else ''}."
    return None


def _hint_of_table(con: duckdb.DuckDBPyConnection, name: str) -> str:
    views = [view for (view,) in con.execute(_VIEWS).fetchall()]
    return f"There is no view '{name}'. {suggest(name, views)} wirehouse sql 'show tables' lists them."


def _hint_of_column(con: duckdb.DuckDBPyConnection, name: str, message: str) -> str | None:
    query = message.partition("\nLINE ")[2]
    if f'"{name}"' in query and name not in find_names(con):
        return f"Text stands in single quotes ('{name}'); double quotes are for names of columns."
    views = [view for (view,) in con.execute(_VIEWS_WITH_COLUMN, {"name": name}).fetchall()]
    if not views:
        return None
    where = "Join it, most often using (article_id)." if "FROM clause is missing" not in message else ""
    return f"'{name}' is a column of {' and of '.join(views)}. {where or 'Name a view after FROM.'}"


_VIEWS = """
select view_name
from duckdb_views()
where schema_name = 'main' and not internal
order by view_name
"""

_VIEWS_WITH_COLUMN = """
select table_name
from duckdb_columns()
where schema_name = 'main' and not internal and column_name = $name
order by table_name not in ('articles', 'texts'), table_name
limit 4
"""

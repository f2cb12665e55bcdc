"""Which SQL statements `wirehouse sql` runs: those that read and do not change how the process works.

The locked connection (`warehouse.store.connection.connect`) refuses files, network and most settings. DuckDB
1.5 still lets some statements turn on logs and profiles; these are refused here, before they run.
"""

import re
from collections.abc import Iterator

import duckdb

# Writing to the file is refused by the connection itself; these may create temporary tables.
_ANSWERED = frozenset(
    {
        "SELECT",
        "EXPLAIN",
        "CREATE",
        "DROP",
        "ALTER",
        "INSERT",
        "UPDATE",
        "DELETE",
        "MERGE_INTO",
        "PREPARE",
        "EXECUTE",
        "SET",
        "TRANSACTION",
        "MULTI",
        "PRAGMA",
    }
)
_ANSWERED_PRAGMAS = frozenset(
    {
        "collations",
        "database_list",
        "database_size",
        "functions",
        "metadata_info",
        "platform",
        "show",
        "show_databases",
        "show_tables",
        "show_tables_expanded",
        "storage_info",
        "table_info",
        "user_agent",
        "version",
    }
)
_SECRET = re.compile(
    r"(create|drop)(\s+(or|replace|persistent|temp|temporary|if|not|exists))*\s+secret\b", re.IGNORECASE
)
# The last two run SQL from strings, which cannot be checked before.
_REFUSED_FUNCTIONS = frozenset(
    {
        "enable_logging",
        "disable_logging",
        "truncate_duckdb_logs",
        "enable_profiling",
        "disable_profiling",
        "duckdb_secrets",
        "which_secret",
        "query",
        "json_execute_serialized_sql",
    }
)


def find_refusal(con: duckdb.DuckDBPyConnection, sql: str) -> str | None:
    """Return why the SQL is refused, as a sentence; None when it may run.

    Raises duckdb.Error for invalid SQL.
    """
    for name in _called(sql):
        if name in _REFUSED_FUNCTIONS:
            return f"{name}() is not allowed here: {_RULE}"
    try:
        statements = [(str(s.type).rpartition(".")[2], s.query) for s in con.extract_statements(sql)]
    except ValueError:  # a kind of statement that DuckDB's Python module does not know
        return f"This statement is not allowed here: {_RULE}"
    for kind, text in statements:
        if kind not in _ANSWERED:
            return f"{_first_word(text)} is not allowed here: {_RULE}"
        if kind in ("CREATE", "DROP") and _SECRET.match(_bare(text)):
            return f"A secret is not allowed here: {_RULE}"
        if kind == "PRAGMA" and _pragma(text) not in _ANSWERED_PRAGMAS:
            return f"pragma {_pragma(text)} is not allowed here: {_RULE}"
    return None


def find_names(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names that queries use: views, their columns, our functions, and SQL's keywords."""
    return [name for (name,) in con.execute(_NAMES).fetchall()]


_NAMES = """
select name
from (
    select view_name as name
    from duckdb_views()
    where schema_name = 'main' and not internal
    union
    select column_name
    from duckdb_columns()
    where schema_name = 'main' and not internal
    union
    select function_name
    from duckdb_functions()
    where schema_name = 'main' and not internal
    union
    select keyword_name
    from duckdb_keywords()
    where keyword_category = 'reserved'
)
order by name
"""

_RULE = "only statements that read the warehouse are run."


def _called(sql: str) -> Iterator[str]:
    """Yield the names before an opening parenthesis, in lower case and without quotes."""
    data = sql.encode()
    tokens = [(start, str(kind).rpartition(".")[2]) for start, kind in duckdb.tokenize(sql)]
    tokens = [(start, kind) for start, kind in tokens if kind != "comment"]
    ends = [start for start, _ in tokens[1:]]
    for (start, kind), end in zip(tokens, ends, strict=False):
        if kind in ("identifier", "keyword") and data[end : end + 1] == b"(":
            word = data[start:end].decode(errors="replace").strip()
            yield re.split(r"\s|--|/\*", word)[0].strip('"').casefold()


def _first_word(text: str) -> str:
    return (_bare(text).split() or ["This"])[0].lower()


def _pragma(text: str) -> str:
    name = re.match(r"pragma\s+\"?(\w+)", _bare(text), re.IGNORECASE)
    return name[1].lower() if name else "of this form"


def _bare(text: str) -> str:
    """Return a statement without comments, starting with its first word."""
    return re.sub(r"--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL).strip(" \t\r\n;")

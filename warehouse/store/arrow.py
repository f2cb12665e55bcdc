"""Arrow tables and sets of ids as relations that a statement can join with; results as Arrow."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import duckdb
import pyarrow as pa

ID_SET = "some_id"  # the temporary table that `id_set` fills; its column is article_id


@contextmanager
def registered(con: duckdb.DuckDBPyConnection, **tables: pa.Table) -> Iterator[None]:
    """Let statements inside the block read the Arrow tables under their names."""
    for name, table in tables.items():
        con.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            con.unregister(name)


Value = str | int | date | list[int] | None


def relation(
    con: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, Value]
) -> duckdb.DuckDBPyRelation:
    """Return a query as a relation, with literals for its parameters `$name`; it gives a stream of Arrow.

    With parameters the result would be collected in rows first, which takes 25 times as long for lists of
    lists.
    """
    return con.sql(re.sub(r"\$(\w+)", lambda match: _literal(values[match[1]]), sql))


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, date):
        return f"date '{value.isoformat()}'"
    return "null" if value is None else str(value)


@contextmanager
def id_set(con: duckdb.DuckDBPyConnection, article_ids: Iterable[str]) -> Iterator[None]:
    """Put the ids into the temporary table ID_SET, for the statements inside the block."""
    con.execute(_FILL_ID_SET, [",".join(sorted(set(article_ids)))])
    yield


# A text instead of an Arrow table: registering a table costs more than splitting a text of a few hundred ids.
_FILL_ID_SET = f"""
create or replace temp table {ID_SET} as
select cast(unnest(string_split(nullif(?, ''), ',')) as uuid) as article_id
"""

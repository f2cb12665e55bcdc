"""Sets of ids and small Arrow tables as names that a statement can join with."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa


@contextmanager
def registered(con: duckdb.DuckDBPyConnection, **tables: pa.Table) -> Iterator[None]:
    """Let statements inside read the Arrow tables under their names."""
    for name, table in tables.items():
        con.register(name, table)
    try:
        yield
    finally:
        for name in tables:
            con.unregister(name)


@contextmanager
def id_set(con: duckdb.DuckDBPyConnection, article_ids: Iterable[str]) -> Iterator[None]:
    """Put the ids into the temporary table some_id, for the statements inside."""
    table = pa.table({"article_id": pa.array(sorted(set(article_ids)), pa.string())})
    with registered(con, some_id_text=table):
        con.execute(_SOME_ID)
    yield


_SOME_ID = """
create or replace temp table some_id as
select cast(article_id as uuid) as article_id
from some_id_text
"""

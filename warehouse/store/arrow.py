"""Arrow tables and sets of ids as relations that a statement can join with."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

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


@contextmanager
def id_set(con: duckdb.DuckDBPyConnection, article_ids: Iterable[str]) -> Iterator[None]:
    """Put the ids into the temporary table ID_SET, for the statements inside the block."""
    table = pa.table({"article_id": pa.array(sorted(set(article_ids)), pa.string())})
    with registered(con, some_id_text=table):
        con.execute(_FILL_ID_SET)
    yield


_FILL_ID_SET = f"""
create or replace temp table {ID_SET} as
select cast(article_id as uuid) as article_id
from some_id_text
"""

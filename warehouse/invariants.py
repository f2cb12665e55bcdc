"""Invariants that are checked in the transaction of each load, in place of constraints.

Uniqueness depends on the writer's lock and these checks, so that the same SQL also works where there are
neither primary keys nor unique indexes.
"""

import duckdb

from warehouse.batch_tables import BATCH
from warehouse.errors import WarehouseCorrupt


def assert_batch_unique(con: duckdb.DuckDBPyConnection) -> None:
    """Raise WarehouseCorrupt when an article of the batch is not stored exactly once."""
    for table, wanted in _UNIQUE.items():
        n_rows, n_wanted = con.execute(wanted).fetchall()[0]
        if n_rows != n_wanted:
            raise WarehouseCorrupt(
                f"After the load core.{table} has {n_rows} rows for {n_wanted} keys of the batch. "
                "The load was undone. Run wirehouse doctor."
            )


def count_rows(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the number of rows of the tables that a load's record keeps, to check against."""
    return {
        table: con.execute(f"select count(*) from core.{table}").fetchall()[0][0]
        for table in ("article", "revision")
    }


_UNIQUE = {
    "article": f"""
        select
            (
                select count(*)
                from core.article
                join {BATCH.final} using (article_id, seen_on)
            ),
            (select count(*) from {BATCH.final})
    """,
    "article_text": f"""
        select
            (
                select count(*)
                from core.article_text
                join {BATCH.final} using (article_id, seen_on)
            ),
            (select count(*) from {BATCH.final})
    """,
    "revision": f"""
        select
            (
                select count(*)
                from core.revision
                join {BATCH.final} using (article_id, seen_on)
            ),
            (select count(*) from {BATCH.revisions})
    """,
}

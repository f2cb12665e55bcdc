"""Delete old rows that nothing needs any more.

Deleted are records of operation. Kept is what an article, a page or a later run depends on:
- requests that gave a page: they are the index of the archive, for replay, rebuild and `forget`;
- the latest answer of each page with its validators, so that a recheck costs a 304;
- entries: the known keys, without which pages would be fetched again, and the evidence of the ledger;
- rejects that are open, or whose page gave no article: without them a dead link would count as new again;
- runs and loads: small, and each row names the load that brought it.
"""

import json
from collections.abc import Mapping
from datetime import datetime

import duckdb

from warehouse.records.outcome import Counts
from warehouse.runs import end_run, start_run


def count_prunable(con: duckdb.DuckDBPyConnection, before: datetime) -> dict[str, int]:
    """Return how many rows a prune would delete, by table."""
    return {
        table: int(
            con.execute(f"select count(*) from core.{table} as t where {old}", {"before": before}).fetchall()[
                0
            ][0]
        )
        for table, old in _OLD.items()
    }


def prune_rows(con: duckdb.DuckDBPyConnection, before: datetime) -> dict[str, int]:
    """Delete the rows; return how many were deleted, by table. Call it inside a transaction."""
    return {
        table: int(
            con.execute(f"delete from core.{table} as t where {old}", {"before": before}).fetchall()[0][0]
        )
        for table, old in _OLD.items()
    }


def record_prune(
    con: duckdb.DuckDBPyConnection, parameters: Mapping[str, object], removed: Mapping[str, object]
) -> str:
    """Record as a run what was removed, in the same transaction; return the run's id."""
    run_id = start_run(con, "prune", parameters=json.dumps(parameters))
    con.execute("update core.run set removed = ? where run_id = ?", [json.dumps(removed), run_id])
    end_run(con, run_id, "completed", Counts())
    return run_id


_OLD = {
    "fetch": """
        t.started_at < $before
        and t.archive_file is null
        and (t.url, t.started_at) not in (
            select (url, max(started_at))
            from core.fetch
            where outcome in ('ok', 'not_modified') and body_sha256 is not null
            group by url
        )
    """,
    "reject": """
        t.resolved_at < $before
        and (
            t.step = 'poll' and t.item = t.feed_url
            or t.url_key in (select url_key from core.article)
            or t.url_key in (select url_key from core.url_alias)
        )
    """,
    # A run is rolled back as a whole or not at all.
    "superseded": """
        t.run_id in (
            select run_id
            from core.superseded
            group by run_id
            having max(superseded_at) < $before
        )
    """,
}

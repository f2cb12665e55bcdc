"""Which pages a backfill need not fetch: stored, forgotten, rejected for good, or in the archive."""

from collections.abc import Iterable
from datetime import datetime

import duckdb
import pyarrow as pa

from warehouse.pages.pages import MAX_RETRY_WAIT
from warehouse.records.page import ArchiveRef
from warehouse.store.arrow import registered


def find_done_keys(con: duckdb.DuckDBPyConnection, url_keys: Iterable[str], now: datetime) -> set[str]:
    """Return those of the keys that are stored, forgotten, archived, or rejected for good."""
    keys = pa.table({"url_key": pa.array(list(url_keys), pa.string())})
    with registered(con, stage_key=keys):
        rows = con.execute(_DONE, {"now": now, "max_retry_wait": MAX_RETRY_WAIT}).fetchall()
    return {key for (key,) in rows}


def find_unstored_pages(con: duckdb.DuckDBPyConnection, source: str) -> list[ArchiveRef]:
    """Return a source's archived pages without article or reject: outside an earlier backfill's range."""
    rows = con.execute(_UNSTORED, {"source": source}).fetchall()
    return [ArchiveRef(*row) for row in rows]


def find_backfilled_since(con: duckdb.DuckDBPyConnection, source: str, since: datetime) -> int:
    """Return how many pages backfills have requested from a source since a time."""
    return int(
        con.execute(
            "select count(*) from core.fetch"
            " where source = $source and reason = 'backfill' and started_at >= $since",
            {"source": source, "since": since},
        ).fetchall()[0][0]
    )


_DONE = """
select distinct k.url_key
from stage_key as k
where
    k.url_key in (select url_key from core.article)
    or k.url_key in (select url_key from core.url_alias)
    or k.url_key in (select url_key from core.forgotten)
    or k.url_key in (select url_key from core.fetch where outcome = 'ok' and archive_file is not null)
    or k.url_key in (
        select url_key
        from core.reject
        where
            resolved_at is null
            and url_key is not null
            and (next_try_at is null or next_try_at > $now and next_try_at <= $now + $max_retry_wait)
    )
"""

_UNSTORED = """
select f.archive_file, f.archive_offset, f.archive_length
from core.fetch as f
anti join core.article as a using (url_key)
anti join core.url_alias as x using (url_key)
anti join core.forgotten as g using (url_key)
anti join (
    select url_key
    from core.reject
    where resolved_at is null and url_key is not null
) as r using (url_key)
where f.source = $source and f.outcome = 'ok' and f.archive_file is not null
qualify row_number() over (partition by f.url_key order by f.started_at desc) = 1
order by f.archive_file, f.archive_offset
"""

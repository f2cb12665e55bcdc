"""Which pages a backfill need not fetch: stored, forgotten, rejected for good, or in the archive."""

from collections.abc import Iterable
from datetime import date, datetime

import duckdb
import pyarrow as pa

from warehouse.pages.pages import MAX_RETRY_WAIT
from warehouse.records.outcome import PageOutcomes
from warehouse.records.page import ArchiveRef
from warehouse.store.arrow import registered


def find_done_keys(con: duckdb.DuckDBPyConnection, url_keys: Iterable[str], now: datetime) -> set[str]:
    """Return those of the keys that are stored, forgotten, archived, or rejected for good."""
    keys = pa.table({"url_key": pa.array(list(url_keys), pa.string())})
    with registered(con, stage_key=keys):
        rows = con.execute(_DONE, {"now": now, "max_retry_wait": MAX_RETRY_WAIT}).fetchall()
    return {key for (key,) in rows}


def find_page_outcomes(
    con: duckdb.DuckDBPyConnection, url_keys: Iterable[str], since: date, until: date
) -> PageOutcomes:
    """Return what became of the pages with these keys that may be in a range of days, both inclusive."""
    keys = pa.table({"url_key": pa.array(list(url_keys), pa.string())})
    with registered(con, stage_key=keys):
        rows = con.execute(_OUTCOMES, {"since": since, "until": until}).fetchall()
    counts = {outcome: n for outcome, reason, n in rows if reason is None}
    return PageOutcomes(
        counts.get("stored", 0) + counts.get("undated", 0),
        counts.get("undated", 0),
        counts.get("outside", 0),
        counts.get("forgotten", 0),
        {reason: n for _, reason, n in rows if reason is not None},
        counts.get("left", 0),
    )


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

_OUTCOMES = """
with article as (
    select
        k.url_key,
        a.published_on
    from stage_key as k
    join core.article as a on a.url_key = k.url_key
    union
    select
        k.url_key,
        a.published_on
    from stage_key as k
    join core.url_alias as x on x.url_key = k.url_key
    join core.article as a on a.article_id = x.article_id
),
page as (
    select
        k.url_key,
        case
            when a.published_on between $since and $until then 'stored'
            when a.published_on is not null then 'outside'
            when a.url_key is not null then 'undated'
            when k.url_key in (select url_key from core.forgotten) then 'forgotten'
            when r.url_key is not null then 'rejected'
            when k.url_key in (
                select url_key from core.fetch where outcome = 'ok' and archive_file is not null
            ) then 'outside'
            else 'left'
        end as outcome,
        r.error_class
    from stage_key as k
    left join (
        select
            url_key,
            max(published_on) as published_on
        from article
        group by url_key
    ) as a on a.url_key = k.url_key
    left join (
        select
            url_key,
            max_by(error_class, last_at) as error_class
        from core.reject
        where resolved_at is null and url_key is not null
        group by url_key
    ) as r on r.url_key = k.url_key
)
select
    outcome,
    case when outcome = 'rejected' then error_class end as reason,
    count(*) as n
from page
group by all
order by n desc, reason
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

"""Items that failed: one row for each item and step, counted, resolved when it goes through.

An item that fails at a later step than before has got past the earlier one: its earlier row
is resolved, so that an item has at most one open row.
"""

from collections.abc import Sequence

import duckdb

from warehouse.records import Reject
from warehouse.staging import REJECT, arrow_table, staged


def load_rejects(con: duckdb.DuckDBPyConnection, rejects: Sequence[Reject], load_id: str) -> int:
    """Add or count the rejects; return how many were news. The same ones again change nothing."""
    if not rejects:
        return 0
    with staged(con, stage_reject=arrow_table(REJECT, rejects)):
        con.execute(_STAGE)
    con.execute(_UPDATE, [load_id])
    news = con.execute("select count(*) from incoming_reject where is_news").fetchall()[0][0]
    con.execute(_INSERT, [load_id])
    con.execute(_SUPERSEDE)
    return int(news)


def resolve_stored(con: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Resolve what the articles of `incoming_article` had failed at before they were fetched."""
    con.execute(_RESOLVE_STORED, [load_id])


def resolve_feeds(con: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Resolve the failures of feeds in `incoming_state` that now answer well."""
    con.execute(_RESOLVE_FEEDS, [load_id])


_STAGE = """
create or replace temp table incoming_reject as
with item as (
    select
        cast(left(sha256(source || chr(10) || item || chr(10) || step), 32) as uuid) as reject_id,
        min(failed_at) over (partition by source, item, step) as first_at,
        count(*) over (partition by source, item, step) as n,
        *
    from stage_reject
)
select
    i.* exclude (n),
    i.n + coalesce(r.attempts, 0) as attempts,
    r.reject_id is not null as is_stored,
    r.reject_id is null or i.failed_at > r.last_at as is_news
from item as i
left join core.reject as r using (reject_id)
qualify row_number() over (partition by i.reject_id order by i.failed_at desc, i.item_no desc) = 1
"""

_UPDATE = """
update core.reject as r
set
    error_class = i.error_class,
    reason = i.reason,
    url = i.url,
    feed_url = i.feed_url,
    archive_file = i.archive_file,
    archive_offset = i.archive_offset,
    archive_length = i.archive_length,
    attempts = i.attempts,
    last_at = i.failed_at,
    next_try_at = i.next_try_at,
    resolved_at = null,
    load_id = ?
from incoming_reject as i
where r.reject_id = i.reject_id and i.is_stored and i.is_news
"""

_INSERT = """
insert into core.reject (
    reject_id, source, item, step, error_class, reason, url, url_key, feed_url,
    archive_file, archive_offset, archive_length, attempts, first_at, last_at, next_try_at, load_id
)
select
    reject_id, source, item, step, error_class, reason, url, url_key, feed_url,
    archive_file, archive_offset, archive_length, attempts, first_at, failed_at, next_try_at, ?
from incoming_reject
where not is_stored
"""

_SUPERSEDE = """
update core.reject as r
set resolved_at = i.failed_at
from incoming_reject as i
where
    r.source = i.source
    and r.item = i.item
    and r.step <> i.step
    and r.resolved_at is null
    and r.last_at < i.failed_at
    and i.is_news
"""

_RESOLVE_STORED = """
update core.reject as r
set
    resolved_at = i.fetched_at,
    load_id = ?
from (
    select page_key as item, max(fetched_at) as fetched_at
    from incoming_article
    group by page_key
) as i
where r.url_key = i.item and r.resolved_at is null and r.last_at <= i.fetched_at + interval '1 hour'
"""

_RESOLVE_FEEDS = """
update core.reject as r
set
    resolved_at = i.last_ok_at,
    load_id = ?
from incoming_state as i
where
    r.item = i.feed_url
    and r.step = 'poll'
    and r.resolved_at is null
    and i.error_class is null
    and i.last_ok_at >= r.last_at
"""

"""Items that failed: one row per item and step, with a count of attempts; resolved when the item succeeds.

An item that fails at a later step than before has passed the earlier one: its earlier row is resolved, so
that an item has at most one open row.
"""

from collections.abc import Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from warehouse.batch_tables import BATCH
from warehouse.store.arrow import registered


def load_rejects(con: duckdb.DuckDBPyConnection, rejects: pa.Table, load_id: str) -> int:
    """Add the rejects, or count them as further attempts; return how many were new. Idempotent."""
    if not rejects.num_rows:
        return 0
    with registered(con, stage_reject=rejects):
        con.execute(_STAGE)
    con.execute(_UPDATE, [load_id])
    n_new = con.execute("select count(*) from incoming_reject where is_news").fetchall()[0][0]
    con.execute(_INSERT, [load_id])
    con.execute(_SUPERSEDE)
    return int(n_new)


def resolve_stored(con: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Resolve the earlier rejects of the pages that gave the articles of the batch."""
    if con.execute(_COUNT_OPEN).fetchall()[0][0]:
        con.execute(_RESOLVE_STORED, [load_id])


def resolve_unchanged(con: duckdb.DuckDBPyConnection, fetches: pa.Table, load_id: str) -> None:
    """Resolve the failed requests for stored pages that now answer as before."""
    with registered(con, stage_fetch=fetches):
        con.execute(_RESOLVE_UNCHANGED, [load_id])


def resolve_feeds(con: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Resolve the rejects of the feeds of the batch that now answer."""
    con.execute(_RESOLVE_FEEDS, [load_id])


def has_open_polls(con: duckdb.DuckDBPyConnection, source: str, urls: Sequence[str]) -> bool:
    """Say whether one of these feeds or index pages of a source has an open reject."""
    statement = f"select count(*) from core.reject as r where {_OPEN_POLL}"
    ((n_open,),) = con.execute(statement, [source, urls]).fetchall()
    return bool(n_open)


def resolve_indexes(con: duckdb.DuckDBPyConnection, source: str, urls: Sequence[str], at: datetime) -> None:
    """Resolve the rejects of a source's index pages that a backfill has now read."""
    con.execute(f"update core.reject as r set resolved_at = ? where {_OPEN_POLL}", [at, source, urls])


_OPEN_POLL = """
r.source = ?
and r.step = 'poll'
and r.resolved_at is null
and r.url_key is null
and r.item in (select unnest(?::text[]))
"""

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

_COUNT_OPEN = f"""
select count(*)
from core.reject
where resolved_at is null and url_key in (select page_key from {BATCH.incoming})
"""

_RESOLVE_STORED = f"""
update core.reject as r
set
    resolved_at = i.fetched_at,
    load_id = ?
from (
    select page_key as item, max(fetched_at) as fetched_at
    from {BATCH.incoming}
    group by page_key
) as i
where r.url_key = i.item and r.resolved_at is null and r.last_at <= i.fetched_at + interval '1 hour'
"""

# Of this step only: what extraction refused may be the very page that has not changed.
_RESOLVE_UNCHANGED = """
update core.reject as r
set
    resolved_at = i.started_at,
    load_id = ?
from (
    select url_key, max(started_at) as started_at
    from stage_fetch
    where outcome = 'not_modified' and url_key is not null
    group by url_key
) as i
where r.url_key = i.url_key and r.step = 'fetch' and r.resolved_at is null and r.last_at < i.started_at
"""

_RESOLVE_FEEDS = f"""
update core.reject as r
set
    resolved_at = i.last_ok_at,
    load_id = ?
from {BATCH.feed_states} as i
where
    r.item = i.feed_url
    and r.step = 'poll'
    and r.resolved_at is null
    and i.error_class is null
    and i.last_ok_at >= r.last_at
"""


def find_rejects(
    con: duckdb.DuckDBPyConnection,
    *,
    sources: Sequence[str] | None = None,
    step: str | None = None,
    which: str | None = None,
    with_resolved: bool = False,
) -> list[dict[str, object]]:
    """Return the matching rejects, latest first; `which` is the start of an id, or a URL."""
    result = con.execute(
        f"{_FIND} where {_FITS} and ($with_resolved or resolved_at is null) order by last_at desc, reject_id",
        {**_choice(sources, step, which), "with_resolved": with_resolved},
    )
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def count_open_rejects(con: duckdb.DuckDBPyConnection) -> int:
    """Return the number of items that failed and have not succeeded since."""
    return int(con.execute("select count(*) from core.reject where resolved_at is null").fetchall()[0][0])


def retry_rejects(
    con: duckdb.DuckDBPyConnection,
    *,
    now: datetime,
    sources: Sequence[str] | None = None,
    step: str | None = None,
    which: str | None = None,
) -> int:
    """Make the matching open rejects due now; return their number. Feeds become due as well."""
    choice = {**_choice(sources, step, which), "now": now}
    # Rows of an imported file and invalid links of feeds have no URL to fetch.
    is_retried = f"resolved_at is null and (url_key is not null or item = feed_url) and {_FITS}"
    con.execute(
        "update core.feed_state set next_due_at = $now, stopped_at = null where feed_url in"
        f" (select item from core.reject where step = 'poll' and {is_retried})",
        choice,
    )
    changed = con.execute(f"update core.reject set next_try_at = $now where {is_retried}", choice)
    return int(changed.fetchall()[0][0])


def _choice(sources: Sequence[str] | None, step: str | None, which: str | None) -> dict[str, object]:
    return {"sources": list(sources) if sources else None, "step": step, "which": which}


_FITS = """(
    ($sources is null or source in (select unnest($sources::text[])))
    and ($step is null or step = $step)
    and (
        $which is null
        or starts_with(cast(reject_id as text), lower($which))
        or url = $which
        or feed_url = $which
        or item = $which
    )
)"""

_FIND = """
select
    reject_id, source, step, error_class, reason, url, feed_url, attempts, first_at, last_at, next_try_at,
    resolved_at, archive_file, archive_offset
from core.reject
"""

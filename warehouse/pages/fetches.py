"""Requests for pages and feeds, one row each."""

import duckdb
import pyarrow as pa

from warehouse.store.arrow import registered
from warehouse.store.staging import FETCH

_NAMES = ", ".join(FETCH)

_INSERT = f"""
insert into core.fetch (load_id, run_id, {_NAMES})
select $load_id, $run_id, {", ".join(f"i.{name}" for name in FETCH)}
from stage_fetch as i
anti join (
    select url, started_at
    from core.fetch
    where started_at >= (select min(started_at) from stage_fetch)
) as f using (url, started_at)
qualify row_number() over (partition by i.url, i.started_at order by i.item_no) = 1
"""

# A requested page counts as checked whatever the answer, so that it is not due again at once. A page that
# answers 304 is not gone. A URL that now redirects to another article has both: the article stored under it
# before, and the one that it leads to. A request for it counts for both, or the first would stay due.
_FIND_CHECKED = """
create or replace temp table checked_article as
select a.article_id, a.seen_on, i.started_at, i.same_at
from core.article as a
join {known} using (article_id, seen_on)
join (
    select
        article_id,
        max(started_at) as started_at,
        max(started_at) filter (outcome = 'not_modified') as same_at
    from (
        select cast(left(sha256(url_key), 32) as uuid) as article_id, started_at, outcome
        from stage_fetch
        where url_key is not null
        union all
        select x.article_id, s.started_at, s.outcome
        from stage_fetch as s
        join core.url_alias as x using (url_key)
    )
    group by article_id
) as i using (article_id)
where a.checked_at < i.started_at
"""

_CHECKED = """
update core.article as a
set
    checked_at = i.started_at,
    gone_at = case when i.same_at > a.gone_at then null else a.gone_at end
from checked_article as i
where a.article_id = i.article_id and a.seen_on = i.seen_on
"""


def load_fetches(con: duckdb.DuckDBPyConnection, fetches: pa.Table, run_id: str, load_id: str) -> None:
    """Add the requests that are not stored yet."""
    if fetches.num_rows:
        with registered(con, stage_fetch=fetches):
            con.execute(_INSERT, {"load_id": load_id, "run_id": run_id})


def mark_checked(con: duckdb.DuckDBPyConnection, fetches: pa.Table, known: str) -> None:
    """Mark the articles whose pages were requested as checked.

    `known` is the temporary table with article_id and seen_on of those that are stored.
    """
    with registered(con, stage_fetch=fetches):
        con.execute(_FIND_CHECKED.format(known=known))
    if con.execute("select count(*) from checked_article").fetchall()[0][0]:
        con.execute(_CHECKED)

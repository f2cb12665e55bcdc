"""Leads: the beginning of each text, kept apart so that a page of results never unpacks bodies.

Brought up to date under the writer's lock before a snapshot is published. Derived from
`core.article_text`; a re-extracted or cleaned text gets a new lead, a removed article loses its own.
"""

import duckdb

from warehouse.store.days import rows_by_day

LEADS_AT_ONCE = 4_000  # the engine may hold the texts of all articles that it joins


def refresh_leads(con: duckdb.DuckDBPyConnection) -> None:
    """Drop leads that are stale or whose article is gone, and add those that are missing."""
    con.execute(_DROP_STALE)
    con.execute(_MISSING)
    ((n,),) = con.execute("select count(*) from missing_lead").fetchall()
    for start in range(0, n, LEADS_AT_ONCE):
        con.execute(_SOME_MISSING, {"start": start, "end": start + LEADS_AT_ONCE})
        con.execute(_ADD)


_DROP_STALE = """
delete from core.lead
where article_id in (
    select l.article_id
    from core.lead as l
    left join core.article as a using (article_id)
    where a.load_id is distinct from l.load_id
)
"""

_MISSING = """
create or replace temp table missing_lead as
select
    article_id,
    seen_on,
    load_id,
    row_number() over (order by load_id, article_id) - 1 as place
from core.article
anti join core.lead using (article_id)
"""

_SOME_MISSING = """
create or replace temp table some_missing_lead as
from missing_lead
where place >= $start and place < $end
"""

_ADD = rf"""
insert into core.lead (article_id, load_id, lead)
select
    t.article_id,
    m.load_id,
    coalesce(nullif(regexp_extract(t.body, '[^\n]{{41,500}}'), ''), left(t.body, 500)) as lead
from (
    select article_id, coalesce(cleaned_body, body) as body
    from core.article_text
    where {rows_by_day("article_text", "some_missing_lead")}
) as t
join some_missing_lead as m using (article_id)
order by m.load_id, t.article_id
"""

"""Leads: the beginning of each text, kept apart so that a page of results never unpacks bodies.

Brought up to date under the writer's lock before a snapshot is published. Derived from
`core.article_text`; a re-extracted or cleaned text gets a new lead, a removed article loses its own.
"""

import duckdb

from warehouse.store.days import rows_by_day


def refresh_leads(con: duckdb.DuckDBPyConnection) -> None:
    """Drop leads that are stale or whose article is gone, and add those that are missing."""
    con.execute(_DROP_STALE)
    con.execute(_ADD_MISSING)


_DROP_STALE = """
delete from core.lead
where article_id in (
    select l.article_id
    from core.lead as l
    left join core.article as a using (article_id)
    where a.load_id is distinct from l.load_id
)
"""

_ADD_MISSING = rf"""
insert into core.lead (article_id, load_id, lead)
with missing as materialized (
    select article_id, seen_on, load_id
    from core.article
    anti join core.lead using (article_id)
)
select
    t.article_id,
    m.load_id,
    coalesce(nullif(regexp_extract(t.body, '[^\n]{{41,500}}'), ''), left(t.body, 500)) as lead
from (
    select article_id, coalesce(cleaned_body, body) as body
    from core.article_text
    where {rows_by_day("article_text", "missing")}
) as t
join missing as m using (article_id)
order by m.load_id, t.article_id
"""

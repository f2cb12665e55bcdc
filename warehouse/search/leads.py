"""Leads: the beginning of each text, kept apart so that a page of results never unpacks bodies.

Brought up to date under the writer's lock before a snapshot is published. Derived from
`core.article_text`; a re-extracted or cleaned text gets a new lead, a removed article loses its own.
"""

import duckdb


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

# By row number: joined by article_id, every text of the store would be unpacked to find these few.
_ADD_MISSING = r"""
insert into core.lead (article_id, load_id, lead)
select
    t.article_id,
    a.load_id,
    coalesce(nullif(regexp_extract(t.body, '[^\n]{41,500}'), ''), left(t.body, 500)) as lead
from (
    select article_id, coalesce(cleaned_body, body) as body
    from core.article_text
    where rowid in (select i.rowid from core.article_text as i anti join core.lead using (article_id))
) as t
join core.article as a using (article_id)
order by a.load_id, t.article_id
"""

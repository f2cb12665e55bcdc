"""The listing: one narrow row per article, with all that a page of results counts, sorts and folds by.

Brought up to date under the writer's lock before a snapshot is published, after the index. Stories are
summed here, so that a page of results reads neither articles nor members of stories for its counts.
"""

import duckdb


def refresh_listing(con: duckdb.DuckDBPyConnection) -> None:
    """Replace the rows that differ from what the articles, the index and the stories say."""
    con.execute(_STALE)
    con.execute(_DROP)
    con.execute(_ADD)
    con.execute("drop table temp.listed_anew")


# An article that is gone has no row any more; one that is new or has changed is in `listed_anew`.
_STALE = """
create or replace temp table listed_anew as
with copies as (
    select m.story_id, count(*) as n_articles, count(distinct a.source) as n_sources
    from core.story_member as m
    join core.article as a using (article_id)
    group by m.story_id
)
select
    d.doc_no,
    a.article_id,
    coalesce(m.story_id, a.article_id) as story_id,
    a.source,
    coalesce(a.language, 'unknown') as language,
    coalesce(a.published_on, a.first_seen_at::date) as day,
    coalesce(a.published_at, a.published_on::timestamp at time zone 'UTC', a.first_seen_at) as sort_at,
    (a.n_revisions - 1)::integer as n_edits,
    coalesce(c.n_articles - 1, 0)::integer as n_copies,
    coalesce(c.n_sources - 1, 0)::integer as n_other_sources
from core.article as a
left join core.search_document as d using (article_id)
left join core.story_member as m using (article_id)
left join copies as c on c.story_id = m.story_id
except
select
    doc_no, article_id, story_id, source, language, day, sort_at, n_edits, n_copies, n_other_sources
from core.listing
"""

_DROP = """
delete from core.listing
where
    article_id in (select article_id from temp.listed_anew)
    or article_id not in (select article_id from core.article)
"""

_ADD = """
insert into core.listing (
    doc_no, article_id, story_id, source, language, day, sort_at, n_edits, n_copies, n_other_sources
)
select
    doc_no, article_id, story_id, source, language, day, sort_at, n_edits, n_copies, n_other_sources
from temp.listed_anew
order by doc_no
"""

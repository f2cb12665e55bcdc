"""Revisions: each title and text that an article has had; and its current text.

Called by the load of articles; reads the temporary tables of `warehouse/batch_tables.py`. The current text is
stored once, in core.article_text; a revision has its own text only when another one is current.
"""

import duckdb

from warehouse.batch_tables import BATCH
from warehouse.store.days import rows_by_day


def load_revisions(con: duckdb.DuckDBPyConnection, load_id: str) -> None:
    """Number the revisions of the batch's articles by time, and add the new ones."""
    con.execute(_NUMBERED)
    con.execute(_INSERT, [load_id])


def load_texts(con: duckdb.DuckDBPyConnection) -> None:
    """Add the texts of new articles."""
    con.execute(_INSERT_TEXTS)


def renumber_revisions(con: duckdb.DuckDBPyConnection) -> None:
    """Give stored revisions their new numbers and times."""
    con.execute(_UPDATE)


def replace_texts(con: duckdb.DuckDBPyConnection) -> None:
    """Replace the texts of stored articles that have a new one; the text before moves to its revision."""
    con.execute(_REPLACED)
    if con.execute("select count(*) from replaced_text").fetchall()[0][0]:
        for statement in _REPLACE_TEXTS:
            con.execute(statement)


_NUMBERED = f"""
create or replace temp table {BATCH.revisions} as
with arrived as (
    select
        article_id,
        content_sha256,
        title,
        min(fetched_at) as seen_at,
        max(fetched_at) as last_seen_at,
        arg_max(item_no, (fetched_at, -item_no)) as item_no,
        arg_min(item_no, (fetched_at, item_no)) as first_item_no
    from {BATCH.incoming}
    group by article_id, content_sha256, title
),
stored as (
    select article_id, content_sha256, title, seen_at, last_seen_at, revision_no, change
    from core.revision
    join (
        select article_id, seen_on
        from {BATCH.final}
        where is_stored
    ) using (article_id, seen_on)
),
both_sets as (
    select
        coalesce(n.article_id, s.article_id) as article_id,
        coalesce(n.content_sha256, s.content_sha256) as content_sha256,
        coalesce(n.title, s.title) as title,
        least(n.seen_at, s.seen_at) as seen_at,
        greatest(n.last_seen_at, s.last_seen_at) as last_seen_at,
        case when s.last_seen_at is null or n.last_seen_at > s.last_seen_at then n.item_no end as item_no,
        case when s.seen_at is null or n.seen_at < s.seen_at then n.first_item_no end as first_item_no,
        s.article_id is not null as is_stored,
        s.seen_at as old_seen_at,
        s.last_seen_at as old_last_seen_at,
        s.revision_no as old_revision_no,
        s.change as old_change
    from arrived as n
    full join stored as s
        on s.article_id = n.article_id and s.content_sha256 = n.content_sha256 and s.title = n.title
),
placed as (
    select
        *,
        row_number() over before as revision_no,
        lag(content_sha256) over before as content_before,
        lag(title) over before as title_before
    from both_sets
    window before as (partition by article_id order by seen_at, content_sha256, title)
)
select
    p.* exclude (content_before, title_before),
    a.seen_on,
    case
        when p.revision_no = 1 then 'first'
        when p.content_before = p.content_sha256 then 'title'
        when p.title_before = p.title then 'body'
        else 'both'
    end as change,
    (a.content_sha256 = p.content_sha256 and a.title = p.title) as is_current
from placed as p
join {BATCH.final} as a using (article_id)
"""

_INSERT = f"""
insert into core.revision (
    article_id, content_sha256, title, revision_no, change, seen_at, last_seen_at, modified_at, word_count,
    body, archive_file, archive_offset, archive_length, seen_on, load_id
)
select
    n.article_id, n.content_sha256, n.title, n.revision_no, n.change, n.seen_at, n.last_seen_at,
    f.modified_at, f.word_count, case when not n.is_current then s.body end,
    f.archive_file, f.archive_offset, f.archive_length, n.seen_on, ?
from {BATCH.revisions} as n
join {BATCH.incoming} as f on f.item_no = n.first_item_no
join {BATCH.staged} as s on s.item_no = n.item_no
where not n.is_stored
"""

_UPDATE = f"""
update core.revision as r
set
    revision_no = n.revision_no,
    change = n.change,
    seen_at = n.seen_at,
    last_seen_at = n.last_seen_at,
    modified_at = case when n.first_item_no is null then r.modified_at else f.modified_at end,
    archive_file = case when n.first_item_no is null then r.archive_file else f.archive_file end,
    archive_offset = case when n.first_item_no is null then r.archive_offset else f.archive_offset end,
    archive_length = case when n.first_item_no is null then r.archive_length else f.archive_length end
from {BATCH.revisions} as n
left join {BATCH.incoming} as f on f.item_no = n.first_item_no
where
    r.article_id = n.article_id
    and r.seen_on = n.seen_on
    and r.content_sha256 = n.content_sha256
    and r.title = n.title
    and n.is_stored
    and (n.revision_no, n.change, n.seen_at, n.last_seen_at)
        is distinct from (n.old_revision_no, n.old_change, n.old_seen_at, n.old_last_seen_at)
"""

# By row number, before any join: otherwise the texts of all these days are decompressed.
_REPLACED = f"""
create or replace temp table replaced_text as
with read_again as materialized (
    select article_id, seen_on
    from {BATCH.final}
    where is_stored and item_no is not null
),
old_text as materialized (
    select article_id, body
    from core.article_text
    where {rows_by_day("article_text", "read_again")}
)
select t.article_id, a.seen_on, t.body
from old_text as t
join {BATCH.final} as a using (article_id)
join {BATCH.staged} as s using (item_no)
where
    t.body <> s.body
    or (a.old_content_sha256, a.old_title) is distinct from (a.content_sha256, a.title)
"""

_REPLACE_TEXTS = (
    # the text that was current before the load
    f"""
    update core.revision as r
    set body = t.body
    from replaced_text as t
    join {BATCH.final} as a using (article_id)
    where
        r.article_id = a.article_id
        and r.seen_on = a.seen_on
        and r.content_sha256 = a.old_content_sha256
        and r.title = a.old_title
        and (a.old_content_sha256, a.old_title) is distinct from (a.content_sha256, a.title)
    """,
    # the text that is current after it, where an older revision has it
    f"""
    update core.revision as r
    set body = null
    from {BATCH.revisions} as n
    where
        r.article_id = n.article_id
        and r.seen_on = n.seen_on
        and r.content_sha256 = n.content_sha256
        and r.title = n.title
        and n.is_current
        and n.is_stored
        and r.body is not null
    """,
    """
    delete from core.article_text as t
    using replaced_text as o
    where t.article_id = o.article_id and t.seen_on = o.seen_on
    """,
    f"""
    insert into core.article_text (article_id, body, seen_on)
    select a.article_id, s.body, a.seen_on
    from {BATCH.final} as a
    join {BATCH.staged} as s using (item_no)
    where a.article_id in (select article_id from replaced_text)
    """,
)

_INSERT_TEXTS = f"""
insert into core.article_text (article_id, body, seen_on)
select a.article_id, s.body, a.seen_on
from {BATCH.final} as a
join {BATCH.staged} as s using (item_no)
where not a.is_stored
"""

"""The latest edits: articles whose title or text changed after they were first seen."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from warehouse.reading.rows import fetch_as
from warehouse.store.days import rows_by_day


@dataclass(frozen=True, slots=True)
class EditRow:
    """One edit; texts are read for the edits that are shown only."""

    article_id: str
    revision_no: int
    change: str  # body, title, both
    seen_at: datetime
    modified_at: datetime | None
    is_stealth: bool
    title_before: str
    title: str
    body_before: str
    body: str
    url: str
    source: str
    source_title: str
    language: str | None
    direction: str


@dataclass(frozen=True, slots=True)
class EditPlace:
    """Where a page of edits ended."""

    seen_at: datetime
    article_id: str


@dataclass(frozen=True, slots=True)
class EditCount:
    """How often a source edits what it has published."""

    source: str
    source_title: str
    n_edits: int
    n_stealth: int


def find_edits(
    con: duckdb.DuckDBPyConnection,
    *,
    source: str | None = None,
    only_stealth: bool = False,
    limit: int = 20,
    after: EditPlace | None = None,
) -> tuple[EditRow, ...]:
    """Return the latest edits with the texts before and after, the latest first."""
    parameters = {
        "source": source,
        "only_stealth": only_stealth,
        "limit": limit,
        "seen_at": after.seen_at if after else None,
        "last_id": after.article_id if after else None,
    }
    return fetch_as(con, EditRow, _EDITS, parameters)


def count_edits(con: duckdb.DuckDBPyConnection) -> tuple[EditCount, ...]:
    """Return the edits of each source that has any, most first."""
    return fetch_as(con, EditCount, _COUNTS)


_STEALTH = """
    with version as (
        select
            article_id,
            revision_no,
            change,
            seen_at,
            modified_at,
            title,
            lag(title) over w as title_before,
            modified_at is null or modified_at is not distinct from lag(modified_at) over w as is_stealth
        from core.revision
        where article_id in (select article_id from core.article where n_revisions > 1)
        window w as (partition by article_id order by revision_no)
    )
"""

# Chosen without texts; the texts of the few that are shown are then read by row number.
_EDITS = f"""
{_STEALTH},
chosen as materialized (
    select v.*, a.seen_on, a.url, a.source, a.language, a.direction
    from version as v
    join core.article as a using (article_id)
    where
        v.revision_no > 1
        and ($source::text is null or a.source = $source)
        and (not $only_stealth or v.is_stealth)
        and ($seen_at::timestamptz is null or (v.seen_at, v.article_id) < ($seen_at, $last_id::uuid))
    order by v.seen_at desc, v.article_id desc
    limit $limit
),
some_text as (
    select article_id, body
    from core.article_text
    where {rows_by_day("article_text", "chosen")}
),
some_revision as (
    select r.article_id, r.revision_no, coalesce(r.body, t.body) as body
    from core.revision as r
    join some_text as t using (article_id)
    where {rows_by_day("revision", "chosen")}
)
select
    c.article_id,
    c.revision_no,
    c.change,
    c.seen_at,
    c.modified_at,
    c.is_stealth,
    c.title_before,
    c.title,
    p.body as body_before,
    n.body,
    c.url,
    c.source,
    coalesce(s.title, c.source) as source_title,
    c.language,
    c.direction
from chosen as c
join some_revision as n on n.article_id = c.article_id and n.revision_no = c.revision_no
join some_revision as p on p.article_id = c.article_id and p.revision_no = c.revision_no - 1
left join core.source as s on s.name = c.source
order by c.seen_at desc, c.article_id desc
"""

_COUNTS = f"""
{_STEALTH}
select
    a.source,
    coalesce(any_value(s.title), a.source) as source_title,
    count(*) as n_edits,
    count(*) filter (v.is_stealth) as n_stealth
from version as v
join core.article as a using (article_id)
left join core.source as s on s.name = a.source
where v.revision_no > 1
group by a.source
order by n_edits desc, a.source
"""

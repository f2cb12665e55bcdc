"""One story: the articles that carry the same text, in time, and who probably wrote it."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from warehouse.reading.rows import fetch_as


@dataclass(frozen=True, slots=True)
class StorySum:
    """A story counted up."""

    story_id: str
    title: str
    url: str
    source: str
    language: str | None
    n_articles: int
    n_sources: int
    first_published_at: datetime | None
    last_published_at: datetime | None
    first_published_on: date | None
    last_published_on: date | None
    likely_origin: str
    likely_origin_from: str  # credit, declared, earliest


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a story."""

    article_id: str
    title: str
    url: str
    source: str
    source_title: str
    source_credit: str | None
    language: str | None
    direction: str
    published_at: datetime | None
    published_on: date | None
    published_local: datetime | None  # as printed, without zone
    first_seen_at: datetime
    sort_at: datetime
    word_count: int
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class StoryPair:
    """Two articles of a story and how alike they are."""

    article_a: str
    article_b: str
    relation: str
    similarity: float
    why: str


def find_story_id(con: duckdb.DuckDBPyConnection, story_id: str) -> str | None:
    """Return the id that the story has now: by an id it had, or by one of its articles."""
    rows = con.execute(_CURRENT, {"id": story_id}).fetchall()
    return str(rows[0][0]) if rows else None


def find_story(con: duckdb.DuckDBPyConnection, story_id: str) -> StorySum:
    """Return a story by its current id."""
    return fetch_as(con, StorySum, _STORY, {"id": story_id})[0]


def find_members(con: duckdb.DuckDBPyConnection, story_id: str) -> tuple[Member, ...]:
    """Return the articles of a story, the earliest first."""
    return fetch_as(con, Member, _MEMBERS, {"id": story_id})


def find_pairs(con: duckdb.DuckDBPyConnection, story_id: str) -> tuple[StoryPair, ...]:
    """Return which articles of the story were found to share text, and why."""
    return fetch_as(con, StoryPair, _PAIRS, {"id": story_id})


_CURRENT = """
select story_id from core.story_member where article_id = $id::uuid
union all
select story_id from core.story_alias where old_story_id = $id::uuid
union all
select article_id from core.article where article_id = $id::uuid
limit 1
"""

_STORY = """
select
    story_id, title, url, source, language, n_articles, n_sources, first_published_at, last_published_at,
    first_published_on, last_published_on, likely_origin, likely_origin_from
from stories
where story_id = $id::uuid
"""

_MEMBERS = """
with member as (
    select article_id from core.story_member where story_id = $id::uuid
    union
    select $id::uuid
)
select
    a.article_id,
    a.title,
    a.url,
    a.source,
    coalesce(s.title, a.source) as source_title,
    a.source_credit,
    a.language,
    a.direction,
    a.published_at,
    a.published_on,
    a.published_local,
    a.first_seen_at,
    coalesce(a.published_at, a.published_on::timestamp at time zone 'UTC', a.first_seen_at) as sort_at,
    a.word_count,
    a.gone_at
from core.article as a
join member using (article_id)
left join core.source as s on s.name = a.source
order by
    coalesce(a.published_at, a.published_on::timestamptz + interval '86399 seconds', a.first_seen_at),
    a.article_id
"""

_PAIRS = """
select l.article_a, l.article_b, l.relation, l.similarity, l.why
from core.duplicate_link as l
join core.story_member as a on a.article_id = l.article_a
join core.story_member as b on b.article_id = l.article_b
where a.story_id = $id::uuid and b.story_id = $id::uuid
order by l.article_a, l.article_b
"""

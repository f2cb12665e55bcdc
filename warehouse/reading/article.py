"""One article with everything that is known of it: text, provenance, copies, revisions, proof."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from warehouse.inspection.explain import with_reasons
from warehouse.reading.rows import fetch_as
from warehouse.records.page import ArchiveRef
from warehouse.store.days import rows_by_day


@dataclass(frozen=True, slots=True)
class ArticleText:
    """An article as it is shown: its fields and its current text."""

    article_id: str
    story_id: str
    url: str
    final_url: str | None
    canonical_url: str | None
    source: str
    source_title: str
    source_credit: str | None
    site_name: str | None
    title: str
    authors: list[str]
    language: str | None
    direction: str
    dateline_place: str | None
    published_at: datetime | None
    published_on: date | None
    published_local: datetime | None
    utc_offset_minutes: int | None
    published_from: str | None
    zone_from: str | None
    dates_disagree: bool
    modified_at: datetime | None
    first_seen_at: datetime
    fetched_at: datetime
    checked_at: datetime
    gone_at: datetime | None
    sort_at: datetime
    word_count: int
    n_revisions: int
    n_copies: int
    section: str | None
    tags: list[str]
    description: str | None
    is_partial: bool  # the page shows only the beginning of its text
    body_from: str  # page, feed, import
    title_certainty: str | None  # sure, likely, doubtful; None for imported articles
    published_certainty: str | None
    body_certainty: str | None
    authors_certainty: str | None
    extractor: str
    content_sha256: str
    archive_file: str | None
    archive_offset: int | None
    archive_length: int | None
    body: str

    @property
    def certainties(self) -> dict[str, str]:
        """Return how sure each field is, by the name of the field; unknown ones are left out."""
        known = {
            "title": self.title_certainty,
            "published": self.published_certainty,
            "body": self.body_certainty,
            "authors": self.authors_certainty,
        }
        return {field: certainty for field, certainty in known.items() if certainty}

    @property
    def archive_ref(self) -> ArchiveRef | None:
        """Return where its page is in the archive; None when it is not there."""
        if self.archive_file is None or self.archive_offset is None or self.archive_length is None:
            return None
        return ArchiveRef(self.archive_file, self.archive_offset, self.archive_length)


@dataclass(frozen=True, slots=True)
class FieldOrigin:
    """What one place of the page, or the feed, said of a field."""

    field: str
    value: str
    origin: str
    evidence: str
    chosen: bool
    why: str


@dataclass(frozen=True, slots=True)
class Copy:
    """Another article that shares text with this one."""

    article_id: str
    relation: str
    similarity: float
    why: str
    title: str
    url: str
    source: str
    source_title: str
    published_at: datetime | None
    published_on: date | None
    published_local: datetime | None  # as printed, without zone
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class RevisionRow:
    """One title and text that the article has had."""

    revision_no: int
    change: str
    title: str
    seen_at: datetime
    last_seen_at: datetime
    modified_at: datetime | None
    word_count: int
    content_sha256: str
    archive_file: str | None
    archive_offset: int | None
    is_stealth: bool  # changed, and the page shows no new update time


@dataclass(frozen=True, slots=True)
class RevisionText:
    """The text of one revision."""

    revision_no: int
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class PageFetch:
    """The request that brought the page an article was read from."""

    url: str
    final_url: str | None
    started_at: datetime
    status: int | None
    n_bytes: int
    body_sha256: str | None
    etag: str | None
    last_modified: str | None


def find_article_id(con: duckdb.DuckDBPyConnection, article_id: str) -> str | None:
    """Return the article's id, followed through ids that articles had before; None when unknown."""
    rows = con.execute(_CURRENT_ID, {"id": article_id}).fetchall()
    return str(rows[0][0]) if rows else None


def find_text(con: duckdb.DuckDBPyConnection, article_id: str) -> ArticleText | None:
    """Return an article with its text."""
    rows = fetch_as(con, ArticleText, _ARTICLE, {"id": article_id})
    return rows[0] if rows else None


def find_origins(con: duckdb.DuckDBPyConnection, article_id: str) -> tuple[FieldOrigin, ...]:
    """Return what was said of each field, the chosen value first, each with the reason."""
    result = con.execute(_ORIGINS, {"id": article_id})
    names = [column[0] for column in result.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    return tuple(FieldOrigin(**row) for row in with_reasons(rows))


def find_copies(con: duckdb.DuckDBPyConnection, article_id: str) -> tuple[Copy, ...]:
    """Return the articles that share text with this one, the most similar first."""
    return fetch_as(con, Copy, _COPIES, {"id": article_id})


def find_revisions(con: duckdb.DuckDBPyConnection, article_id: str) -> tuple[RevisionRow, ...]:
    """Return the article's revisions, the first one first."""
    return fetch_as(con, RevisionRow, _REVISIONS, {"id": article_id})


def find_revision_text(
    con: duckdb.DuckDBPyConnection, article_id: str, revision_no: int
) -> RevisionText | None:
    """Return the text of one revision; None when there is no such revision."""
    rows = fetch_as(con, RevisionText, _REVISION_TEXT, {"id": article_id, "n": revision_no})
    return rows[0] if rows else None


def find_fetch(con: duckdb.DuckDBPyConnection, ref: ArchiveRef) -> PageFetch | None:
    """Return the request that brought the page at this place of the archive; None when imported."""
    rows = fetch_as(con, PageFetch, _FETCH, {"file": ref.file, "offset": ref.offset})
    return rows[0] if rows else None


_CURRENT_ID = """
select article_id from core.article where article_id = $id::uuid
union all
select x.article_id
from core.url_alias as x
join core.article as a on a.article_id = x.article_id
where x.alias_id = $id::uuid
limit 1
"""

_KNOWN = """
with known as materialized (
    select article_id, seen_on from core.article where article_id = $id::uuid
)"""

_ARTICLE = f"""
{_KNOWN},
member as (
    select story_id from core.story_member where article_id = $id::uuid
)
select
    a.article_id,
    coalesce((select story_id from member), a.article_id) as story_id,
    a.url,
    a.final_url,
    a.canonical_url,
    a.source,
    coalesce(s.title, a.source) as source_title,
    a.source_credit,
    a.site_name,
    a.title,
    coalesce(a.authors, []) as authors,
    a.language,
    a.direction,
    a.dateline_place,
    a.published_at,
    a.published_on,
    a.published_local,
    a.utc_offset_minutes,
    a.published_from,
    a.zone_from,
    a.dates_disagree,
    a.modified_at,
    a.first_seen_at,
    a.fetched_at,
    a.checked_at,
    a.gone_at,
    coalesce(a.published_at, a.published_on::timestamp at time zone 'UTC', a.first_seen_at) as sort_at,
    a.word_count,
    a.n_revisions,
    (
        select greatest(count(*) - 1, 0)
        from core.story_member
        where story_id = (select story_id from member)
    ) as n_copies,
    a.section,
    coalesce(a.tags, []) as tags,
    a.description,
    coalesce(a.is_partial, false) as is_partial,
    coalesce(a.body_from, 'page') as body_from,
    a.title_certainty,
    a.published_certainty,
    a.body_certainty,
    a.authors_certainty,
    a.extractor,
    a.content_sha256,
    a.archive_file,
    a.archive_offset,
    a.archive_length,
    t.body
from core.article as a
join (
    select article_id, coalesce(cleaned_body, body) as body
    from core.article_text
    where {rows_by_day("article_text", "known")}
) as t using (article_id)
left join core.source as s on s.name = a.source
where a.article_id = $id::uuid
"""

_ORIGINS = """
select
    o.field,
    case when o.field = 'title' and o.value = '' then a.title else o.value end as value,
    o.origin,
    o.evidence,
    o.chosen
from core.field_origin as o
join core.article as a using (article_id)
where o.article_id = $id::uuid and a.article_id = $id::uuid and o.seen_on = a.seen_on
order by o.field, not o.chosen, o.origin, o.value
"""

_COPIES = """
with pair as (
    select article_b as article_id, relation, similarity, why
    from core.duplicate_link
    where article_a = $id::uuid
    union all
    select article_a as article_id, relation, similarity, why
    from core.duplicate_link
    where article_b = $id::uuid
)
select
    a.article_id,
    p.relation,
    p.similarity,
    p.why,
    a.title,
    a.url,
    a.source,
    coalesce(s.title, a.source) as source_title,
    a.published_at,
    a.published_on,
    a.published_local,
    a.first_seen_at
from pair as p
join core.article as a using (article_id)
left join core.source as s on s.name = a.source
order by p.similarity desc, a.url
"""

_REVISIONS = f"""
{_KNOWN}
select
    revision_no,
    change,
    title,
    seen_at,
    last_seen_at,
    modified_at,
    word_count,
    content_sha256,
    archive_file,
    archive_offset,
    revision_no > 1 and (
        modified_at is null
        or modified_at is not distinct from lag(modified_at) over (order by revision_no)
    ) as is_stealth
from core.revision
where article_id = $id::uuid and seen_on = (select seen_on from known)
order by revision_no
"""

_REVISION_TEXT = f"""
{_KNOWN}
select r.revision_no, r.title, coalesce(r.body, t.body) as body
from core.revision as r
join (
    select article_id, body
    from core.article_text
    where {rows_by_day("article_text", "known")}
) as t using (article_id)
where r.article_id = $id::uuid and r.seen_on = (select seen_on from known) and r.revision_no = $n
"""

_FETCH = """
select url, final_url, started_at, status, n_bytes, body_sha256, etag, last_modified
from core.fetch
where archive_file = $file and archive_offset = $offset
limit 1
"""

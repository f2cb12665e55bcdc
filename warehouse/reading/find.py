"""A page of results: matches, totals, facets and the rows that are shown, in one statement.

Planning the full-text macro costs more than most questions, so it is planned once per page. Rows
are shown with their lead, never with the body.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb

from warehouse.reading.filters import DAY, SORT_AT, Cursor, Order, Selection

FACET_VALUES = 40  # per field


@dataclass(frozen=True, slots=True)
class Hit:
    """An article in a list of results."""

    article_id: str
    story_id: str
    score: float | None  # BM25; None without a question
    url: str
    title: str
    lead: str
    source: str
    source_title: str
    language: str | None
    direction: str  # ltr, rtl
    published_at: datetime | None
    published_on: date | None
    first_seen_at: datetime
    sort_at: datetime
    n_edits: int
    gone_at: datetime | None
    n_copies: int  # other articles of the story, whether they match or not
    n_other_sources: int  # sources of those
    is_representative: bool


@dataclass(frozen=True, slots=True)
class FacetValue:
    """How many matching articles and stories have a value of a field."""

    value: str
    n_articles: int
    n_stories: int


@dataclass(frozen=True, slots=True)
class DayVolume:
    """How many matching articles and stories a day has."""

    day: date
    n_articles: int
    n_stories: int


@dataclass(frozen=True, slots=True)
class ResultPage:
    """What a question found, and one page of it."""

    hits: tuple[Hit, ...]
    n_articles: int
    n_stories: int
    sources: tuple[FacetValue, ...]
    languages: tuple[FacetValue, ...]
    days: tuple[DayVolume, ...]  # days with matches only, ascending
    n_edited: int
    n_copied: int
    next: Cursor | None


@dataclass(frozen=True, slots=True)
class ResultQuery:
    """Which page of a selection is wanted."""

    selection: Selection
    order: Order = Order.NEW
    limit: int = 20
    after: Cursor | None = None


def find_stories_page(con: duckdb.DuckDBPyConnection, request: ResultQuery) -> ResultPage:
    """Return a page with one row per story: the representative where it matches, else its first match."""
    return _find(con, request, _STORY_ROWS)


def find_articles_page(con: duckdb.DuckDBPyConnection, request: ResultQuery) -> ResultPage:
    """Return a page that lists every matching article."""
    return _find(con, request, _ARTICLE_ROWS)


def _find(con: duckdb.DuckDBPyConnection, request: ResultQuery, rows_sql: str) -> ResultPage:
    selection = request.selection
    order = request.order if selection.question else Order.NEW
    sql = _PAGE.format(
        sort_at=SORT_AT,
        day=DAY,
        hits=selection.from_clause(),
        condition=selection.condition(),
        rows=rows_sql,
        place="score::double" if order is Order.BEST else "epoch_us(sort_at)::double",
        behind=_BEHIND if request.after else "true",
        limit=request.limit + 1,
        facet_values=FACET_VALUES,
    )
    parameters = selection.parameters()
    if request.after:
        parameters |= {"place": request.after.place, "last_id": request.after.article_id}
    ((facets, rows),) = con.execute(sql, parameters).fetchall()
    return _result(facets or [], rows or [], request.limit)


def _result(facets: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]], limit: int) -> ResultPage:
    total = next((f for f in facets if f["field"] == "total"), {"n": 0, "n_stories": 0, "n_edited": 0})
    shown = sorted(rows, key=lambda row: row["row_place"])[:limit]
    last = shown[-1] if shown and len(rows) > limit else None
    return ResultPage(
        hits=tuple(_hit(row) for row in shown),
        n_articles=total["n"],
        n_stories=total["n_stories"],
        sources=_facet(facets, "source"),
        languages=_facet(facets, "language"),
        days=_days(facets),
        n_edited=int(total["n_edited"] or 0),
        n_copied=int(total.get("n_copied") or 0),
        next=Cursor(last["place"], str(last["article_id"])) if last else None,
    )


def _hit(row: Mapping[str, Any]) -> Hit:
    values = {name: row[name] for name in Hit.__slots__ if name in row}
    ids = {"article_id": str(row["article_id"]), "story_id": str(row["story_id"])}
    return Hit(**{**values, **ids})


def _facet(facets: Sequence[Mapping[str, Any]], field: str) -> tuple[FacetValue, ...]:
    values = [FacetValue(f["value"], f["n"], f["n_stories"]) for f in facets if f["field"] == field]
    return tuple(sorted(values, key=lambda v: (-v.n_articles, v.value)))


def _days(facets: Sequence[Mapping[str, Any]]) -> tuple[DayVolume, ...]:
    days = [DayVolume(f["day"], f["n"], f["n_stories"]) for f in facets if f["field"] == "day"]
    return tuple(sorted(days, key=lambda volume: volume.day))


def in_intervals(days: Sequence[DayVolume], most: int = 60) -> tuple[timedelta | None, tuple[DayVolume, ...]]:
    """Return the volumes by day, week, or month (None), without gaps, so that at most about `most` remain.

    A gap is a bar of zero: days without a match are part of the answer.
    """
    if not days:
        return timedelta(days=1), ()
    n_days = (days[-1].day - days[0].day).days + 1
    if n_days <= most:
        return timedelta(days=1), _filled(days, _same_day, _next_day)
    if n_days <= most * 7:
        return timedelta(days=7), _filled(days, _week_of, _next_week)
    return None, _filled(days, _month_of, _next_month)


def _filled(days: Sequence[DayVolume], start_of: Any, following: Any) -> tuple[DayVolume, ...]:
    sums: dict[date, tuple[int, int]] = {}
    for volume in days:
        start = start_of(volume.day)
        n_articles, n_stories = sums.get(start, (0, 0))
        sums[start] = (n_articles + volume.n_articles, n_stories + volume.n_stories)
    filled: list[DayVolume] = []
    day, last = min(sums), max(sums)
    while day <= last and len(filled) < 5_000:
        filled.append(DayVolume(day, *sums.get(day, (0, 0))))
        day = following(day)
    return tuple(filled)


def _same_day(day: date) -> date:
    return day


def _next_day(day: date) -> date:
    return day + timedelta(days=1)


def _week_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _next_week(day: date) -> date:
    return day + timedelta(days=7)


def _month_of(day: date) -> date:
    return day.replace(day=1)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def as_utc(at: datetime) -> datetime:
    """Return an instant in UTC, whatever zone it is written in."""
    return at.astimezone(UTC)


_BEHIND = "(place, article_id) < ($place, $last_id::uuid)"

_ARTICLE_ROWS = "select article_id, story_id, row_no, score, sort_at from hit"

# Most stories have one article; only the others are folded.
_STORY_ROWS = """
select article_id, story_id, row_no, score, sort_at
from hit
where not is_copied
union all
select
    arg_max(article_id, choice),
    story_id,
    arg_max(row_no, choice),
    max(score),
    arg_max(sort_at, choice)
from (
    select *, row(article_id = story_id, -epoch_us(sort_at), article_id) as choice
    from hit
    where is_copied
)
group by story_id
"""

_PAGE = """
with hit as materialized (
    select
        a.article_id,
        coalesce(m.story_id, a.article_id) as story_id,
        m.story_id is not null as is_copied,
        a.rowid as row_no,
        s.score,
        a.source,
        coalesce(a.language, 'unknown') as language,
        {day} as day,
        {sort_at} as sort_at,
        a.n_revisions > 1 as is_edited
    {hits}
    left join core.story_member as m on m.article_id = a.article_id
    where {condition}
),
counted as (
    select
        case grouping(source, language, day)
            when 3 then 'source'
            when 5 then 'language'
            when 6 then 'day'
            else 'total'
        end as field,
        coalesce(source, language) as value,
        day,
        count(*) as n,
        count(*) filter (not is_copied) + count(distinct case when is_copied then story_id end) as n_stories,
        count(*) filter (is_edited) as n_edited,
        count(*) filter (is_copied) as n_copied
    from hit
    group by grouping sets ((source), (language), (day), ())
),
facet as (
    select *
    from counted
    qualify field = 'day' or row_number() over (partition by field order by n desc, value) <= {facet_values}
),
listed as (
    {rows}
),
page as materialized (
    select *, row_number() over (order by place desc, article_id desc) as row_place
    from (
        select *
        from (select *, {place} as place from listed)
        where {behind}
        order by place desc, article_id desc
        limit {limit}
    )
),
some_lead as (
    select article_id, lead
    from core.lead
    where rowid in (select i.rowid from core.lead as i join page using (article_id))
),
some_article as (
    select
        article_id, url, title, source, language, direction, published_at, published_on,
        first_seen_at, n_revisions, gone_at
    from core.article
    where rowid in (select row_no from page)
),
copy as materialized (
    select m.story_id, m.article_id
    from core.story_member as m
    where m.story_id in (select story_id from page)
),
copies as (
    select c.story_id, count(*) as n_articles, count(distinct a.source) as n_sources
    from copy as c
    join core.article as a using (article_id)
    group by c.story_id
),
shown as (
    select
        p.row_place,
        p.place,
        p.score,
        p.story_id,
        p.sort_at,
        a.*,
        coalesce(l.lead, '') as lead,
        coalesce(s.title, a.source) as source_title,
        a.n_revisions - 1 as n_edits,
        coalesce(c.n_articles - 1, 0) as n_copies,
        coalesce(c.n_sources - 1, 0) as n_other_sources,
        p.story_id = a.article_id as is_representative
    from page as p
    join some_article as a using (article_id)
    left join some_lead as l using (article_id)
    left join core.source as s on s.name = a.source
    left join copies as c on c.story_id = p.story_id
)
select
    (select list(f) from facet as f) as facets,
    (select list(s) from shown as s) as hits
"""

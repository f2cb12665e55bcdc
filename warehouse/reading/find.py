"""A page of results: matches, totals, facets and the rows that are shown, in one statement.

Planning the full-text macro costs more than most questions, so it is planned once per page. Rows
are shown with their lead, never with the body.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import duckdb

from warehouse.reading.filters import Cursor, Order, Selection
from warehouse.reading.inflections import with_inflections
from warehouse.search.parts import Inflection

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
    published_local: datetime | None  # as printed, without zone
    utc_offset_minutes: int | None
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
    inflections: tuple[Inflection, ...] = ()  # that the question's ~words were searched for in


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
    selection = with_inflections(con, request.selection)
    order = request.order if selection.question else Order.NEW
    sql = _PAGE.format(
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
    return replace(_result(facets or [], rows or [], request.limit), inflections=selection.inflections)


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


_BEHIND = "(place, article_id) < ($place, $last_id::uuid)"

_ARTICLE_ROWS = "select article_id, story_id, score, sort_at from hit"

# A story is its representative; only where that does not match, the earliest of the others represents it.
_STORY_ROWS = """
select article_id, story_id, score, sort_at
from hit
where article_id = story_id
union all
select
    arg_min(article_id, row(sort_at, article_id)) as article_id,
    story_id,
    arg_min(score, row(sort_at, article_id)) as score,
    min(sort_at) as sort_at
from hit
where
    article_id <> story_id
    and story_id not in (select article_id from hit where is_copied and article_id = story_id)
group by story_id
"""

_PAGE = """
with hit as materialized (
    select
        a.article_id,
        a.story_id,
        a.n_copies > 0 as is_copied,
        s.score,
        a.source,
        a.language,
        a.day,
        a.sort_at,
        a.n_edits > 0 as is_edited
    {hits}
    where {condition}
),
counted as (
    select
        grouping(source, language, day) as field_no,
        source,
        language,
        day,
        count(*) as n,
        count(*) filter (not is_copied) as n_single,
        count(*) filter (is_edited) as n_edited
    from hit
    group by grouping sets ((source), (language), (day), ())
),
-- the only count that needs the articles one by one
copied as (
    select
        grouping(source, language, day) as field_no,
        source,
        language,
        day,
        count(distinct story_id) as n_stories
    from hit
    where is_copied
    group by grouping sets ((source), (language), (day), ())
),
summed as (
    select
        case t.field_no
            when 3 then 'source'
            when 5 then 'language'
            when 6 then 'day'
            else 'total'
        end as field,
        coalesce(t.source, t.language) as value,
        t.day,
        t.n,
        t.n_single + coalesce(c.n_stories, 0) as n_stories,
        t.n_edited,
        t.n - t.n_single as n_copied
    from counted as t
    left join copied as c
        on c.field_no = t.field_no
        and c.source is not distinct from t.source
        and c.language is not distinct from t.language
        and c.day is not distinct from t.day
),
facet as (
    select *
    from summed
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
page_row as materialized (
    select a.rowid as row_no, a.seen_on
    from core.article as a
    join page using (article_id)
),
some_article as (
    select
        article_id, url, title, source, language, direction, published_at, published_on,
        published_local, utc_offset_minutes, first_seen_at, n_revisions, gone_at
    from core.article
    where rowid in (select row_no from page_row) and seen_on in (select seen_on from page_row)
),
some_listing as (
    select article_id, n_copies, n_other_sources
    from core.listing
    where article_id in (select article_id from page)
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
        c.n_copies,
        c.n_other_sources,
        p.story_id = a.article_id as is_representative
    from page as p
    join some_article as a using (article_id)
    left join some_lead as l using (article_id)
    left join core.source as s on s.name = a.source
    join some_listing as c using (article_id)
)
select
    (select list(f) from facet as f) as facets,
    (select list(s) from shown as s) as hits
"""

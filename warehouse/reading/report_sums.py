"""The sums of a report: what a selection of articles looks like over time, by source and by story.

The selection is materialised once, as narrow rows in a temporary table that lives as long as the
connection; every sum then reads that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from warehouse.reading.edits import EditCount
from warehouse.reading.filters import Selection
from warehouse.reading.find import DayVolume
from warehouse.reading.inflections import with_inflections
from warehouse.reading.report_edits import LatestEdit, count_report_edits, find_latest_edits
from warehouse.reading.rows import fetch_as
from warehouse.reading.sources import CopyFlow, HourVolume

N_SOURCES = 20  # that are shown one by one
N_STORIES = 12


@dataclass(frozen=True, slots=True)
class ReportTotals:
    """What the selection holds."""

    n_articles: int
    n_stories: int
    n_sources: int
    n_languages: int
    n_edited: int
    n_with_instant: int
    n_disagreeing: int  # origins of the date differ by more than a day
    first_on: date | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """How the collecting stands, whatever is selected."""

    last_seen_at: datetime | None  # first sight of the latest article
    last_run_at: datetime | None
    last_run_status: str | None
    n_feeds: int
    n_failing_feeds: int
    n_open_rejects: int


@dataclass(frozen=True, slots=True)
class SourceReport:
    """One source within the selection."""

    source: str
    title: str
    n_articles: int
    n_original: int
    n_edited: int
    n_with_instant: int
    median_lag_s: float | None
    p90_lag_s: float | None
    last_on: date | None


@dataclass(frozen=True, slots=True)
class SourceDay:
    """Articles of one source on one day."""

    source: str
    day: date
    n_articles: int


@dataclass(frozen=True, slots=True)
class StoryReport:
    """One of the largest stories, with the publication of its representative."""

    story_id: str
    title: str
    source: str
    source_title: str
    n_articles: int
    n_sources: int
    published_at: datetime | None
    published_on: date | None
    instants: list[datetime]  # of the publication of its articles that give one, ascending


@dataclass(frozen=True, slots=True)
class MonthCoverage:
    """Of how many articles of a month a field is known, and how many fields are sure."""

    month: date
    n_articles: int
    n_with_instant: int
    n_with_day: int
    n_with_authors: int
    n_with_language: int
    n_rated: int  # articles whose certainty is known: extracted, and by rules that say it
    n_sure_title: int
    n_sure_day: int
    n_sure_text: int
    n_sure_authors: int


@dataclass(frozen=True, slots=True)
class RejectSum:
    """Items that failed in one way and have not succeeded since."""

    step: str
    error_class: str
    n_items: int
    n_sources: int
    example: str


@dataclass(frozen=True, slots=True)
class OriginSum:
    """Articles by where their date was found, and how certain it is."""

    published_from: str
    published_precision: str
    n_articles: int


@dataclass(frozen=True, slots=True)
class ReportSums:
    """All sums of a report."""

    totals: ReportTotals
    freshness: Freshness
    days: tuple[DayVolume, ...]
    hours: tuple[HourVolume, ...]
    sources: tuple[SourceReport, ...]
    source_days: tuple[SourceDay, ...]
    copies: tuple[CopyFlow, ...]
    stories: tuple[StoryReport, ...]
    months: tuple[MonthCoverage, ...]
    origins: tuple[OriginSum, ...]
    edits: tuple[EditCount, ...]
    latest_edits: tuple[LatestEdit, ...]
    rejects: tuple[RejectSum, ...]


def find_report(con: duckdb.DuckDBPyConnection, selection: Selection) -> ReportSums:
    """Return the sums over a selection; health and rejects are those of its sources."""
    with _chosen(con, selection):
        sources = {"sources": list(selection.sources) or None}
        return ReportSums(
            totals=fetch_as(con, ReportTotals, _TOTALS)[0],
            freshness=fetch_as(con, Freshness, _FRESHNESS, sources)[0],
            days=fetch_as(con, DayVolume, _DAYS),
            hours=fetch_as(con, HourVolume, _HOURS),
            sources=fetch_as(con, SourceReport, _SOURCES),
            source_days=fetch_as(con, SourceDay, _SOURCE_DAYS, {"n": N_SOURCES}),
            copies=fetch_as(con, CopyFlow, _COPIES),
            stories=fetch_as(con, StoryReport, _STORIES, {"n": N_STORIES}),
            months=fetch_as(con, MonthCoverage, _MONTHS),
            origins=fetch_as(con, OriginSum, _ORIGINS),
            edits=count_report_edits(con, _CHOSEN),
            latest_edits=find_latest_edits(con, _CHOSEN),
            rejects=fetch_as(con, RejectSum, _REJECTS, sources),
        )


@contextmanager
def _chosen(con: duckdb.DuckDBPyConnection, selection: Selection) -> Iterator[None]:
    selection = with_inflections(con, selection)
    sql = _CHOOSE.format(hits=selection.from_clause(), condition=selection.condition())
    con.execute(sql, selection.parameters())
    try:
        yield
    finally:
        con.execute("drop table if exists temp.chosen_article")


_CHOSEN = "temp.chosen_article"

_CHOOSE = """
create or replace temp table chosen_article as
select
    a.article_id,
    a.story_id,
    a.n_copies > 0 as is_copied,
    a.source,
    r.language,
    a.day,
    r.published_at,
    r.published_on,
    hour(r.published_local) as hour,
    r.first_seen_at,
    coalesce(r.published_from, 'none') as published_from,
    coalesce(r.published_precision, 'none') as published_precision,
    r.dates_disagree,
    a.n_edits > 0 as is_edited,
    coalesce(len(r.authors), 0) > 0 as has_authors,
    r.title_certainty,
    r.published_certainty,
    r.body_certainty,
    r.authors_certainty,
    case
        when epoch(r.first_seen_at) - epoch(r.published_at) between 0 and 7 * 86400
            then epoch(r.first_seen_at) - epoch(r.published_at)
    end as lag_s
{hits}
join core.article as r on r.article_id = a.article_id
where {condition}
"""

_N_STORIES = "count(*) filter (not is_copied) + count(distinct case when is_copied then story_id end)"

_TOTALS = f"""
select
    count(*) as n_articles,
    {_N_STORIES} as n_stories,
    count(distinct source) as n_sources,
    count(distinct language) as n_languages,
    count(*) filter (is_edited) as n_edited,
    count(published_at) as n_with_instant,
    count(*) filter (dates_disagree) as n_disagreeing,
    min(day) as first_on,
    max(day) as last_on
from temp.chosen_article
"""

_FRESHNESS = """
select
    (select max(first_seen_at) from temp.chosen_article) as last_seen_at,
    (select max(started_at) from core.run) as last_run_at,
    (select arg_max(status, started_at) from core.run) as last_run_status,
    (
        select count(*)
        from core.feed
        where removed_at is null and ($sources::text[] is null or list_contains($sources, source))
    ) as n_feeds,
    (
        select count(*)
        from core.feed_state
        join core.feed using (feed_url)
        where
            removed_at is null
            and (n_failures > 0 or stopped_at is not null)
            and ($sources::text[] is null or list_contains($sources, core.feed.source))
    ) as n_failing_feeds,
    (
        select count(*)
        from core.reject
        where resolved_at is null and ($sources::text[] is null or list_contains($sources, source))
    ) as n_open_rejects
"""

_DAYS = f"""
select day, count(*) as n_articles, {_N_STORIES} as n_stories
from temp.chosen_article
group by day
order by day
"""

_HOURS = """
select h.hour, count(a.hour) as n_articles
from (select unnest(range(24))::integer as hour) as h
left join temp.chosen_article as a on a.hour = h.hour
group by h.hour
order by h.hour
"""

_SOURCES = """
select
    a.source,
    coalesce(any_value(s.title), a.source) as title,
    count(*) as n_articles,
    count(*) filter (a.story_id = a.article_id) as n_original,
    count(*) filter (a.is_edited) as n_edited,
    count(a.published_at) as n_with_instant,
    quantile_cont(a.lag_s, 0.5) as median_lag_s,
    quantile_cont(a.lag_s, 0.9) as p90_lag_s,
    max(a.day) as last_on
from temp.chosen_article as a
left join core.source as s on s.name = a.source
group by a.source
order by n_articles desc, a.source
"""

_SOURCE_DAYS = """
with largest as (
    select source
    from temp.chosen_article
    group by source
    order by count(*) desc, source
    limit $n
)
select source, day, count(*) as n_articles
from temp.chosen_article
where source in (select source from largest)
group by source, day
order by source, day
"""

_COPIES = """
select
    a.source as earlier,
    coalesce(any_value(s.title), a.source) as earlier_title,
    b.source as later,
    coalesce(any_value(t.title), b.source) as later_title,
    count(distinct b.story_id) as n_stories
from temp.chosen_article as b
join core.article as a on a.article_id = b.story_id
left join core.source as s on s.name = a.source
left join core.source as t on t.name = b.source
where b.is_copied and b.article_id <> b.story_id and a.source <> b.source
group by a.source, b.source
order by n_stories desc, earlier, later
limit 24
"""

_STORIES = """
with largest as materialized (
    select
        story_id,
        count(*) as n_articles,
        count(distinct source) as n_sources,
        -- without days alone, and without when a page was first seen: neither says how fast a story spread
        coalesce(list(published_at order by published_at) filter (published_at is not null), []) as instants
    from temp.chosen_article
    where is_copied
    group by story_id
    having count(*) > 1
    order by n_articles desc, story_id
    limit $n
)
select
    l.story_id,
    a.title,
    a.source,
    coalesce(s.title, a.source) as source_title,
    l.n_articles,
    l.n_sources,
    a.published_at,
    a.published_on,
    l.instants
from largest as l
join core.article as a on a.article_id = l.story_id
left join core.source as s on s.name = a.source
order by l.n_articles desc, l.story_id
"""

_MONTHS = """
select
    date_trunc('month', day)::date as month,
    count(*) as n_articles,
    count(published_at) as n_with_instant,
    count(published_on) as n_with_day,
    count(*) filter (has_authors) as n_with_authors,
    count(language) as n_with_language,
    count(title_certainty) as n_rated,
    count(*) filter (title_certainty = 'sure') as n_sure_title,
    count(*) filter (published_certainty = 'sure') as n_sure_day,
    count(*) filter (body_certainty = 'sure') as n_sure_text,
    count(*) filter (authors_certainty = 'sure') as n_sure_authors
from temp.chosen_article
group by 1
order by 1
"""

_ORIGINS = """
select published_from, published_precision, count(*) as n_articles
from temp.chosen_article
group by all
order by n_articles desc, published_from, published_precision
"""

_REJECTS = """
select
    step,
    error_class,
    count(*) as n_items,
    count(distinct source) as n_sources,
    arg_max(reason, last_at) as example
from core.reject
where resolved_at is null and ($sources::text[] is null or list_contains($sources, source))
group by step, error_class
order by n_items desc, step, error_class
"""

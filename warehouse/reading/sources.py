"""Sources: the list with volume and health, and one source in detail."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from warehouse.reading.find import DayVolume
from warehouse.reading.rows import fetch_as


@dataclass(frozen=True, slots=True)
class SourceSum:
    """A source counted up."""

    source: str
    title: str
    country: str | None
    language: str | None
    homepage: str | None
    timezone: str | None
    n_feeds: int
    n_articles: int
    n_original: int
    n_edited: int
    n_instants: int
    first_on: date | None
    last_on: date | None
    last_seen_at: datetime | None
    added_at: datetime
    removed_at: datetime | None
    n_failing_feeds: int
    n_rejects: int


@dataclass(frozen=True, slots=True)
class HourVolume:
    """Articles published in one hour of the day, by the time as printed."""

    hour: int
    n_articles: int


@dataclass(frozen=True, slots=True)
class Lag:
    """Time between publication and first sight, seconds; of articles that a feed showed."""

    n_articles: int
    median_s: float | None
    p90_s: float | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of how many articles a field is known."""

    field: str
    n_known: int
    n_articles: int


@dataclass(frozen=True, slots=True)
class CopyFlow:
    """How many stories one source carried first and another later."""

    earlier: str
    earlier_title: str
    later: str
    later_title: str
    n_stories: int


@dataclass(frozen=True, slots=True)
class FeedStanding:
    """How a feed is doing."""

    feed_url: str
    kind: str
    status: str
    last_polled_at: datetime | None
    last_ok_at: datetime | None
    last_new_at: datetime | None
    reason: str | None
    next_due_at: datetime | None
    n_polls_7d: int
    ok_ratio_7d: float | None


@dataclass(frozen=True, slots=True)
class RejectRow:
    """An item that failed and has not succeeded since."""

    source: str
    url: str | None
    step: str
    error_class: str
    reason: str
    attempts: int
    last_at: datetime
    next_try_at: datetime | None


def list_sources(con: duckdb.DuckDBPyConnection) -> tuple[SourceSum, ...]:
    """Return all sources, those with most articles first."""
    return fetch_as(con, SourceSum, _SOURCES, {"source": None})


def find_source(con: duckdb.DuckDBPyConnection, source: str) -> SourceSum | None:
    """Return one source by its key."""
    rows = fetch_as(con, SourceSum, _SOURCES, {"source": source})
    return rows[0] if rows else None


def find_titles(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the title of each source by its key."""
    return dict(con.execute("select name, title from core.source").fetchall())


def count_articles(con: duckdb.DuckDBPyConnection) -> int:
    """Return how many articles the warehouse has."""
    return int(con.execute("select count(*) from core.article").fetchall()[0][0])


def find_days(con: duckdb.DuckDBPyConnection, source: str | None = None) -> tuple[DayVolume, ...]:
    """Return articles and stories by day, of one source or of all; days without articles are left out."""
    return fetch_as(con, DayVolume, _DAYS, {"source": source})


def find_hours(con: duckdb.DuckDBPyConnection, source: str | None = None) -> tuple[HourVolume, ...]:
    """Return articles by hour of the day as printed, all 24 hours."""
    return fetch_as(con, HourVolume, _HOURS, {"source": source})


def find_lag(con: duckdb.DuckDBPyConnection, source: str | None = None) -> Lag:
    """Return how long after publication articles were first seen."""
    return fetch_as(con, Lag, _LAG, {"source": source})[0]


def find_coverage(con: duckdb.DuckDBPyConnection, source: str | None = None) -> tuple[Coverage, ...]:
    """Return of how many articles each field is known."""
    return fetch_as(con, Coverage, _COVERAGE, {"source": source})


def find_copy_flows(
    con: duckdb.DuckDBPyConnection, source: str | None = None, limit: int = 40
) -> tuple[CopyFlow, ...]:
    """Return which source carried stories before which, most stories first; of one source or of all."""
    return fetch_as(con, CopyFlow, _FLOWS, {"source": source, "limit": limit})


def find_feeds(con: duckdb.DuckDBPyConnection, source: str) -> tuple[FeedStanding, ...]:
    """Return the source's feeds with their health."""
    return fetch_as(con, FeedStanding, _FEEDS, {"source": source})


def find_rejects(
    con: duckdb.DuckDBPyConnection, source: str | None = None, limit: int = 50
) -> tuple[RejectRow, ...]:
    """Return the latest items that failed, of one source or of all."""
    return fetch_as(con, RejectRow, _REJECTS, {"source": source, "limit": limit})


_SOURCES = """
select
    s.source,
    s.title,
    s.country,
    s.language,
    s.homepage,
    s.timezone,
    s.n_feeds,
    s.n_articles,
    s.n_original,
    s.n_edited,
    s.n_instants,
    s.first_on,
    s.last_on,
    s.last_seen_at,
    s.added_at,
    s.removed_at,
    coalesce(f.n_failing, 0) as n_failing_feeds,
    coalesce(r.n_rejects, 0) as n_rejects
from sources as s
left join (
    select source, count(*) as n_failing
    from core.feed_state
    where n_failures > 0 or stopped_at is not null
    group by source
) as f using (source)
left join (
    select source, count(*) as n_rejects
    from core.reject
    where resolved_at is null
    group by source
) as r using (source)
where $source::text is null or s.source = $source
order by s.n_articles desc, s.source
"""

_DAYS = """
select
    coalesce(a.published_on, a.first_seen_at::date) as day,
    count(*) as n_articles,
    count(*) filter (m.story_id is null)
        + count(distinct m.story_id) as n_stories
from core.article as a
left join core.story_member as m using (article_id)
where $source::text is null or a.source = $source
group by 1
order by 1
"""

_HOURS = """
select h.hour, count(a.hour) as n_articles
from (select unnest(range(24))::integer as hour) as h
left join (
    select hour(published_local) as hour
    from core.article
    where published_local is not null and ($source::text is null or source = $source)
) as a using (hour)
group by h.hour
order by h.hour
"""

# Of articles that a feed showed within a week: a backfilled page says nothing of the lag.
_LAG = """
select
    count(*) as n_articles,
    quantile_cont(lag_s, 0.5) as median_s,
    quantile_cont(lag_s, 0.9) as p90_s
from (
    select epoch(first_seen_at) - epoch(published_at) as lag_s
    from core.article
    where published_at is not null and ($source::text is null or source = $source)
)
where lag_s between 0 and 7 * 86400
"""

_COVERAGE = """
with counted as (
    select
        count(*) as n_articles,
        count(published_at) as instant,
        count(published_on) as day,
        count(*) filter (len(authors) > 0) as authors,
        count(language) as language,
        count(source_credit) as credit,
        count(modified_at) as modified,
        count(archive_file) as archived
    from core.article
    where $source::text is null or source = $source
)
select unnest([
    {'field': 'publication day', 'n': day},
    {'field': 'publication instant', 'n': instant},
    {'field': 'language', 'n': language},
    {'field': 'authors', 'n': authors},
    {'field': 'source credit', 'n': credit},
    {'field': 'update time', 'n': modified},
    {'field': 'archived page', 'n': archived}
]).field as field,
unnest([day, instant, language, authors, credit, modified, archived]) as n_known,
n_articles
from counted
"""

_FLOWS = """
select
    a.source as earlier,
    coalesce(any_value(s.title), a.source) as earlier_title,
    b.source as later,
    coalesce(any_value(t.title), b.source) as later_title,
    count(distinct m.story_id) as n_stories
from core.story_member as m
join core.article as a on a.article_id = m.story_id
join core.article as b on b.article_id = m.article_id
left join core.source as s on s.name = a.source
left join core.source as t on t.name = b.source
where
    m.article_id <> m.story_id
    and a.source <> b.source
    and ($source::text is null or a.source = $source or b.source = $source)
group by a.source, b.source
order by n_stories desc, earlier, later
limit $limit
"""

_FEEDS = """
select
    feed_url, kind, status, last_polled_at, last_ok_at, last_new_at, reason, next_due_at, n_polls_7d,
    ok_ratio_7d
from feed_health
where source = $source
order by feed_url
"""

_REJECTS = """
select source, url, step, error_class, reason, attempts, last_at, next_try_at
from rejects
where $source::text is null or source = $source
order by last_at desc, reject_id
limit $limit
"""

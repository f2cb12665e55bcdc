"""Attention: how much of the news answers a question, over time, and which words come with it."""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np

from warehouse.reading.filters import Selection
from warehouse.reading.inflections import with_inflections
from warehouse.reading.rows import fetch_as

INTERVALS = ("day", "week", "month", "year")


@dataclass(frozen=True, slots=True)
class AttentionPoint:
    """One interval; it begins on `starts_on`."""

    starts_on: date
    n_articles: int
    n_stories: int
    n_all: int  # articles of the interval, whatever they answer
    share: float  # n_articles / n_all, 0..1


@dataclass(frozen=True, slots=True)
class MatchCount:
    """How many articles and stories answer a question."""

    n_articles: int
    n_stories: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How many articles answer both of two questions."""

    first: int
    second: int
    n_articles: int


def find_attention(
    con: duckdb.DuckDBPyConnection, selection: Selection, interval: str
) -> tuple[AttentionPoint, ...]:
    """Return the intervals that have articles at all. Raises ValueError for an unknown interval."""
    if interval not in INTERVALS:
        raise ValueError(f"{interval!r} is not an interval (expected {', '.join(INTERVALS)})")
    everything = Selection(
        sources=selection.sources, languages=selection.languages, since=selection.since, until=selection.until
    )
    selection = with_inflections(con, selection)
    sql = _ATTENTION.format(
        hits=selection.from_clause(),
        condition=selection.condition(),
        everything=everything.condition(),
        interval=interval,
    )
    return fetch_as(con, AttentionPoint, sql, selection.parameters())


def count_matches(con: duckdb.DuckDBPyConnection, selection: Selection) -> MatchCount:
    """Return how many articles and stories a selection has; the stories of intervals do not add up to it."""
    selection = with_inflections(con, selection)
    sql = _COUNT.format(hits=selection.from_clause(), condition=selection.condition())
    return fetch_as(con, MatchCount, sql, selection.parameters())[0]


def count_overlap(con: duckdb.DuckDBPyConnection, first: Selection, second: Selection) -> int:
    """Return how many articles answer both questions."""
    found = []
    for selection in (with_inflections(con, first), with_inflections(con, second)):
        sql = f"select a.doc_no {selection.from_clause()} where {selection.condition()}"
        found.append(con.execute(sql, selection.parameters()).fetchnumpy()["doc_no"])
    return len(np.intersect1d(found[0], found[1], assume_unique=True))


def find_span(con: duckdb.DuckDBPyConnection, selection: Selection) -> tuple[date | None, date | None]:
    """Return the first and the last day of a selection: those asked for, else those that articles have."""
    first, last = con.execute(_SPAN).fetchall()[0]
    return selection.since or first, selection.until or last


_SPAN = "select min(day), max(day) from core.listing"

_COUNT = """
select count(*) as n_articles, count(distinct a.story_id) as n_stories
{hits}
where {condition}
"""

_ATTENTION = """
with matched as (
    select
        date_trunc('{interval}', a.day)::date as starts_on,
        count(*) as n_articles,
        count(*) filter (a.n_copies = 0)
            + count(distinct case when a.n_copies > 0 then a.story_id end) as n_stories
    {hits}
    where {condition}
    group by 1
),
everything as (
    select date_trunc('{interval}', a.day)::date as starts_on, count(*) as n_all
    from core.listing as a
    where {everything}
    group by 1
)
select
    e.starts_on,
    coalesce(m.n_articles, 0) as n_articles,
    coalesce(m.n_stories, 0) as n_stories,
    e.n_all,
    coalesce(m.n_articles, 0) / e.n_all as share
from everything as e
left join matched as m using (starts_on)
order by e.starts_on
"""

"""The edits of a report: how often each source edits what it has published, and the latest headlines."""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from warehouse.reading.edits import EditCount
from warehouse.reading.rows import fetch_as

N_SOURCES = 30
N_LATEST = 12


@dataclass(frozen=True, slots=True)
class LatestEdit:
    """One of the latest edits; its texts are not read."""

    article_id: str
    title_before: str
    title: str
    change: str  # body, title, both
    seen_at: datetime
    is_stealth: bool
    source: str
    source_title: str


def count_report_edits(con: duckdb.DuckDBPyConnection, chosen: str) -> tuple[EditCount, ...]:
    """Return the edits of each source, most first; `chosen` is the table of the report's articles."""
    return fetch_as(con, EditCount, _COUNTS.format(edits=_EDITS.format(chosen=chosen)), {"n": N_SOURCES})


def find_latest_edits(con: duckdb.DuckDBPyConnection, chosen: str) -> tuple[LatestEdit, ...]:
    """Return the latest edits; `chosen` is the table of the report's articles."""
    return fetch_as(con, LatestEdit, _LATEST.format(edits=_EDITS.format(chosen=chosen)), {"n": N_LATEST})


_EDITS = """
    select
        article_id,
        revision_no,
        change,
        seen_at,
        title,
        lag(title) over w as title_before,
        modified_at is null or modified_at is not distinct from lag(modified_at) over w as is_stealth
    from core.revision
    where article_id in (select article_id from {chosen} where is_edited)
    window w as (partition by article_id order by revision_no)
"""

_COUNTS = """
select
    a.source,
    coalesce(any_value(s.title), a.source) as source_title,
    count(*) as n_edits,
    count(*) filter (e.is_stealth) as n_stealth
from ({edits}) as e
join core.listing as a using (article_id)
left join core.source as s on s.name = a.source
where e.revision_no > 1
group by a.source
order by n_edits desc, a.source
limit $n
"""

_LATEST = """
select
    e.article_id,
    e.title_before,
    e.title,
    e.change,
    e.seen_at,
    e.is_stealth,
    a.source,
    coalesce(s.title, a.source) as source_title
from ({edits}) as e
join core.listing as a using (article_id)
left join core.source as s on s.name = a.source
where e.revision_no > 1
order by e.seen_at desc, e.article_id desc
limit $n
"""

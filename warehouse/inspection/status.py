"""The state of collection for each source, for operators; read from the analysts' views."""

from dataclasses import dataclass
from datetime import datetime

import duckdb


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """State of one source."""

    source: str
    polling: str | None  # polled, disabled or removed, as sources.toml has it; None without feeds
    n_feeds: int
    last_ok_at: datetime | None
    next_due_at: datetime | None
    failing: str | None  # which feeds fail and why; None when all answer
    pending: int  # entries whose pages are not fetched yet
    rejected: int  # items that failed and have not succeeded since
    new_24h: int
    lag_s: float | None  # median from published to stored, over seven days; None without articles


@dataclass(frozen=True, slots=True)
class RunStatus:
    """The last run of a flow."""

    run_id: str
    flow: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    n_new: int
    n_rejects: int


def find_source_status(con: duckdb.DuckDBPyConnection, now: datetime) -> list[SourceStatus]:
    """Return the state of each source, by name; `now` is aware UTC."""
    return [SourceStatus(*row) for row in con.execute(_SOURCES, {"now": now}).fetchall()]


def find_last_runs(con: duckdb.DuckDBPyConnection) -> list[RunStatus]:
    """Return the last run of each flow, newest first."""
    return [RunStatus(*row) for row in con.execute(_RUNS).fetchall()]


_SOURCES = """
with feeds as (
    select
        source,
        case
            when bool_and(status = 'removed') then 'removed'
            when bool_and(status in ('removed', 'disabled')) then 'disabled'
            else 'polled'
        end as polling,
        count(*) filter (where status <> 'removed') as n_feeds,
        max(last_ok_at) as last_ok_at,
        min(next_due_at) filter (where status not in ('removed', 'disabled')) as next_due_at,
        string_agg(feed_url || ': ' || coalesce(reason, status), '; ' order by feed_url)
            filter (where status in ('failing', 'stopped', 'overlap lost')) as failing
    from feed_health
    group by source
),
ledger as (
    select source, sum(pending) as pending
    from source_daily
    group by source
),
failed as (
    select source, count(*) as rejected
    from rejects
    group by source
),
stored as (
    select
        source,
        count(*) filter (where first_seen_at > $now - interval '1 day') as new_24h,
        median(epoch(first_seen_at) - epoch(published_at))
            filter (where published_at > $now - interval '7 days') as lag_s
    from articles
    group by source
)
select
    source,
    f.polling,
    coalesce(f.n_feeds, 0)::integer,
    f.last_ok_at,
    f.next_due_at,
    f.failing,
    coalesce(l.pending, 0)::integer,
    coalesce(r.rejected, 0)::integer,
    coalesce(s.new_24h, 0)::integer,
    s.lag_s
from feeds as f
full join stored as s using (source)
full join ledger as l using (source)
full join failed as r using (source)
order by source
"""

_RUNS = """
select run_id::text, flow, status, started_at, ended_at, coalesce(n_new, 0), coalesce(n_rejects, 0)
from runs
qualify row_number() over (partition by flow order by started_at desc) = 1
order by started_at desc
"""

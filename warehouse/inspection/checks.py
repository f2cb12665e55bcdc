"""Checks after a run, for faults of a source as a whole rather than of one item.

Each finding is one sentence and makes the run end with warnings. A source is compared with its own past only.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb


@dataclass(frozen=True, slots=True)
class RunFinding:
    """What a check found."""

    check: str  # ledger, overlap_lost, moved, stopped, failing, dried_up, alerts, coverage, rejects
    source: str
    sentence: str


def find_findings(con: duckdb.DuckDBPyConnection, run_id: str, now: datetime) -> list[RunFinding]:
    """Return the findings after a run, by check and source; `now` is aware UTC."""
    values = {"run_id": run_id, "now": now}
    findings = []
    for check, query in _CHECKS.items():
        used = {name: value for name, value in values.items() if f"${name}" in query}
        findings += [RunFinding(check, *row) for row in con.execute(query, used).fetchall()]
    return findings


_POLLED = """
select distinct feed_url
from core.fetch
where run_id = $run_id and url_key is null and feed_url is not null
"""

# A feed is dead that failed so many times in a row, or twice and for so many days.
_DEAD_POLLS, _DEAD_DAYS = 5, 2

# Too few cases give no reliable rate: below these a source is not checked.
_ENOUGH_NOW, _ENOUGH_BEFORE = 10, 50

_COVERAGE = f"""
with loaded as (
    select
        a.source,
        l.run_id = $run_id as is_now,
        a.published_on is not null as has_day,
        a.published_at is not null as has_instant,
        a.word_count >= 30 as has_body
    from core.article as a
    join core.load as l on l.load_id = a.load_id
    where l.loaded_at > $now - interval '30 days'
),
shares as (
    select source, is_now, what, count(*) as n, avg(has::integer) as share
    from (
        select
            source,
            is_now,
            unnest(['day', 'instant', 'body of 30 words']) as what,
            unnest([has_day, has_instant, has_body]) as has
        from loaded
    )
    group by all
)
select
    s.source,
    format(
        'Only {{:.0f}} % of {{:d}} new articles of {{}} have a {{}} ({{:.0f}} % over 30 days): '
        'its page layout may have changed.',
        100 * s.share, s.n, s.source, s.what, 100 * b.share
    )
from shares as s
join shares as b on b.source = s.source and b.what = s.what and not b.is_now
where s.is_now and s.n >= {_ENOUGH_NOW} and b.n >= {_ENOUGH_BEFORE} and s.share < b.share - 0.4
order by all
"""

_REJECTS = f"""
with outcome as (
    select
        f.source,
        f.run_id = $run_id as is_now,
        r.url_key is not null as is_reject
    from core.fetch as f
    left join (
        select distinct source, url_key
        from core.reject
        where resolved_at is null and url_key is not null
    ) as r on r.source = f.source and r.url_key = f.url_key
    where f.url_key is not null and f.started_at > $now - interval '30 days'
),
shares as (
    select source, is_now, count(*) as n, avg(is_reject::integer) as share
    from outcome
    group by all
)
select
    s.source,
    format(
        '{{:.0f}} % of {{:d}} pages of {{}} were rejected (usually {{:.0f}} %): see wirehouse rejects list.',
        100 * s.share, s.n, s.source, 100 * b.share
    )
from shares as s
join shares as b on b.source = s.source and not b.is_now and b.n >= {_ENOUGH_NOW}
where s.is_now and s.n >= {_ENOUGH_NOW} and s.share > 0.3 + b.share
order by all
"""

_CHECKS = {
    "ledger": """
        select
            source,
            format(
                'The ledger of {} on {} does not add up: {:d} seen, {:d} stored, known, rejected or pending.',
                source, day, seen, stored + known + rejected + pending
            )
        from source_daily
        where seen <> stored + known + rejected + pending
        order by all
        """,
    "overlap_lost": f"""
        select
            source,
            format('{{}} and its older pages showed no known entry: entries may have been missed. '
                || 'A backfill finds them.', feed_url)
        from core.feed_state
        where overlap_lost and feed_url in ({_POLLED})
        order by all
        """,
    "moved": f"""
        select
            source,
            format('{{}} has moved permanently to {{}}. To change sources.toml: '
                || 'wirehouse sources check --apply', feed_url, moved_to_url)
        from core.feed_state
        where moved_to_url is not null and n_moved_polls >= 3 and feed_url in ({_POLLED})
        order by all
        """,
    "stopped": f"""
        select
            source,
            format('{{}} is gone (410) and no longer polled: remove it from sources.toml.', feed_url)
        from core.feed_state
        where stopped_at is not null and feed_url in ({_POLLED})
        order by all
        """,
    # A failure or two is an outage; these are dead, or were never right.
    "failing": f"""
        select
            source,
            format('{{}} fails: {{:d}} polls in a row, last success {{}}. {{}}',
                feed_url, n_failures,
                coalesce(strftime(last_ok_at, '%Y-%m-%d'), 'never'), coalesce(reason, ''))
        from core.feed_state
        where
            feed_url in ({_POLLED})
            and stopped_at is null
            and (
                n_failures >= {_DEAD_POLLS}
                or n_failures >= 2
                and (last_ok_at is null or last_ok_at < $now - interval '{_DEAD_DAYS} days')
            )
        order by all
        """,
    # Twenty times its own interval without news, at least three days: nights, weekends and holidays pass.
    "dried_up": f"""
        select
            source,
            format('{{}} has had no new entry since {{}}; its rate was {{:.1f}} entries a day.',
                feed_url, strftime(last_new_at, '%Y-%m-%d'), new_per_day)
        from core.feed_state
        where
            feed_url in ({_POLLED})
            and new_per_day > 0
            and last_new_at < $now - to_seconds(greatest(3 * 86400, 20 * 86400 / new_per_day)::bigint)
        order by all
        """,
    "alerts": """
        select
            'searches.toml' as source,
            format('{:d} changes for {} could not be sent in {:d} attempts: {}',
                count(*), recipient, max(attempts), max(reason))
        from core.alert
        where sent_at is null and attempts >= 3
        group by recipient
        order by all
        """,
    "coverage": _COVERAGE,
    "rejects": _REJECTS,
}

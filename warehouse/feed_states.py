"""What the store knows of sources and feeds, read before a run starts.

Apart from `warehouse.feeds` and `warehouse.sources`, which write through Arrow: its import takes longer than
all questions here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import duckdb

from warehouse.records.feed import FeedState
from warehouse.records.source import FeedKind, Source

MAX_POLL_WAIT = timedelta(days=1)  # the longest interval between two polls of a feed

_NAMES = [field.name for field in fields(FeedState)]


def find_feed_states(con: duckdb.DuckDBPyConnection) -> dict[str, FeedState]:
    """Return the stored state of each feed, by its URL."""
    rows = con.execute(f"select {', '.join(_NAMES)} from core.feed_state").fetchall()
    return {state.feed_url: state for state in map(_state, rows)}


def find_due_states(
    con: duckdb.DuckDBPyConnection, now: datetime, shard: tuple[int, int] | None = None
) -> dict[str, FeedState | None]:
    """Return the state of each listed feed that is due, by its URL; None when it was never polled.

    With a shard (k, n) only those of sources whose slot leaves k when divided by n.
    """
    parameters: dict[str, Any] = {"now": now, "max_wait": MAX_POLL_WAIT}
    if shard is None:
        rows = con.execute(_DUE_STATES, parameters).fetchall()
    else:
        rows = con.execute(
            _DUE_STATES_OF_SHARD, parameters | {"shard": shard[0], "n_shards": shard[1]}
        ).fetchall()
    return {url: _state(row) if row[0] is not None else None for url, *row in rows}


def has_due_feed(con: duckdb.DuckDBPyConnection, source_names: Iterable[str], now: datetime) -> bool:
    """Say whether any feed of these sources is due."""
    parameters = {"sources": list(source_names), "now": now, "max_wait": MAX_POLL_WAIT}
    return bool(con.execute(_ANY_DUE, parameters).fetchall())


def find_next_due(con: duckdb.DuckDBPyConnection, source_names: Iterable[str]) -> tuple[str, datetime] | None:
    """Return the URL and due time of the feed of these sources that is due next; None without any."""
    rows = con.execute(_NEXT_DUE, {"sources": list(source_names)}).fetchall()
    return rows[0] if rows else None


def _state(row: Sequence[Any]) -> FeedState:
    return FeedState(**{**dict(zip(_NAMES, row, strict=True)), "kind": FeedKind(row[2])})


def find_moved_feeds(con: duckdb.DuckDBPyConnection, n_polls: int) -> dict[str, str]:
    """Return the targets of feeds that as many polls in a row led to, by the feed's URL."""
    rows = con.execute(
        """
        select feed_url, moved_to_url
        from core.feed_state
        where moved_to_url is not null and n_moved_polls >= ?
        """,
        [n_polls],
    ).fetchall()
    return dict(rows)


def has_source_list(con: duckdb.DuckDBPyConnection, sources: Iterable[Source]) -> bool:
    """Say whether the store has these sources and their feeds, unchanged, and no others."""
    listed = list(sources)
    known = con.execute(_SOURCES).fetchall(), con.execute(_FEEDS).fetchall()
    of_sources = [
        (s.name, s.title, s.homepage, s.country, s.language, s.timezone, s.enabled, list(s.tags))
        for s in sorted(listed, key=lambda source: source.name)
    ]
    of_feeds = {(feed.url, source.name, feed.kind.value) for source in listed for feed in source.feeds}
    return (known[0], set(known[1])) == (of_sources, of_feeds)


_SOURCES = """
select name, title, homepage, country, language, timezone, enabled, tags
from core.source
where removed_at is null
order by name
"""

_FEEDS = """
select feed_url, source, kind
from core.feed
where removed_at is null
"""

# Due: never polled, or not stopped and the time has come. A due time later than the longest interval from now
# was written by a wrong clock and counts as come.
_IS_DUE = """
    s.stopped_at is null
    and (s.next_due_at is null or s.next_due_at <= $now or s.next_due_at > $now + $max_wait)
"""

# Not one outer join: it would join a million feeds that wait.
_DUE_STATES = f"""
select f.feed_url, {", ".join(f"s.{name}" for name in _NAMES)}
from core.feed as f
join core.feed_state as s using (feed_url)
where f.removed_at is null and {_IS_DUE}
union all
select f.feed_url, {", ".join("null" for _ in _NAMES)}
from core.feed as f
anti join core.feed_state as s using (feed_url)
where f.removed_at is null
"""

# The condition is in both halves, so that no row is made of the feeds of other shards.
_OF_SHARD = "f.source in (select name from core.source where slot % $n_shards = $shard)"
_DUE_STATES_OF_SHARD = _DUE_STATES.replace("f.removed_at is null", f"f.removed_at is null and {_OF_SHARD}")

_ANY_DUE = f"""
select 1
from core.feed as f
left join core.feed_state as s using (feed_url)
where f.removed_at is null and f.source in (select unnest($sources::text[])) and {_IS_DUE}
limit 1
"""

_NEXT_DUE = """
select f.feed_url, s.next_due_at
from core.feed as f
join core.feed_state as s using (feed_url)
where
    f.removed_at is null
    and f.source in (select unnest($sources::text[]))
    and s.stopped_at is null
    and s.next_due_at is not null
order by s.next_due_at, f.feed_url
limit 1
"""

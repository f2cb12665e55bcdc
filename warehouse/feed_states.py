"""What the store knows of sources and feeds, read before a run starts.

Apart from `warehouse.feeds` and `warehouse.sources`, which write through Arrow: its import takes longer than
all questions here.
"""

from collections.abc import Iterable
from dataclasses import fields
from datetime import timedelta

import duckdb

from warehouse.records import FeedKind, FeedState, Source

MAX_POLL_WAIT = timedelta(days=1)  # the longest interval between two polls of a feed


def find_feed_states(con: duckdb.DuckDBPyConnection) -> dict[str, FeedState]:
    """Return the stored state of each feed, by its URL."""
    names = [field.name for field in fields(FeedState)]
    rows = con.execute(f"select {', '.join(names)} from core.feed_state").fetchall()
    states = [FeedState(**{**dict(zip(names, row, strict=True)), "kind": FeedKind(row[2])}) for row in rows]
    return {state.feed_url: state for state in states}


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

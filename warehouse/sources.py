"""Sources and which feeds each has: as sources.toml says, or as an import names them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from warehouse.records.source import Source
from warehouse.store.arrow import registered


def load_sources(con: duckdb.DuckDBPyConnection, sources: Sequence[Source]) -> None:
    """Store the source list; sources and feeds that left it are marked as removed, their articles stay."""
    now = datetime.now(UTC)
    source_rows = pa.table(
        {
            "name": pa.array([s.name for s in sources], pa.string()),
            "title": pa.array([s.title for s in sources], pa.string()),
            "homepage": pa.array([s.homepage for s in sources], pa.string()),
            "country": pa.array([s.country for s in sources], pa.string()),
            "language": pa.array([s.language for s in sources], pa.string()),
            "timezone": pa.array([s.timezone for s in sources], pa.string()),
            "enabled": pa.array([s.enabled for s in sources], pa.bool_()),
            "tags": pa.array([list(s.tags) for s in sources], pa.list_(pa.string())),
        }
    )
    feeds = [(feed.url, source.name, feed.kind.value) for source in sources for feed in source.feeds]
    feed_rows = pa.table(
        [pa.array([feed[i] for feed in feeds], pa.string()) for i in range(3)],
        names=["feed_url", "source", "kind"],
    )
    with registered(con, stage_source=source_rows, stage_feed=feed_rows):
        if con.execute(_CHANGED_HANDS).fetchall():
            for statement in _HAND_OVER:
                con.execute(statement)
        for statement in _LOAD_SOURCES:
            con.execute(statement, {"now": now} if "$now" in statement else None)


def load_slots(con: duckdb.DuckDBPyConnection, slots: Mapping[str, int]) -> None:
    """Store the slot of each source, by its name: which shard reads it."""
    table = pa.table({"name": list(slots), "slot": pa.array(list(slots.values()), pa.int16())})
    with registered(con, stage_slot=table):
        con.execute(_LOAD_SLOTS)


def add_sources(con: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Add sources that only an import names; known ones stay unchanged."""
    con.execute(
        """
        insert into core.source (name, title, added_at)
        select distinct n.name, n.name, now()
        from (select unnest(?::text[]) as name) as n
        anti join core.source as s using (name)
        """,
        [list(names)],
    )


def find_source_names(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the keys of all sources that the warehouse knows."""
    return {name for (name,) in con.execute("select name from core.source").fetchall()}


def count_articles(con: duckdb.DuckDBPyConnection, name: str) -> int:
    """Return how many articles a source has."""
    return int(con.execute("select count(*) from core.article where source = ?", [name]).fetchall()[0][0])


def find_source_titles(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return each source's key by its title in lower case; of two with one title, the first key."""
    rows = con.execute(
        "select lower(title) as title, min(name) as name from core.source group by 1"
    ).fetchall()
    return dict(rows)


def set_source_titles(con: duckdb.DuckDBPyConnection, titles: dict[str, str]) -> None:
    """Set the titles of sources that only imports name, as the file has them."""
    table = pa.table(
        {"name": pa.array(list(titles), pa.string()), "title": pa.array(list(titles.values()), pa.string())}
    )
    with registered(con, some_source=table):
        con.execute(_TITLES)


# A feed whose source was renamed, or that was moved to another source: its entries move as well, or its
# pending pages would wait for a source that is never read again. Articles keep their source.
_CHANGED_HANDS = """
select f.feed_url
from core.feed as f
join stage_feed as i using (feed_url)
where f.source <> i.source
limit 1
"""

_HAND_OVER = tuple(
    f"""
    update core.{table} as t
    set source = i.source
    from stage_feed as i
    where t.feed_url = i.feed_url and t.source <> i.source
    """
    for table in ("entry", "feed_state")
)


_LOAD_SOURCES = (
    """
    update core.source as s
    set
        title = i.title,
        homepage = i.homepage,
        country = i.country,
        language = i.language,
        timezone = i.timezone,
        enabled = i.enabled,
        tags = i.tags,
        removed_at = null
    from stage_source as i
    where
        s.name = i.name
        and (s.title, s.homepage, s.country, s.language, s.timezone, s.enabled, s.tags, s.removed_at)
            is distinct from
            (i.title, i.homepage, i.country, i.language, i.timezone, i.enabled, i.tags, null)
    """,
    """
    insert into core.source (name, title, homepage, country, language, timezone, enabled, tags, added_at)
    select i.name, i.title, i.homepage, i.country, i.language, i.timezone, i.enabled, i.tags, $now
    from stage_source as i
    anti join core.source as s using (name)
    """,
    """
    update core.source
    set removed_at = $now
    where removed_at is null and name not in (select name from stage_source)
    """,
    """
    update core.feed as f
    set
        source = i.source,
        kind = i.kind,
        removed_at = null
    from stage_feed as i
    where
        f.feed_url = i.feed_url
        and (f.source, f.kind, f.removed_at) is distinct from (i.source, i.kind, null)
    """,
    """
    insert into core.feed (feed_url, source, kind, added_at)
    select i.feed_url, i.source, i.kind, $now
    from stage_feed as i
    anti join core.feed as f using (feed_url)
    """,
    """
    update core.feed
    set removed_at = $now
    where removed_at is null and feed_url not in (select feed_url from stage_feed)
    """,
)

_LOAD_SLOTS = """
update core.source as s
set slot = i.slot
from stage_slot as i
where s.name = i.name and s.slot is distinct from i.slot
"""

_TITLES = """
update core.source as s
set title = n.title
from some_source as n
where n.name = s.name and s.title = s.name and n.title <> s.name
"""

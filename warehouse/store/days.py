"""The day of each article, by which the tables of its parts are looked up.

`seen_on` is the UTC day of the article's first_seen_at, kept in core.article and beside each of its rows in
the tables of DATED. A lake has separate files for each day of these tables: a look-up by article and day
reads those of a few days, whatever else is stored. By article alone it reads every file.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import duckdb

from warehouse.store.arrow import ID_SET, id_set

DATED = ("article_text", "revision", "field_origin", "fingerprint")
DAY_SET = "some_dated_id"  # the temporary table that `day_set` fills: article_id, seen_on


def day_of(first_seen_at: str) -> str:
    """Return the SQL expression of the day of an instant."""
    return f"cast(timezone('UTC', {first_seen_at}) as date)"


def rows_by_day(table: str, keys: str) -> str:
    """Return the condition for the rows of a table of DATED, or of core.article, of some articles.

    `keys` is a relation with article_id and seen_on of each. By row number, because a file would decompress
    every column of the days between the first and the last one; and by day, because a lake would read all
    its files for a row number.
    """
    return (
        f"rowid in (select i.rowid from core.{table} as i join {keys} using (article_id, seen_on))"
        f" and seen_on in (select seen_on from {keys})"
    )


def find_days(con: duckdb.DuckDBPyConnection, article_ids: Collection[str]) -> dict[str, date]:
    """Return the days of those articles that are stored."""
    if not article_ids:
        return {}
    with id_set(con, article_ids):
        return dict(con.execute(_FIND_DAYS).fetchall())


@contextmanager
def day_set(con: duckdb.DuckDBPyConnection, days: Mapping[str, date]) -> Iterator[None]:
    """Put articles with their days into the temporary table DAY_SET, for the statements inside the block."""
    ids = sorted(days)
    con.execute(_FILL_DAY_SET, [",".join(ids), ",".join(str(days[article_id] or "") for article_id in ids)])
    yield


def move_days(con: duckdb.DuckDBPyConnection, moved: str) -> None:
    """Give the rows of some articles in the tables of DATED another day.

    `moved` is a query for article_id, old_on and seen_on.
    """
    con.execute(f"create or replace temp table moved_day as {moved}")
    if con.execute("select count(*) from moved_day").fetchall()[0][0]:
        for table in DATED:
            con.execute(_MOVE_ROWS.format(table=table))


def settle_days(con: duckdb.DuckDBPyConnection, ids: str) -> None:
    """Set the day of the articles in a table with `article_id`, and of their rows in the tables of DATED."""
    con.execute(_SETTLE_ARTICLES.format(ids=ids))
    con.execute(_SETTLED.format(ids=ids))
    for table in DATED:
        con.execute(_SETTLE_ROWS.format(table=table))


_FIND_DAYS = f"""
select cast(a.article_id as text), a.seen_on
from core.article as a
join {ID_SET} using (article_id)
"""

_FILL_DAY_SET = f"""
create or replace temp table {DAY_SET} as
select
    cast(unnest(string_split(nullif(?, ''), ',')) as uuid) as article_id,
    cast(nullif(unnest(string_split(nullif(?, ''), ',')), '') as date) as seen_on
"""

_MOVE_ROWS = """
update core.{table} as t
set seen_on = m.seen_on
from moved_day as m
where t.article_id = m.article_id and t.seen_on = m.old_on
"""

_SETTLE_ARTICLES = f"""
update core.article as a
set seen_on = {day_of("a.first_seen_at")}
where
    a.article_id in (select article_id from {{ids}})
    and a.seen_on is distinct from {day_of("a.first_seen_at")}
"""

_SETTLED = """
create or replace temp table settled_day as
select article_id, seen_on
from core.article
where article_id in (select article_id from {ids})
"""

_SETTLE_ROWS = """
update core.{table} as t
set seen_on = d.seen_on
from settled_day as d
where t.article_id = d.article_id and t.seen_on is distinct from d.seen_on
"""

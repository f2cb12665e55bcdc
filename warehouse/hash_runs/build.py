"""Build the runs from the rows of core.fingerprint, some days at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt

from warehouse.hash_runs.chain import RunEntry, new_run_file, write_chain
from warehouse.hash_runs.run_file import (
    HASH_BITS,
    MOST_ARTICLES,
    NUMBER_BITS,
    UNDATED,
    Articles,
    Keys,
    write_run,
)
from warehouse.store.arrow import Value, relation

_SPAN_ROWS = 4_000_000  # some 200,000 articles: about a full run
_SORTED_AT_ONCE = 500_000
_ROWS_AT_ONCE = 250_000
_IN_SPAN = "published_on between $first_day and $last_day"
_IS_UNDATED = "published_on is null"


def build_chain(con: duckdb.DuckDBPyConnection, folder: Path, state: str, n_rows: int) -> list[RunEntry]:
    """Write runs with all stored hashes, and make them the only ones; return them."""
    entries: list[RunEntry] = []
    for first_day, last_day in spans(find_rows_by_day(con), _SPAN_ROWS):
        days = {"first_day": first_day, "last_day": last_day}
        entries += _build_runs(con, folder, n_rows, _IN_SPAN, days)
    entries += _build_runs(con, folder, n_rows, _IS_UNDATED, {})
    if entries:
        entries[-1] = replace(entries[-1], state=state)
        write_chain(folder, entries)
    return entries


def find_rows_by_day(con: duckdb.DuckDBPyConnection) -> list[tuple[date, int]]:
    """Return how many hashes articles of each day have, in the order of the days."""
    return con.execute(_ROWS_BY_DAY).fetchall()


def spans(days: Sequence[tuple[date, int]], least_rows: int) -> Iterator[tuple[date, date]]:
    """Yield first and last day of parts with just enough rows; `days` has the rows of each day."""
    first, n_rows = None, 0
    for day, n in days:
        first = first or day
        n_rows += n
        if n_rows >= least_rows or day == days[-1][0]:
            yield first, day
            first, n_rows = None, 0


def _build_runs(
    con: duckdb.DuckDBPyConnection, folder: Path, n_rows: int, condition: str, days: dict[str, date]
) -> Iterator[RunEntry]:
    """Write the hashes of some days: one run, unless these have more articles than it may hold."""
    con.execute(_NUMBERED.format(condition=condition), days)
    ((n_articles,),) = con.execute("select count(*) from hashed_article").fetchall()
    for begin in range(0, n_articles, MOST_ARTICLES):
        numbers = {"begin": begin, "end": begin + MOST_ARTICLES}
        file = new_run_file(folder)
        rows = con.execute(_ARTICLES, numbers).fetchnumpy()
        articles = Articles(
            np.frombuffer(b"".join(rows["id"]), dtype="S16"),
            rows["day"].astype(np.int32),
            rows["n_hashes"].astype(np.int32),
        )
        n_keys = int(articles.n_hashes.sum())
        keys = _read_keys(con, _KEYS.format(condition=condition), {**numbers, **days}, n_keys)
        sizes = write_run(file, keys, articles, np.zeros(0, dtype="S16"))
        yield RunEntry(file.name, sizes, None, n_rows)
    con.execute("drop table hashed_article")


def _read_keys(
    con: duckdb.DuckDBPyConnection, statement: str, parameters: dict[str, Value], n_keys: int
) -> Iterator[Keys]:
    """Yield the keys in order, a range of hashes after the other: to sort all at once takes more memory."""
    n_parts = n_keys // _SORTED_AT_ONCE + 1
    bounds = [2**HASH_BITS * part // n_parts for part in range(n_parts + 1)]
    for low, high in pairwise(bounds):
        part = {**parameters, "low": low, "high": high}
        for rows in relation(con, statement, part).to_arrow_reader(_ROWS_AT_ONCE):
            keys: npt.NDArray[np.uint64] = rows.column(0).to_numpy()
            yield keys


_ROWS_BY_DAY = """
select published_on, count(*) as n
from core.fingerprint
where published_on is not null
group by published_on
order by published_on
"""

_NUMBERED = f"""
create or replace temp table hashed_article as
select
    article_id,
    day,
    n_hashes,
    row_number() over (order by day, article_id) - 1 as number
from (
    select
        article_id,
        any_value(coalesce(published_on - date '1970-01-01', {UNDATED})) as day,
        any_value(n_hashes) as n_hashes
    from core.fingerprint
    where {{condition}}
    group by article_id
)
"""

_ARTICLES = """
select unhex(replace(cast(article_id as text), '-', '')) as id, day, n_hashes
from hashed_article
where number >= $begin and number < $end
order by number
"""

_KEYS = f"""
select (f.hash << {NUMBER_BITS}) + cast(a.number - $begin as ubigint) as key
from core.fingerprint as f
join hashed_article as a using (article_id)
where
    f.{{condition}}
    and a.number >= $begin and a.number < $end
    and f.hash >= $low and f.hash < $high
order by key
"""

"""How the lake's costs grow with what is stored: loads (bar 6), upkeep (bar 7), questions (bar 9).

A large lake is made of 10,000 generated articles, loaded as usual, and of copies of their rows by bulk
inserts: with other ids, addresses and hashes, each copy three days earlier than the one before. The index of
a large lake consists of copies of one full segment.
"""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import duckdb

from bench.cluster.lake_bars import BarOutcome, catalog_number
from bench.warehouse import QUERIES
from tasks.load import store_batch
from tests.support.cluster.lakes import batch
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Batch
from warehouse.rewrite.compact import compact_if_due
from warehouse.search.index import rewrite_segments
from warehouse.search.postings import MAX_SEGMENT_DOCUMENTS
from warehouse.store.columns import find_columns
from warehouse.store.connection import connect, open_store, transaction
from warehouse.store.home import Home

BASE = 10_000
N_LOADS = 5
_DAYS_A_COPY = 3
_COPIES_AT_ONCE = 5
_PRIME = 7_778_742_049
FROM_PAGES = ("article", "article_text", "revision", "field_origin", "fingerprint", "fetch", "entry")
INDEX = ("lead", "listing", "search_document", "search_segment", "search_posting")


def load_base(home: Home) -> int:
    """Load the generated articles, with an entry of a feed for each; return the number of the next one."""
    for first in range(0, BASE, 2_000):
        store_batch(home, batch(first, 2_000), owner="bench")
    with open_store(home, owner="bench") as con, transaction(con):
        con.execute(_ADD_ENTRIES)
    return BASE


def grow_lake(
    home: Home, n_articles: int, tables: tuple[str, ...] = FROM_PAGES, n_stored: int = BASE
) -> None:
    """Add copies of all `n_stored` articles, of `load_base` or a call before, until there are so many."""
    step = n_stored // BASE
    at_once = step * max(1, _COPIES_AT_ONCE // step)
    with open_store(home, owner="bench") as con:
        con.execute(_BASE_ID)
        for table in tables:
            con.execute(f"create or replace temp table base_{table} as select * from core.{table}")
        for first in range(step, n_articles // BASE, at_once):
            with transaction(con):
                con.execute(_COPY_ID, [first, min(first + at_once, n_articles // BASE), step])
                for table in tables:
                    con.execute(_copy_rows(con, table))


def _copy_rows(con: duckdb.DuckDBPyConnection, table: str) -> str:
    columns = find_columns(con, table)
    values = ", ".join(_copied(name, kind) for name, kind in columns.items())
    keys = [name for name in ("article_id", "url_key") if name in columns]
    copies = (
        f"join copy_id as c using ({keys[0]})" if keys else "cross join (select distinct n from copy_id) as c"
    )
    return f"insert into core.{table} ({', '.join(columns)}) select {values} from base_{table} as t {copies}"


def _copied(name: str, kind: str) -> str:
    """Return the expression of a copied column."""
    expressions = {
        "load_id": "'00000000-copied'",
        "article_id": "c.new_id",
        "story_id": "c.new_id",
        "hash": f"(t.hash + c.n * {_PRIME}) % {2**40}",
        "doc_no": f"t.doc_no + c.n * {BASE}",
        "last_doc_no": f"t.last_doc_no + c.n * {BASE}",
        "docs": f"list_transform(t.docs, lambda no: cast(no + c.n * {BASE} as uinteger))",
        "segment_no": "t.segment_no + c.n * 100",
    }
    if name in expressions:
        return expressions[name]
    if name in ("url", "url_key", "final_url"):
        return f"t.{name} || '-' || c.n"
    if kind.startswith("TIMESTAMP") or kind == "DATE":
        return f"cast(t.{name} - to_days(cast(c.n * {_DAYS_A_COPY} as integer)) as {kind})"
    return f"t.{name}"


_ADD_ENTRIES = """
insert into core.entry (
    feed_url, source, url, url_key, title, published_at, first_seen_at, last_seen_at, load_id
)
select
    'https://www.' || source || '.example/feed', source, url, url_key, title, published_at, first_seen_at,
    first_seen_at, load_id
from core.article
"""

_BASE_ID = """
create or replace temp table base_id as
select article_id, url_key
from core.article
"""

_COPY_ID = """
create or replace temp table copy_id as
select
    b.article_id,
    b.url_key,
    n.range as n,
    cast(md5(cast(b.article_id as text) || n.range) as uuid) as new_id
from base_id as b
cross join range(?, ?, ?) as n
"""


def load_bar(small: Home, large: Home, rows: int) -> list[BarOutcome]:
    """Load batches of 1,000 into a small and a large lake in turn, then of 4,000 into the large one."""
    first = load_base(small)
    load_base(large)
    grow_lake(large, rows)
    costs: dict[str, list[float]] = {"small": [], "large": []}
    for home in (small, large):
        compact_if_due(home)
        store_batch(home, batch(first, 1_000), owner="bench")  # attaches, and fills caches
    for number in range(1, N_LOADS + 1):
        made = batch(first + number * 1_000, 1_000)
        costs["small"].append(_cpu_of_load(small, made))
        costs["large"].append(_cpu_of_load(large, made))
    first += (N_LOADS + 1) * 1_000
    big = [_cpu_of_load(large, batch(first + number * 4_000, 4_000)) for number in range(2)]
    at_small, at_large = (statistics.median(each) for each in costs.values())
    per_article_ms = min(big) / 4_000 * 1_000
    return [
        BarOutcome(
            at_small <= 2.0, f"1,000 articles at {BASE:,}: {_listed(costs['small'])} CPU s (at most 2.0)"
        ),
        BarOutcome(
            at_large <= 1.3 * at_small,
            f"1,000 articles at {rows:,}: {_listed(costs['large'])} CPU s, "
            f"{at_large / at_small:.2f} times as much (at most 1.3)",
        ),
        BarOutcome(
            per_article_ms <= 1.5,
            f"4,000 articles at {rows:,}: {per_article_ms:.2f} CPU ms an article (at most 1.5)",
        ),
    ]


def _cpu_of_load(home: Home, made: Batch) -> float:
    started_s = time.process_time()
    store_batch(home, made, owner="bench")
    return time.process_time() - started_s


def _listed(costs: list[float]) -> str:
    return f"{statistics.median(costs):.2f} ({min(costs):.2f} to {max(costs):.2f})"


def upkeep_bar(home: Home, min_files: int = 500) -> list[BarOutcome]:
    """Merge the files of many small loads while a reader holds a transaction; loads go on around it."""
    before = n_loads = 0
    while before < min_files:
        store_batch(home, batch(n_loads * 20, 20), owner="bench")
        n_loads += 1
        before = catalog_number(home, _N_FILES)
    with connect(home) as con:
        con.execute("begin transaction")
        ((seen,),) = con.execute("select count(*) from core.article_text").fetchall()
        with _loading(home, n_loads * 20) as loaded:
            compact_if_due(home)
        (still,) = con.execute("select count(*), count(body) from core.article_text").fetchall()
        con.execute("commit")
        (after,) = con.execute("select count(*), count(distinct article_id) from articles").fetchall()
    compact_if_due(home)
    n_files, most = catalog_number(home, _N_FILES), catalog_number(home, _MOST_FILES)
    expected = n_loads * 20 + sum(loaded)
    is_met = (
        before >= min_files
        and still == (seen, seen)
        and after == (expected, expected)
        and most <= 3
        and bool(loaded)
    )
    return [
        BarOutcome(
            is_met,
            f"{before} files (at least {min_files}) of {n_loads} loads, then {n_files}, "
            f"at most {most} a table and day (at most 3); "
            f"{len(loaded)} loads meanwhile, {after[0]} rows of {expected}; "
            f"the open reader saw {seen} rows, then {still[0]}",
        )
    ]


@contextmanager
def _loading(home: Home, first: int) -> Iterator[list[int]]:
    """Let a thread load small batches inside the block; yield the numbers of rows that it loaded."""
    loaded: list[int] = []
    end: list[bool] = []

    def load() -> None:
        place = first
        while not end or not loaded:
            loaded.append(store_batch(home, batch(place, 20), owner="bench").n_new)
            place += 20

    thread = Thread(target=load)
    thread.start()
    try:
        yield loaded
    finally:
        end.append(True)
        thread.join()


_N_FILES = "select count(*) from ducklake_data_file where end_snapshot is null"

_MOST_FILES = """
select max(n)
from (
    select count(*) as n
    from ducklake_data_file as f
    left join ducklake_file_partition_value as v using (data_file_id)
    where f.end_snapshot is null
    group by f.table_id, v.partition_value
) as t
"""


def query_bar(home: Home, rows: int) -> list[BarOutcome]:
    """Time the standard questions and a search on a large lake."""
    load_base(home)
    grow_lake(home, MAX_SEGMENT_DOCUMENTS)
    publish_snapshot(home)
    _unite_segments(home)
    grow_lake(home, rows, FROM_PAGES + INDEX, MAX_SEGMENT_DOCUMENTS)
    compact_if_due(home)
    outcomes = []
    with connect(home) as con:
        ((n_articles, word),) = con.execute(
            "select count(*), any_value(split_part(title, ' ', 2)) from articles"
        ).fetchall()
        questions = QUERIES | {f"search '{word}'": f"select count(*) from search('{word}')"}
        for name, query in questions.items():
            wall_s, cpu_s = min(_timed(con, query) for _ in range(3))
            outcomes.append(
                BarOutcome(wall_s <= 2, f"{name}: {wall_s:.2f} s, {cpu_s:.2f} of CPU, on {n_articles:,} rows")
            )
    return outcomes


def _unite_segments(home: Home) -> None:
    """Merge all segments of the index into one, as large as those of a large index are."""
    with open_store(home, owner="bench") as con, transaction(con):
        numbers = con.execute("select segment_no from core.search_segment").fetchall()
        rewrite_segments(con, [number for (number,) in numbers])


def _timed(con: duckdb.DuckDBPyConnection, query: str) -> tuple[float, float]:
    wall_s, cpu_s = time.monotonic(), time.process_time()
    con.execute(query).fetchall()
    return time.monotonic() - wall_s, time.process_time() - cpu_s

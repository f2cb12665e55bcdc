"""The bars of the lake, each as a function that returns what was measured and whether it was enough."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import LiteralString

from tasks.load import store_articles, store_batch
from tests.support.lake_races import Race, kill_loaders, race
from tests.support.lakes import admin_connection, batch
from warehouse.cluster.settings import Cluster
from warehouse.errors import LoadConflict
from warehouse.inspection.doctor import Level, check_store
from warehouse.publish import publish_snapshot
from warehouse.rewrite.compact import compact_if_due
from warehouse.store.connection import connect, open_store, transaction
from warehouse.store.home import Home
from warehouse.store.lake.catalog import catalog_connection
from warehouse.store.lake.upkeep import tend_lake


@dataclass(frozen=True, slots=True)
class BarOutcome:
    """What a bar measured."""

    is_met: bool
    sentence: str


def race_bar(home: Home, seconds: float) -> list[BarOutcome]:
    """Race two writers for the same keys while a reader looks on, with the lock and with the fence alone."""
    return [
        _raced(race(home, seconds=seconds), "lock and fence", min_conflicts=0),
        _raced(race(home, seconds=seconds, has_lock=False), "fence alone", min_conflicts=3),
    ]


def _raced(outcome: Race, name: str, *, min_conflicts: int) -> BarOutcome:
    is_met = (
        outcome.rows == outcome.keys == outcome.texts == outcome.expected
        and outcome.raced >= 1
        and outcome.reads >= 100
        and not outcome.wrong_reads
        and not outcome.read_errors
        and outcome.read_p95_s <= 1.5
        and outcome.conflicts >= min_conflicts
        and (outcome.repeated >= 1 or not min_conflicts)
    )
    return BarOutcome(
        is_met,
        f"{name}: {outcome.n_loads} loads, {outcome.raced} batches by both, {outcome.conflicts} refused, "
        f"{outcome.repeated} batches loaded after that; "
        f"{outcome.rows} rows, {outcome.keys} keys, {outcome.expected} expected; "
        f"{outcome.wrong_reads} of {outcome.reads} reads wrong, p95 {outcome.read_p95_s:.2f} s",
    )


def lost_lock_bar(home: Home) -> list[BarOutcome]:
    """Terminate the lock's connection in the middle of a load; another loads the batch meanwhile."""
    stale, refused = batch(0, 100), False
    try:
        with open_store(home, owner="the stale writer") as con, transaction(con):
            store_articles(con, stale)
            with admin_connection(_cluster(home)) as admin:
                admin.execute(_END_LOCK_HOLDERS)
            n_second = store_batch(home, stale, owner="the second writer").n_new
    except LoadConflict:
        refused = True
    again = store_batch(home, stale, owner="the stale writer")
    with connect(home) as con:
        ((rows, keys),) = con.execute("select count(*), count(distinct article_id) from articles").fetchall()
    is_met = refused and n_second == 100 and again.n_unchanged == 100 and rows == keys == 100
    return [
        BarOutcome(
            is_met, f"stale commit refused: {refused}; {rows} rows, {keys} keys; again: {again.n_new} new"
        )
    ]


_END_LOCK_HOLDERS = """
select pg_terminate_backend(pid)
from pg_locks
where locktype = 'advisory' and granted
"""


def kills_bar(home: Home, kills: int) -> list[BarOutcome]:
    """Kill loaders at random moments; then check the rows and clean up."""
    outcome = kill_loaders(home, kills=kills, in_flight=kills // 3)
    with open_store(home, owner="bench") as con:
        errors = [f.sentence for f in check_store(con, datetime.now(UTC)) if f.level is Level.ERROR]
    before = _n_files(home)
    with catalog_connection(_cluster(home), "bench") as catalog, open_store(home, owner="bench") as con:
        tend_lake(con, catalog, datetime.now(UTC), expire_before=datetime.now(UTC))
    known = _catalog_number(home, _KNOWN_FILES)
    left = _n_files(home)
    is_met = (
        not (outcome.lost or outcome.half or errors) and outcome.in_flight >= kills // 3 and left == known
    )
    return [
        BarOutcome(
            is_met,
            f"{outcome.kills} kills, {outcome.in_flight} in the middle of a load, "
            f"{outcome.acknowledged} loads acknowledged; lost {outcome.lost}, "
            f"half {outcome.half}, doctor's errors {errors}; "
            f"{before} files before upkeep, {left} after, {known} known",
        )
    ]


_KNOWN_FILES = """
select
    (select count(*) from ducklake_data_file)
    + (select count(*) from ducklake_delete_file)
    + (select count(*) from ducklake_files_scheduled_for_deletion)
"""


def _n_files(home: Home) -> int:
    return sum(path.is_file() for path in Path(_cluster(home).data_url).rglob("*"))


def load_bar(home: Home, rows: int) -> list[BarOutcome]:
    """Load batches of 1,000 into a small and a large lake, and one of 4,000."""
    first = _fill(home, 0, 10_000)
    small, first = _cpu_of_loads(home, first, 1_000, 5)
    first = _fill(home, first, rows)
    large, first = _cpu_of_loads(home, first, 1_000, 5)
    big, first = _cpu_of_loads(home, first, 4_000, 2)
    per_article_ms = big / 4_000 * 1_000
    return [
        BarOutcome(small <= 2.0, f"1,000 articles at 10,000: {small:.2f} CPU s (at most 2.0)"),
        BarOutcome(
            large <= 1.3 * small,
            f"1,000 articles at {rows:,}: {large:.2f} CPU s, {large / small:.2f} times as much (at most 1.3)",
        ),
        BarOutcome(
            per_article_ms <= 1.5, f"4,000 articles: {per_article_ms:.2f} CPU ms an article (at most 1.5)"
        ),
    ]


def _fill(home: Home, first: int, until: int, size: int = 4_000) -> int:
    """Load articles until there are so many, merging now and then; return the number of the next one."""
    while first < until:
        n = min(size, until - first)
        store_batch(home, batch(first, n), owner="bench")
        first += n
        if first % (10 * size) == 0:
            compact_if_due(home)
    compact_if_due(home)
    return first


def _cpu_of_loads(home: Home, first: int, size: int, n: int) -> tuple[float, int]:
    """Return the median CPU seconds of some loads, and the number of the next article."""
    made = [batch(first + i * size, size) for i in range(n)]
    costs = []
    for one in made:
        started_s = time.process_time()
        store_batch(home, one, owner="bench")
        costs.append(time.process_time() - started_s)
    return statistics.median(costs), first + n * size


def upkeep_bar(home: Home, n_loads: int = 60) -> list[BarOutcome]:
    """Merge the files of many small loads while a reader holds a transaction; loads go on around it."""
    for number in range(n_loads):
        store_batch(home, batch(number * 20, 20), owner="bench")
    before = _size(home)
    with connect(home) as con:
        con.execute("begin transaction")
        ((seen,),) = con.execute("select count(*) from core.article_text").fetchall()
        with _loading(home, n_loads * 20) as loaded:
            compact_if_due(home)
        (still,) = con.execute("select count(*), count(body) from core.article_text").fetchall()
        con.execute("commit")
        (after,) = con.execute("select count(*), count(distinct article_id) from articles").fetchall()
    compact_if_due(home)
    n_files, per_table = _size(home), _most_files_of_a_table(home)
    expected = n_loads * 20 + sum(loaded)
    is_met = still == (seen, seen) and after == (expected, expected) and per_table <= 3 and bool(loaded)
    return [
        BarOutcome(
            is_met,
            f"{before} files, then {n_files}, at most {per_table} of a table (at most 3); "
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


def _size(home: Home) -> int:
    return _catalog_number(home, "select count(*) from ducklake_data_file where end_snapshot is null")


def _most_files_of_a_table(home: Home) -> int:
    return _catalog_number(
        home,
        "select max(n) from (select count(*) as n from ducklake_data_file where end_snapshot is null"
        " group by table_id) as t",
    )


def _catalog_number(home: Home, query: LiteralString) -> int:
    with admin_connection(_cluster(home)) as admin:
        return int(admin.execute(query).fetchall()[0][0])


def _cluster(home: Home) -> Cluster:
    assert home.cluster is not None
    return home.cluster


QUERIES = {
    "latest": "select published_at, source, title from articles order by sort_at desc limit 20",
    "count": "select count(*) from articles",
    "by source": "select source, count(*) from articles group by source order by 2 desc limit 20",
    "by day": "select published_on, count(*) from articles group by published_on order by 1 desc limit 30",
    "by language": "select language, count(*), avg(word_count) from articles group by language",
    "of a day": "select title from articles where published_on = date '2026-01-02' limit 50",
    "title": "select count(*) from articles where title ilike '%an%'",
    "stories": "select story_id, count(*) from articles group by story_id order by 2 desc limit 20",
    "authors": "select a, count(*) from articles, unnest(authors) as u(a) group by a limit 20",
    "one text": "from core.article_text where article_id = (select min(article_id) from articles)",
}


def query_bar(home: Home, rows: int) -> list[BarOutcome]:
    """Time ten questions and a search on a large lake."""
    _fill(home, 0, rows)
    publish_snapshot(home)
    compact_if_due(home)
    outcomes = []
    with connect(home) as con:
        ((word,),) = con.execute("select split_part(title, ' ', 2) from articles limit 1").fetchall()
        questions = QUERIES | {"search": f"select count(*) from search('{word}')"}
        for name, query in questions.items():
            walls = []
            for _ in range(3):
                started_s = time.monotonic()
                con.execute(query).fetchall()
                walls.append(time.monotonic() - started_s)
            outcomes.append(BarOutcome(min(walls) <= 2, f"{name} on {rows:,} rows: {min(walls):.2f} s"))
    return outcomes

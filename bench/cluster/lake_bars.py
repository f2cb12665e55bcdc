"""Acceptance tests ("bars") of the lake: functions that return what was measured, and whether it is met."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import LiteralString

from tasks.load import store_articles, store_batch
from tests.support.cluster.lake_races import Race, kill_loaders, race
from tests.support.cluster.lakes import admin_connection, batch
from warehouse.cluster.settings import Cluster
from warehouse.errors import LoadConflict
from warehouse.inspection.doctor import Level, check_store
from warehouse.store.connection import connect, open_store, transaction
from warehouse.store.home import Home
from warehouse.store.lake.catalog import catalog_connection
from warehouse.store.lake.upkeep import tend_lake


@dataclass(frozen=True, slots=True)
class BarOutcome:
    """What an acceptance test measured, and whether its requirement is met."""

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
    known = catalog_number(home, _KNOWN_FILES)
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


def catalog_number(home: Home, query: LiteralString) -> int:
    """Return the number that a query of the catalogue gives."""
    with admin_connection(_cluster(home)) as admin:
        return int(admin.execute(query).fetchall()[0][0])


def _cluster(home: Home) -> Cluster:
    assert home.cluster is not None
    return home.cluster

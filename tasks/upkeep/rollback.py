"""Roll a re-extraction back: restore the old values, batch by batch."""

import hashlib
import json
from dataclasses import dataclass

import duckdb

from tasks.errors import UsageError
from tasks.load import settle_articles
from warehouse.invariants import count_rows
from warehouse.pages.moved import follow_moves
from warehouse.records.outcome import Counts
from warehouse.rewrite.rollback import BroughtBack, bring_back, count_superseded
from warehouse.run_record import recorded_run
from warehouse.runs import load_load, new_load_id
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, open_store, read_store, transaction
from warehouse.store.days import find_days

ITEMS_PER_BATCH = 200


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What a rollback did."""

    n_back: int  # items that were restored
    n_left: int  # items that have changed since the run and stay


def roll_back(home: Home, run_id: str, by_run: str) -> RolledBack:
    """Restore what a re-extraction replaced; items that have changed since the run stay unchanged.

    Raises UsageError when the run replaced nothing.
    """
    with read_store(home, owner="reextract") as con:
        if not count_superseded(con, run_id):
            raise UsageError(
                f"Run {run_id!r} cannot be rolled back, because it replaced nothing; "
                'wirehouse sql "select distinct run_id from superseded" lists the runs that can be.'
            )
    n_back = n_left = 0
    after: str | None = None
    while True:
        with open_store(home, owner=f"rollback of run {run_id}") as con, transaction(con):
            back = _restore_batch(con, run_id, by_run, after)
        n_back, n_left, after = n_back + back.n_back, n_left + back.n_left, back.last_id
        if after is None:
            return RolledBack(n_back, n_left)


def roll_back_run(home: Home, run_id: str) -> RolledBack:
    """Roll a re-extraction back, recorded as a separate run."""
    with (
        store_of(home).exclusive("a rollback"),
        recorded_run(home, "rollback", parameters=json.dumps({"run_id": run_id})) as run,
    ):
        return roll_back(home, run_id, run.run_id)


def _restore_batch(
    con: duckdb.DuckDBPyConnection, run_id: str, by_run: str, after: str | None
) -> BroughtBack:
    sha256 = hashlib.sha256(f"{by_run} {run_id} {after}".encode()).hexdigest()
    load_id = new_load_id(con, sha256)
    back = bring_back(con, run_id, load_id, after=after, limit=ITEMS_PER_BATCH)
    follow_moves(con)
    days = find_days(con, back.ids)
    n_duplicates = settle_articles(con, load_id, changed=days, stored=days, unlinked_ids=back.unlinked_ids)
    if back.n_back:
        counts = Counts(n_revised=len(back.ids), n_duplicates=n_duplicates)
        totals = count_rows(con)
        load_load(con, load_id, by_run, kind="data", batch_sha256=sha256, counts=counts, totals=totals)
    return back

"""A process that loads or reads the lake of WIREHOUSE_CLUSTER, and prints what it did as JSON.

    python -m tests.support.lake_worker ROLE ARGUMENTS

`load` walks key ranges in order, so that several of them race for each batch; `read` looks on; `endless`
loads until it is killed, a line for each load that was acknowledged.
"""

import json
import sys
import time
from contextlib import contextmanager

import duckdb

from tasks.load import store_articles
from tests.support.lakes import batch
from warehouse.errors import LoadConflict
from warehouse.store import connection
from warehouse.store.connection import connect, write
from warehouse.store.home import Home
from warehouse.store.lake import lake_store

_STATE = """
select
    (select count(*) from core.article),
    (select count(distinct article_id) from core.article),
    (select count(*) from core.article_text)
"""
_LATEST = "select published_at, source, title from articles order by sort_at desc limit 20"


def main() -> None:
    role, arguments = sys.argv[1], json.loads(sys.argv[2])
    done = {"load": load, "read": read, "endless": endless}[role](Home.of(), **arguments)
    print(json.dumps(done), flush=True)


def load(home: Home, *, seconds: float, size: int, step: int, has_lock: bool = True) -> dict:
    """Load batch after batch, each overlapping the one before; `has_lock` False leaves the fence alone."""
    if not has_lock:
        lake_store.writer_lock = _no_lock
    connection.ATTEMPTS = 1  # each refusal is counted here
    n_conflicts = 0
    end_at = time.monotonic() + seconds
    loads, first = [], 0
    while time.monotonic() < end_at:
        started_at = time.monotonic()
        made = batch(first, size)
        try:
            counts = write(home, lambda con, made=made: store_articles(con, made), owner="the race")
        except LoadConflict:
            n_conflicts += 1
            continue
        loads.append({"first": first, "new": counts.n_new, "seconds": time.monotonic() - started_at})
        first += step
    return {"loads": loads, "conflicts": n_conflicts, "size": size}


@contextmanager
def _no_lock(*_: object):
    yield


def read(home: Home, *, seconds: float) -> dict:
    """Query until the time is up; count the answers that show a half-loaded batch."""
    end_at = time.monotonic() + seconds
    walls, wrong, errors = [], 0, []
    with connect(home) as con:
        while time.monotonic() < end_at:
            started_at = time.monotonic()
            try:
                ((rows, keys, texts),) = con.execute(_STATE).fetchall()
                con.execute(_LATEST).fetchall()
                wrong += not rows == keys == texts
            except duckdb.Error as error:
                errors.append(str(error)[:200])
            walls.append(time.monotonic() - started_at)
    return {"reads": len(walls), "wrong": wrong, "errors": errors, "seconds": sorted(walls)}


def endless(home: Home, *, first: int, size: int) -> dict:
    """Load new batches for ever; say when each begins and when it is acknowledged."""
    while True:
        print(f"begin {first}", flush=True)
        made = batch(first, size)
        write(home, lambda con, made=made: store_articles(con, made), owner="a loader that is killed")
        print(f"loaded {first}", flush=True)
        first += size


if __name__ == "__main__":
    main()

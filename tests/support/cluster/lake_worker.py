"""A process that loads or reads the lake of WIREHOUSE_CLUSTER, and prints what it did, a JSON list a line.

    python -m tests.support.cluster.lake_worker ROLE ARGUMENTS

`load` walks key ranges in order, so that several of them race for each batch; `read` looks on; both go on
until their standard input ends. `endless` loads until it is killed, a line for each load that was
acknowledged.
"""

import json
import random
import sys
import time
from contextlib import contextmanager
from threading import Event, Thread

import duckdb

from tasks.load import store_articles
from tests.support.cluster.lakes import batch
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
    {"load": load, "read": read, "endless": endless}[role](Home.of(), **arguments)


def say(*words: object) -> None:
    print(json.dumps(words), flush=True)


def end_of_input() -> Event:
    """Return an event that is set when standard input ends."""
    ended = Event()

    def wait() -> None:
        sys.stdin.read()
        ended.set()

    Thread(target=wait, daemon=True).start()
    return ended


def load(home: Home, *, first: int, size: int, step: int, has_lock: bool = True) -> None:
    """Load batch after batch, each overlapping the one before, from the article `first` on.

    `has_lock` False leaves the fence alone. Says "loaded" or "refused" and the number of the batch.
    """
    if not has_lock:
        lake_store.writer_lock = _no_lock
    connection.ATTEMPTS = 1  # each refusal is counted here
    ended = end_of_input()
    while not ended.is_set():
        begun_at = time.monotonic()
        made = batch(first, size)
        try:
            write(home, lambda con, made=made: store_articles(con, made), owner="the race")
        except LoadConflict as conflict:
            say("refused", first, str(conflict))
            continue
        say("loaded", first)
        first += step
        if not has_lock:  # the lock gives the other its turn; without it the faster one would always win
            ended.wait(random.uniform(0, 2) * (time.monotonic() - begun_at))


@contextmanager
def _no_lock(*_: object):
    yield


def read(home: Home) -> None:
    """Query; say how long each answer took and whether it shows a half-loaded batch, or an error."""
    ended = end_of_input()
    with connect(home) as con:
        while not ended.is_set():
            begun_at = time.monotonic()
            try:
                ((rows, keys, texts),) = con.execute(_STATE).fetchall()
                con.execute(_LATEST).fetchall()
            except duckdb.Error as error:
                say("failed", str(error)[:200])
            else:
                say("read", time.monotonic() - begun_at, rows == keys == texts)


def endless(home: Home, *, first: int, size: int) -> None:
    """Load new batches for ever; say when each begins and when it is acknowledged."""
    while True:
        say("begin", first)
        made = batch(first, size)
        write(home, lambda con, made=made: store_articles(con, made), owner="a loader that is killed")
        say("loaded", first)
        first += size


if __name__ == "__main__":
    main()

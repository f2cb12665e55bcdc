"""Session locks of shards, and due feeds of a shard."""

import multiprocessing
import os
import signal
import time
from datetime import UTC, datetime

import pytest

from tasks.errors import UsageError
from tasks.plan import find_due_feeds
from tasks.shards import Shard, held_shard, select_shard, source_slots, store_slots
from warehouse.control.shard_locks import find_locked_shards, locked_shard
from warehouse.errors import ControlUnavailable
from warehouse.records.source import Feed, Source
from warehouse.sources import load_sources
from warehouse.store.connection import Home, open_store

SPAWN = multiprocessing.get_context("spawn")


def test_one_run_at_a_time_has_a_shard(database):
    with locked_shard(database, 3, 16) as first, locked_shard(database, 3, 16) as second:
        assert (first, second) == (True, False)
        with locked_shard(database, 4, 16) as another:
            assert another
        [lock] = find_locked_shards(database)
        assert (lock.number, lock.machine) == (3, "127.0.0.1")
    with locked_shard(database, 3, 16) as later:
        assert later


def test_shards_of_another_division_overlap_and_wait(database):
    with locked_shard(database, 11, 16) as old:
        assert old
        with locked_shard(database, 3, 8) as new:
            assert not new
    with locked_shard(database, 3, 8) as new:
        assert new


def hold_for_ever(conninfo, held):
    with locked_shard(conninfo, 0, 2):
        held.set()
        time.sleep(600)


def test_a_killed_run_frees_its_shard_at_once(database):
    held = SPAWN.Event()
    run = SPAWN.Process(target=hold_for_ever, args=(database, held))
    run.start()
    assert held.wait(120)
    with locked_shard(database, 0, 2) as is_held:
        assert not is_held
    os.kill(run.pid, signal.SIGKILL)
    run.join()
    ends_at = time.monotonic() + 60  # of the 600 s for which it would have held it
    while True:
        with locked_shard(database, 0, 2) as is_held:
            if is_held:
                break
        assert time.monotonic() < ends_at


def test_a_database_that_is_away_is_an_error():
    conninfo = "host=127.0.0.1 port=1 dbname=none"
    with pytest.raises(ControlUnavailable, match="PostgreSQL"), locked_shard(conninfo, 0, 2):
        pytest.fail("nothing was locked")


def test_the_shard_is_one_of_the_cluster(database, tmp_path, monkeypatch):
    file = tmp_path / "cluster.toml"
    file.write_text(
        f'[store]\ncatalog = "dbname=x"\ndata = "lake"\n[pace]\nurl = "{database}"\n[shards]\nn = 4\n'
    )
    monkeypatch.setenv("WIREHOUSE_CLUSTER", str(file))
    with pytest.raises(UsageError, match="4 shards"), held_shard(Shard(0, 2)):
        pytest.fail("the shards of two divisions overlap")
    with held_shard(Shard(0, 4)) as is_held:
        assert is_held


def test_feeds_of_a_shard_are_selected_in_the_store(tmp_path):
    sources = [Source(f"s{n}", f"S{n}", feeds=(Feed(f"https://site{n}.example/rss"),)) for n in range(60)]
    slots = source_slots(sources)
    home = Home(tmp_path)
    with open_store(home, owner="test") as con:
        load_sources(con, sources)
    store_slots(home, slots)
    now = datetime.now(UTC)
    found = []
    for number in range(3):
        shard = Shard(number, 3)
        of_shard = find_due_feeds(home, sources, now, shard)  # all sources: the store leaves out the others
        assert {poll.source.name for poll in of_shard} == {
            s.name for s in select_shard(sources, slots, shard)
        }
        found += of_shard
    assert len(found) == 60

"""A warehouse is moved from a file into a lake and back: every table's count and hash stay equal."""

import json

import pytest

from flows.cli import run
from tasks.load import store_batch
from tests.support.cluster.lakes import batch, make_lake
from warehouse.control.connection import ControlConnection
from warehouse.control.host_leases import take_lease
from warehouse.control.shard_locks import locked_shard
from warehouse.errors import ExportUnusable
from warehouse.export.move import move_store
from warehouse.store.connection import connect, open_store
from warehouse.store.home import Home


@pytest.fixture
def one_machine(tmp_path):
    """Return a home with articles, a revision among them, in a file."""
    home = Home(tmp_path / "one")
    store_batch(home, batch(0, 30), owner="a test")
    store_batch(home, batch(20, 30), owner="a test")
    return home


def tables(home):
    with connect(home) as con:
        return con.execute(
            "select count(*), min(title), max(title), (select sum(length(body)) from core.article_text)"
            " from articles"
        ).fetchall()


def test_into_the_lake_and_back(one_machine, lake, tmp_path, capsys):
    options = ["--home", str(lake.root), "--cluster", str(lake.cluster.file), "--json"]
    assert run(["cluster", "move", "--from", str(one_machine.root), *options]) == 0
    there = json.loads(capsys.readouterr().out)["tables"]
    assert run(["cluster", "move", "--to", str(tmp_path / "back"), *options]) == 0
    back = json.loads(capsys.readouterr().out)["tables"]

    assert there == back
    assert {t["table"]: t["rows"] for t in there}["article"] == 50
    assert tables(one_machine) == tables(lake) == tables(Home(tmp_path / "back"))
    assert store_batch(lake, batch(0, 30), owner="a test").n_unchanged == 30


def test_a_lake_with_rows_is_not_overwritten(one_machine, lake):
    store_batch(lake, batch(100, 5), owner="a test")
    with pytest.raises(ExportUnusable, match="has rows already"):
        move_store(one_machine, lake)
    with open_store(lake, owner="a test") as con:
        assert con.execute("select count(*) from core.article").fetchone() == (5,)


def test_the_status_of_a_lake(lake, capsys):
    store_batch(lake, batch(0, 20), owner="a test")
    with open_store(lake, owner="run 9"):
        assert run(["cluster", "status", "--cluster", str(lake.cluster.file), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["lake"]["n_files"] >= 5
    assert [(lock["name"], lock["holder"]) for lock in answer["locks"]] == [("writer", "run 9")]
    assert (answer["shards"], answer["hosts_in_use"]) == ([], 0)


def test_the_status_of_shards_and_leases(database, tmp_path, capsys):
    pace = f"{database.replace(' user=postgres', '')} user=wh_writer"
    home = make_lake(tmp_path, database, more=f'[pace]\nurl = "{pace}"\n[shards]\nn = 4\n')
    assert run(["cluster", "init", "--admin", "user=postgres", "--cluster", str(home.cluster.file)]) == 0
    capsys.readouterr()
    control = ControlConnection(pace, "a test")
    assert take_lease(control, "example.org", "me", source="a", gap_s=1, lease_s=60).is_taken
    with locked_shard(pace, 3, 4) as is_locked:
        assert is_locked
        assert run(["cluster", "status", "--cluster", str(home.cluster.file), "--json"]) == 0
    control.close()
    answer = json.loads(capsys.readouterr().out)
    assert [(shard["number"], shard["machine"]) for shard in answer["shards"]] == [(3, "127.0.0.1")]
    assert answer["hosts_in_use"] == 1

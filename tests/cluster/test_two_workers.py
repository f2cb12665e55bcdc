"""Two workers of a cluster on lake, objects and leases; one is killed in the middle of a run."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from tests.support.many_hosts import ManyHosts
from tests.support.object_store import KEYS
from tests.support.prefect_server import child, get, post, prefect_server, wait_for
from warehouse.cluster.settings import read_cluster
from warehouse.control.shard_locks import find_locked_shards
from warehouse.store.connection import Home, connect

ROOT = Path(__file__).parents[2]
N_HOSTS, N_PAGES = 6, 9
WIREHOUSE = [sys.executable, "-m", "flows.cli"]
OF_SHARD_0 = "select 1 from articles where source in (select name from core.source where slot % 2 = 0)"
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


class TwoMachines:
    """A cluster whose machines share nothing but PostgreSQL and the object store."""

    def __init__(self, folder: Path, env: dict[str, str], site: ManyHosts) -> None:
        self.folder, self.env, self.site = folder, env, site

    def run(self, *arguments: str) -> str:
        done = subprocess.run(
            [*WIREHOUSE, *arguments], env=self.env, cwd=self.folder, capture_output=True, text=True,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def worker(self, name: str, shards: str):
        env = self.env | {"WIREHOUSE_HOME": str(self.folder / name)}
        return child([*WIREHOUSE, "worker", "--shards", shards], env, self.folder / f"{name}.log")

    def start(self, shard: int) -> str:
        """Ask for a run of a shard, as its schedule does; return the run's id."""
        deployment = get(self.env, f"/deployments/name/ingest/shard-{shard}")
        return post(self.env, f"/deployments/{deployment['id']}/create_flow_run", {})["id"]

    def state(self, run_id: str) -> dict:
        return get(self.env, f"/flow_runs/{run_id}")["state"]

    def wait(self, run_id: str) -> dict:
        """Return the state that a run ended in."""
        return wait_for(
            lambda: state if (state := self.state(run_id))["type"] in ENDED else None, 240, f"run {run_id}"
        )

    def query(self, sql: str) -> list[tuple]:
        cluster = read_cluster(self.folder / "cluster.toml")
        with connect(Home(self.folder / "reader", cluster)) as con:
            return con.execute(sql).fetchall()


@pytest.fixture
def machines(tmp_path, postgres, object_store, bucket):
    with ExitStack() as stack:
        site = stack.enter_context(ManyHosts(N_HOSTS, N_PAGES))
        (tmp_path / "sources.toml").write_text(site.sources_toml())
        catalog = postgres.conninfo(bucket.replace("-", "_"))
        (tmp_path / "cluster.toml").write_text(
            f'[store]\ncatalog = "{catalog}"\ndata = "s3://{bucket}/lake/"\n'
            f'[archive]\nurl = "s3://{bucket}/pages/"\n[pace]\nurl = "{catalog}"\nlease_s = 90\n'
            f'[shards]\nn = 2\n[s3]\nendpoint = "{object_store.endpoint}"\n'
        )
        with psycopg.connect(postgres.admin, autocommit=True) as admin:
            admin.execute("create database prefect")
        url = f"postgresql+asyncpg://postgres@127.0.0.1:{postgres.port}/prefect"
        env = stack.enter_context(prefect_server(tmp_path, url))
        env |= KEYS | {
            "PYTHONPATH": str(ROOT),
            "WIREHOUSE_HOME": str(tmp_path / "home"),
            "WIREHOUSE_CONFIG": str(tmp_path / "sources.toml"),
            "WIREHOUSE_CLUSTER": str(tmp_path / "cluster.toml"),
        }
        machines = TwoMachines(tmp_path, env, site)
        machines.run("cluster", "init", "--admin", "user=postgres")
        machines.run("deploy", "--file", str(ROOT / "prefect.yaml"))
        yield machines


def descendants(pid: int) -> list[int]:
    """Return the processes below one, itself last."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    return [found for below in children.get(pid, ()) for found in descendants(below)] + [pid]


def locked_shards(conninfo: str) -> set[int]:
    return {lock.number for lock in find_locked_shards(conninfo)}


def kill(pid: int) -> int:
    """Kill a process and all below it, as a machine that loses its power; return how many."""
    pids = descendants(pid)
    for found in pids:
        os.kill(found, signal.SIGKILL)
    return len(pids)


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(machines):
    conninfo = read_cluster(machines.folder / "cluster.toml").pace.url
    with machines.worker("one", "0") as one, machines.worker("two", "1"):
        runs = [machines.start(shard) for shard in (0, 1)]
        wait_for(lambda: machines.query(OF_SHARD_0), 120, "the first load of shard 0")
        status = json.loads(machines.run("cluster", "status", "--json"))
        assert 0 in [shard["number"] for shard in status["shards"]]
        n_killed = kill(one.pid)
        assert n_killed >= 2, "the run was not under way"
        wait_for(lambda: 0 not in locked_shards(conninfo), 10, "the lock of a killed run")
        n_before = len(machines.query("select 1 from articles"))
        with machines.worker("three", "0-1"):
            again = machines.start(0)
            assert machines.wait(again)["type"] == "COMPLETED"
        assert machines.wait(runs[1])["type"] == "COMPLETED"
    n_expected = N_HOSTS * N_PAGES
    assert n_before < n_expected, "nothing was left to do after the kill"

    urls = machines.query("select url, source from articles")
    assert len(urls) + len(machines.query("select 1 from rejects")) == n_expected
    assert max(Counter(urls).values()) == 1
    shards = machines.query("select slot % 2, count(*) from core.source group by 1")
    assert len(shards) == 2, "both shards had work"
    gaps = machines.site.gaps()
    assert len(gaps) > n_expected
    assert min(gaps) >= 1.0 - 0.01

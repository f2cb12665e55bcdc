"""A cluster of two machines for a test: they share PostgreSQL, an object store and a Prefect server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import psycopg

from tests.support.cluster.object_store import KEYS, ObjectStore
from tests.support.cluster.postgres import Postgres
from tests.support.many_hosts import ManyHosts
from tests.support.prefect_server import child, get, post, prefect_server, wait_for
from warehouse.cluster.settings import read_cluster
from warehouse.control.shard_locks import find_locked_shards
from warehouse.store.connection import Home, connect

ROOT = Path(__file__).parents[3]
WIREHOUSE = [sys.executable, "-m", "flows.cli"]
LEASE_S = 90
LIMIT_S = 900  # of waiting for what takes a minute on a fast machine
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
Servers = Callable[[Path, str], AbstractContextManager[dict[str, str]]]
_OF_SHARD_0 = "select 1 from articles where source in (select name from core.source where slot % 2 = 0)"


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
            lambda: state if (state := self.state(run_id))["type"] in ENDED else None,
            LIMIT_S,
            f"run {run_id}",
        )

    def reader(self) -> duckdb.DuckDBPyConnection:
        return connect(Home(self.folder / "reader", read_cluster(self.folder / "cluster.toml")))

    def query(self, sql: str) -> list[tuple]:
        with self.reader() as con:
            return con.execute(sql).fetchall()


@contextmanager
def running_machines(
    folder: Path,
    postgres: Postgres,
    objects: ObjectStore,
    bucket: str,
    site: ManyHosts,
    n_shards: int = 2,
    servers: Servers = prefect_server,
) -> Iterator[TwoMachines]:
    """Create the cluster and its deployments in a folder; yield it. No worker is running yet.

    `servers` starts the Prefect servers, with their folder and the URL of their database.
    """
    (folder / "sources.toml").write_text(site.sources_toml())
    name = bucket.replace("-", "_")
    catalog = postgres.conninfo(name)
    (folder / "cluster.toml").write_text(
        f'[store]\ncatalog = "{catalog}"\ndata = "s3://{bucket}/lake/"\n'
        f'[archive]\nurl = "s3://{bucket}/pages/"\n[pace]\nurl = "{catalog}"\nlease_s = {LEASE_S}\n'
        f'[shards]\nn = {n_shards}\n[s3]\nendpoint = "{objects.endpoint}"\n'
    )
    with psycopg.connect(postgres.admin, autocommit=True) as admin:
        admin.execute(f"create database prefect_{name}")
    url = f"postgresql+asyncpg://postgres@127.0.0.1:{postgres.port}/prefect_{name}"
    with ExitStack() as stack:
        env = stack.enter_context(servers(folder, url))
        env |= KEYS | {
            "PYTHONPATH": str(ROOT),
            "WIREHOUSE_HOME": str(folder / "home"),
            "WIREHOUSE_CONFIG": str(folder / "sources.toml"),
            "WIREHOUSE_CLUSTER": str(folder / "cluster.toml"),
        }
        machines = TwoMachines(folder, env, site)
        machines.run("cluster", "init", "--admin", "user=postgres")
        machines.run("deploy", "--file", str(ROOT / "prefect.yaml"))
        yield machines


@dataclass(frozen=True)
class KilledWorker:
    """What came of a run whose worker was killed after its first load."""

    n_killed: int  # processes
    shards: list[int]  # under way at the kill
    n_before: int  # articles at the kill
    states: list[str]  # in which the runs of both shards and one more ended
    urls: list[tuple[str, str]]  # of all articles, with their sources
    n_rejects: int
    n_shards: int  # that have sources
    gaps_s: list[float]  # of the hosts, by the site's log


def kill_worker_in_the_middle(
    machines: TwoMachines, in_the_middle: Callable[[], None] = lambda: None
) -> KilledWorker:
    """Run both shards on a worker each; kill one after its first load, and let a third one take over.

    `in_the_middle` is called when the third one has begun, and the shard is run once more afterwards.
    """
    conninfo = read_cluster(machines.folder / "cluster.toml").pace.url
    with machines.worker("one", "0") as one, machines.worker("two", "1"):
        runs = [machines.start(shard) for shard in (0, 1)]
        with machines.reader() as reader:
            wait_for(lambda: reader.execute(_OF_SHARD_0).fetchall(), LIMIT_S, "the first load of shard 0")
        # It stands still, so that nothing is done before the kill, however long the status takes.
        n_killed = signal_all(one.pid, signal.SIGSTOP)
        status = json.loads(machines.run("cluster", "status", "--json"))
        n_before = len(machines.query("select 1 from articles"))
        signal_all(one.pid, signal.SIGKILL)  # as a machine that loses its power
        machines.site.all_fast.set()
        wait_for(lambda: 0 not in _locked_shards(conninfo), 60, "the lock of a killed run")
        with machines.worker("three", "0-1"):
            runs[0] = machines.start(0)
            wait_for(lambda: machines.state(runs[0])["type"] in {"RUNNING", *ENDED}, LIMIT_S, "the next run")
            in_the_middle()
            states = [machines.wait(run)["type"] for run in runs]
            states.append(machines.wait(machines.start(0))["type"])
    return KilledWorker(
        n_killed=n_killed,
        shards=[shard["number"] for shard in status["shards"]],
        n_before=n_before,
        states=states,
        urls=machines.query("select url, source from articles"),
        n_rejects=len(machines.query("select 1 from rejects")),
        n_shards=len(machines.query("select distinct slot % 2 from core.source")),
        gaps_s=machines.site.gaps(),
    )


def _descendants(pid: int) -> list[int]:
    """Return the processes below one, itself last."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    return [found for below in children.get(pid, ()) for found in _descendants(below)] + [pid]


def _locked_shards(conninfo: str) -> set[int]:
    return {lock.number for lock in find_locked_shards(conninfo)}


def signal_all(pid: int, number: signal.Signals) -> int:
    """Send a signal to a process and all below it; return how many there are."""
    pids = _descendants(pid)
    for found in pids:
        os.kill(found, number)
    return len(pids)

"""Acceptance tests ("bars") of several machines, on services that this starts itself.

    make test-cluster                 # installs what is needed
    python -m bench.machines [pace] [archive] [dask] [workers] [two-workers]

pace: two processes of 8 threads take turns at hosts and keep each 20 ms; prints turns, the cost of one beside
that time, CPU of the client, and how often a host had two at once.

archive: 400 pages of 45 kB in parts of 200 on an S3 server; prints time and CPU of an upload and of reading a
page back, and the requests for it; then a run of 400 pages is killed before it uploads, and repeated. CPU
seconds are those of the clients.

dask: the sample pages are extracted again and the store is rebuilt, here and on two Dask workers, one of
which is killed; prints the hashes of the rows.

workers: 400 pages of 40 hosts, two workers, one killed with its run after the first load.

two-workers: 2,000 pages of 40 hosts by one worker and by two, limited by the processor and by requests.
"""

import multiprocessing
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.machines.objects import archive_bar, cpu_s
from bench.machines.reextraction import dask_bar
from bench.machines.workers import kill_bar, two_workers_bar
from tasks.http_client.errors import Fault
from tasks.http_client.host_leases import PgPace
from tasks.http_client.rate_limit import FilePace, Pace
from tests.support.cluster.postgres import running_postgres
from warehouse.cluster.settings import LeaseSettings
from warehouse.control.connection import ControlConnection
from warehouse.control.host_leases import create_leases

SECONDS, N_THREADS, HELD_S = 6.0, 8, 0.02

Turn = tuple[str, float, float, float]  # host, begin, end, cost beside the time held
_SPAWN = multiprocessing.get_context("spawn")


def open_pace(place: str) -> Pace:
    """Return the pace of a folder, or of a PostgreSQL database by its connection string."""
    return PgPace(LeaseSettings(place, lease_s=90)) if "dbname=" in place else FilePace(Path(place))


def take_turns(place: str, n_hosts: int, results: Any) -> None:
    """Take turns in threads for some seconds; put the turns and the CPU seconds into the queue."""
    pace, turns, begun_cpu = open_pace(place), list[Turn](), cpu_s()

    def work(seed: int) -> None:
        rng, end = random.Random(seed), time.time() + SECONDS
        while time.time() < end:
            host, asked = f"h{rng.randrange(n_hosts)}.example", time.perf_counter()
            with suppress(Fault), pace.turn(host, 0.0):
                begun, cost = time.time(), time.perf_counter() - asked
                time.sleep(HELD_S)
                ended, left = time.time(), time.perf_counter()
            turns.append((host, begun, ended, cost + time.perf_counter() - left))

    threads = [threading.Thread(target=work, args=(os.getpid() * 100 + n,)) for n in range(N_THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pace.close()
    results.put((turns, cpu_s() - begun_cpu))


def race_turns(name: str, place: str, n_hosts: int) -> int:
    """Race two processes; print what a turn costs and return how many turns overlapped."""
    results = _SPAWN.Queue()
    runs = [_SPAWN.Process(target=take_turns, args=(place, n_hosts, results)) for _ in range(2)]
    for run in runs:
        run.start()
    answers = [results.get() for _ in runs]
    for run in runs:
        run.join()
    turns: list[Turn] = sorted(turn for turns, _ in answers for turn in turns)
    overlaps = sum(a[0] == b[0] and b[1] < a[2] for a, b in pairwise(turns))
    cost_ms = statistics.median(turn[3] for turn in turns) * 1000
    cpu_ms = sum(cpu for _, cpu in answers) / len(turns) * 1000
    print(
        f"pace: {name}, {n_hosts} hosts: {len(turns) / SECONDS:.0f} turns/s, p50 {cost_ms:.2f} ms, "
        f"{cpu_ms:.2f} ms of CPU each, {overlaps} of {len(turns):,} overlapped",
        flush=True,
    )
    return overlaps


def pace_bar(folder: Path) -> bool:
    """Compare lock files and leases; say whether no host had two turns at once."""
    with running_postgres() as server:
        control = ControlConnection(server.admin, "bench")
        create_leases(control)
        control.close()
        places = {"lock files": str(folder / "hosts"), "leases": server.admin}
        return not sum(race_turns(name, place, n) for n in (200, 6) for name, place in places.items())


BARS = {
    "pace": pace_bar,
    "archive": archive_bar,
    "dask": dask_bar,
    "workers": kill_bar,
    "two-workers": two_workers_bar,
}


def main() -> int:
    """Measure what the command line names, or all; return 1 when a bar was missed."""
    failed = 0
    for name in sys.argv[1:] or BARS:
        with tempfile.TemporaryDirectory(prefix="bench-machines-") as folder:
            failed += not BARS[name](Path(folder))
    return min(failed, 1)

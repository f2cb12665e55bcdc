"""What several machines cost and keep, on services that this starts itself.

    make test-cluster                 # installs what is needed
    python -m bench.machines [pace] [archive] [workers]

pace: two processes of 8 threads take turns at hosts and keep each 20 ms; prints turns, the cost of one beside
that time, CPU of the client, and how often a host had two at once.

archive: 400 pages of 45 kB in parts of 200 on an S3 server; prints time and CPU of an upload and of reading a
page back. CPU seconds are those of the clients.

workers: 400 pages of 40 hosts, two workers, one killed with its run after the first load.
"""

import multiprocessing
import os
import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.machines.workers import kill_bar
from tasks.archive.part_writer import open_writer
from tasks.archive.reader import read_page
from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.host_leases import PgPace
from tasks.http_client.rate_limit import FilePace, Pace
from tasks.http_client.result import FetchResult
from tests.support.object_store import KEYS, running_object_store
from tests.support.postgres import running_postgres
from warehouse.cluster.settings import Cluster, LeaseSettings, ObjectArchiveSettings, S3Settings
from warehouse.control.connection import ControlConnection
from warehouse.control.host_leases import create_leases
from warehouse.records import FeedEntry, Page, PageRequest
from warehouse.store.home import Home

SECONDS, N_THREADS, HELD_S = 6.0, 8, 0.02
N_PAGES, PAGE_BYTES = 400, 45_000
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

Turn = tuple[str, float, float, float]  # host, begin, end, cost beside the time held
_SPAWN = multiprocessing.get_context("spawn")


def cpu_s() -> float:
    """Return the CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


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


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU milliseconds of a call."""
    wall, cpu = time.perf_counter(), cpu_s()
    work()
    return (time.perf_counter() - wall) * 1000, (cpu_s() - cpu) * 1000


def fetched_page(n: int) -> tuple[PageRequest, FetchResult]:
    """Return a page that packs to about 45 kB."""
    url, body = f"https://news.example/{n}", os.urandom(PAGE_BYTES)
    result = FetchResult(
        url, url, ErrorClass.OK, "", NOW, status=200, body=body, wire_body=body,
        request_head=b"GET / HTTP/1.1\r\n\r\n",
        response_head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
    )  # fmt: skip
    return PageRequest("daily", url, f"news.example/{n}", FeedEntry(url)), result


def archive_bar(folder: Path) -> bool:
    """Write and read pages in objects; say whether each came back equal."""
    os.environ |= KEYS
    with running_object_store(folder / "s3") as server:
        server.make_bucket("bench-pages")
        cluster = Cluster(
            file=folder / "cluster.toml",
            archive=ObjectArchiveSettings(url="s3://bench-pages/pages/"),
            s3=S3Settings(endpoint=server.endpoint),
        )
        home, stored, puts = Home(folder / "home", cluster), list[tuple[Page, bytes]](), []
        with open_writer(home) as writer:
            for n in range(N_PAGES):
                request, result = fetched_page(n)
                stored.append((writer.write(request, result), result.body))
                if (n + 1) % 200 == 0:
                    puts.append(measured(writer.sync))
        gets = [measured(partial(read_page, home.archive, page.ref)) for page, _ in stored]
        equal = sum(read_page(home.archive, page.ref).body == body for page, body in stored)
        size_mb = sum(home.archive.find_sizes().values()) / 1e6 / len(puts)
    for name, costs in ((f"upload of a part of {size_mb:.1f} MB", puts), ("a page by its reference", gets)):
        wall, cpu = (statistics.median(cost[i] for cost in costs) for i in (0, 1))
        print(f"archive: {name}: p50 {wall:.1f} ms, {cpu:.1f} ms of CPU", flush=True)
    print(f"archive: {equal} of {N_PAGES} pages came back equal")
    return equal == N_PAGES


BARS = {
    "pace": pace_bar,
    "archive": archive_bar,
    "workers": kill_bar,
}


def main() -> int:
    """Measure what the command line names, or all; return 1 when a bar was missed."""
    failed = 0
    for name in sys.argv[1:] or BARS:
        with tempfile.TemporaryDirectory(prefix="bench-machines-") as folder:
            failed += not BARS[name](Path(folder))
    return min(failed, 1)

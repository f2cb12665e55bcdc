"""The archive in an object store: uploads, single pages, and a run that is killed before it uploads."""

import os
import resource
import signal
import statistics
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import obstore

from tasks.archive.part_writer import open_writer
from tasks.archive.reader import iter_pages, read_page
from tasks.errors import ErrorClass
from tasks.http_client.result import FetchResult
from tests.support.cluster.lakes import make_lake
from tests.support.cluster.object_store import KEYS, running_object_store
from tests.support.cluster.postgres import running_postgres
from tests.support.cluster.two_machines import ROOT, WIREHOUSE, signal_all
from tests.support.many_hosts import ManyHosts
from tests.support.prefect_server import child, wait_for
from warehouse.archive.files import Archive
from warehouse.archive.objects import ObjectArchive
from warehouse.records.feed import FeedEntry
from warehouse.records.page import ArchiveRef, Page, PageRequest
from warehouse.store.connection import Home, connect

N_PAGES, PAGE_BYTES, PART_PAGES = 400, 45_000, 200
N_HOSTS, SLOW_FROM = 20, 10
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def archive_bar(folder: Path) -> bool:
    """Write and read pages in objects, and kill a run before it uploads; say whether all came back."""
    os.environ |= KEYS
    with running_object_store(folder / "s3") as server, running_postgres() as postgres:
        server.make_bucket("bench-pages")
        homes = []
        for name in ("pages", "killed"):
            (folder / name).mkdir()
            more = (
                f'[archive]\nurl = "s3://bench-pages/{name}/"\npart_pages = {PART_PAGES}\n'
                f'[s3]\nendpoint = "{server.endpoint}"\n'
            )
            homes.append(make_lake(folder / name, postgres.conninfo(name), more=more))
        come_back = _pages_come_back(homes[0])
        return _killed_run_is_repeated(homes[1]) and come_back


def cpu_s() -> float:
    """Return the CPU seconds of this process so far."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and CPU milliseconds of a call."""
    wall, cpu = time.perf_counter(), cpu_s()
    work()
    return (time.perf_counter() - wall) * 1000, (cpu_s() - cpu) * 1000


def _fetched_page(n: int) -> tuple[PageRequest, FetchResult]:
    """Return a page that packs to about 45 kB."""
    url, body = f"https://news.example/{n}", os.urandom(PAGE_BYTES)
    result = FetchResult(
        url, url, ErrorClass.OK, "", NOW, status=200, body=body, wire_body=body,
        request_head=b"GET / HTTP/1.1\r\n\r\n",
        response_head=b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
    )  # fmt: skip
    return PageRequest("daily", url, f"news.example/{n}", FeedEntry(url)), result


def _pages_come_back(home: Home) -> bool:
    """Say whether each page comes back equal by one request, and no part is uploaded again."""
    stored, puts = list[tuple[Page, bytes]](), []
    with open_writer(home) as writer:
        for n in range(N_PAGES):
            request, result = _fetched_page(n)
            stored.append((writer.write(request, result), result.body))
            if (n + 1) % PART_PAGES == 0:
                puts.append(_measured(writer.sync))
    sizes = home.archive.find_sizes()
    gets = [_measured(partial(read_page, home.archive, page.ref)) for page, _ in stored]
    requests = _count_requests()
    n_equal = sum(_is_equal(home.archive, page.ref, body) for page, body in stored)
    n_requests = dict(requests)
    n_refused = sum(_is_refused(home.archive, name) for name in sizes)
    size_mb = sum(sizes.values()) / 1e6 / len(puts)
    for name, costs in ((f"upload of a part of {size_mb:.1f} MB", puts), ("a page by its reference", gets)):
        wall, cpu = (statistics.median(cost[i] for cost in costs) for i in (0, 1))
        print(f"archive: {name}: p50 {wall:.1f} ms, {cpu:.1f} ms of CPU", flush=True)
    print(
        f"archive: {n_equal} of {N_PAGES} pages came back equal, with the requests {n_requests}; "
        f"{n_refused} of {len(sizes)} parts refused when uploaded again with other bytes",
        flush=True,
    )
    return n_equal == N_PAGES and n_requests == {"get_range": N_PAGES} and n_refused == len(sizes)


def _count_requests() -> Counter[str]:
    """Return the numbers of requests to the object store, which grow from now on."""
    counts: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            counts[name] += 1
            return function(*arguments, **named)

        return call

    for name in ("get", "get_range", "put", "head", "list", "list_with_delimiter"):
        setattr(obstore, name, counted(name, getattr(obstore, name)))
    return counts


def _is_equal(archive: Archive, ref: ArchiveRef, body: bytes) -> bool:
    return read_page(archive, ref).body == body


def _is_refused(archive: Archive, name: str) -> bool:
    """Say whether the store keeps a part when other bytes are uploaded under its name."""
    assert isinstance(archive, ObjectArchive)
    other = archive.folder / "other"
    other.write_bytes(b"other bytes")
    try:
        archive.upload(other, name)
    except FileExistsError:
        return True
    finally:
        other.unlink()
    return False


def _killed_run_is_repeated(home: Home) -> bool:
    """Kill a run with pages that are in no object; say whether the next one fetches just those again."""
    assert home.cluster is not None
    folder = home.cluster.file.parent
    with ManyHosts(N_HOSTS, N_PAGES // N_HOSTS, SLOW_FROM, delay_s=0.0) as site:
        (folder / "sources.toml").write_text(site.sources_toml())
        env = {**os.environ, "PYTHONPATH": str(ROOT), "WIREHOUSE_CLUSTER": str(home.cluster.file)}
        ingest = [*WIREHOUSE, "ingest", "--all", "--home", str(home.root)]
        with child(ingest, env, folder / "killed.log") as run:
            wait_for(lambda: sum(_page_visits(site).values()) > N_HOSTS * SLOW_FROM, 300, "pages")
            signal_all(run.pid, signal.SIGKILL)
        sealed = _archived_keys(home)
        seen = _page_visits(site)
        lost = {key for key in seen if key not in sealed}
        site.all_fast.set()
        done = subprocess.run(ingest, env=env, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True)
        again = {key for key, n in _page_visits(site).items() if n > seen.get(key, n)}
    kept = _archived_keys(home)
    with connect(home) as con:
        ((n_articles, n_urls),) = con.execute("select count(*), count(distinct url) from articles").fetchall()
    print(
        f"archive: run killed at {len(seen)} pages, {len(sealed)} of them in objects; "
        f"the next run asked again for {len(again & lost)} of the other {len(lost)} "
        f"and for {len(again - lost)} more; {len(kept)} pages archived, {max(kept.values())} times at most, "
        f"{n_articles} articles, {n_urls} URLs, exit code {done.returncode}",
        flush=True,
    )
    return (
        bool(lost)
        and lost == again
        and set(kept.values()) == {1}
        and (len(kept), n_articles, n_urls, done.returncode) == (N_PAGES, N_PAGES, N_PAGES, 0)
    )


def _page_visits(site: ManyHosts) -> Counter[str]:
    """Return how often the site answered with each page, by address without its scheme."""
    pages = [v for v in list(site.visits) if v.path[1:].isdigit()]
    return Counter(f"{v.host}:{site.port}{v.path}" for v in pages if int(v.path[1:]) != site.n_pages - 1)


def _archived_keys(home: Home) -> Counter[str]:
    """Return how often each page is in the objects, by the address that it came from."""
    archive = home.archive
    return Counter(
        page.final_url.removeprefix("http://")
        for name in archive.find_sizes()
        for _, page in iter_pages(archive, name)
    )

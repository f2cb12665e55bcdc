"""What pages of `wirehouse browse` and `wirehouse report` cost: CPU, time, readers at once, new snapshots.

    python -m bench.browse [--home HOME] [--articles N] [--part NAME]

Without --home, a warehouse of N generated articles is created in a temporary folder.
"""

import argparse
import concurrent.futures
import gc
import itertools
import random
import re
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import requests
import uvicorn

from bench.stores.news_store import fill_home, load_articles
from bench.stores.warehouse_data import words
from flows.reports.news_report import write_report
from flows.terminal.filters import read_url
from warehouse.reading.cookbook import SavedQuestion
from warehouse.reading.filters import Selection
from warehouse.reading.snapshots import SnapshotSource
from warehouse.store.connection import Home
from web.app import make_app
from web.pages import questions
from web.settings import StoredPage, WebSettings

PAGES_PER_READER = 30
N_READERS = 8
N_SWAPS = 50
LIMIT_S = 1
HOUR_OF_REQUESTS = 1_200  # of one reader who opens a page every three seconds
ENDLESS = "select count(*) from range(1000000000) as a, range(1000) as b where a.range * b.range % 7 = 3"


def main() -> None:
    """Print every part, or only the named one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--part", choices=sorted(PARTS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Home(arguments.home or Path(folder) / "home")
        if not home.snapshot_file.exists():
            fill_home(home, arguments.articles)
        for name, part in PARTS.items():
            if arguments.part in (None, name):
                print(f"{name}:")
                part(home)


def pages(home: Home) -> None:
    """Print CPU and time of each kind of page, fresh and repeated."""
    with _server(home) as (address, _):
        listed = requests.get(f"{address}/search.json?limit=40", timeout=60).json()["articles"]
        ids = [article["article_id"] for article in listed]
        frequent = words()
        kinds: dict[str, list[str]] = {
            "newest": [f"/?limit={n}" for n in range(20, 30)],
            "a rare word": [f"/?q={word}" for word in frequent[20_000:20_010]],
            "one article in fifty": [f"/?q={word}" for word in frequent[2_000:2_010]],
            "the most common words": [f"/?q={word}" for word in frequent[:10]],
            "two words": [f"/?q={a}+{b}" for a, b in zip(frequent[:10], frequent[100:110], strict=True)],
            "a phrase": [f'/?q="{a} {b}"' for a, b in itertools.pairwise(frequent[50:61])],
            "an article": [f"/article/{article_id}" for article_id in ids[:10]],
            "a story": [f"/story/{article_id}" for article_id in ids[10:20]],
            "sources": ["/sources"],
            "a source": [f"/sources/{article['source']}" for article in listed[:10]],
            "edits": ["/edits"],
            "compare": [
                f"/compare?q={a}&q={b}" for a, b in zip(frequent[100:105], frequent[200:205], strict=True)
            ],
            "report": ["/report"],
        }
        for kind, paths in kinds.items():
            fresh = [_cost(lambda p=path: _get(address + p)) for path in paths]  # type: ignore[misc]
            again = [_cost(lambda p=path: _get(address + p)) for path in paths]  # type: ignore[misc]
            print(f"  {kind:24} {_shown(fresh)}; repeated {_shown(again)}")


def readers(home: Home) -> None:
    """Print what several concurrent readers get."""
    with _server(home, timeout_s=30) as (address, _):
        rng = random.Random(1)
        paths = [f"/?q={word}" for word in rng.choices(words()[:20_000], k=N_READERS * PAGES_PER_READER)]
        cpu_s, start = time.process_time(), time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(N_READERS) as pool:
            answers = list(pool.map(lambda path: _timed_get(address + path), paths))
        elapsed_s, cpu_s = time.monotonic() - start, time.process_time() - cpu_s
        errors = sum(status != 200 for status, _ in answers)
        seconds = sorted(s for _, s in answers)
        print(
            f"  {N_READERS} readers: {len(answers) / elapsed_s:.1f} pages a second, {errors} errors, "
            f"{cpu_s / len(answers) * 1_000:.0f} CPU ms a page, "
            f"median {statistics.median(seconds):.2f} s, p95 {seconds[int(len(seconds) * 0.95)]:.2f} s"
        )


def swaps(home: Home) -> None:
    """Print what readers see while the snapshot is replaced repeatedly, on a small warehouse."""
    with tempfile.TemporaryDirectory() as folder:
        small = Home(Path(folder) / "home")
        fill_home(small, 400)
        with SnapshotSource(small, timeout_s=60) as source:
            _swap(small, source)


def _swap(home: Home, source: SnapshotSource) -> None:
    seen: dict[int, float] = {}
    counts, errors, done = [0] * N_READERS, [], threading.Event()

    def read(n: int) -> None:
        while not done.is_set():
            try:
                with source.session() as session:
                    n_articles = session.con.execute("select count(*) from articles").fetchall()[0][0]
                seen.setdefault(n_articles, time.monotonic())
                counts[n] += 1
            except Exception as error:
                errors.append(error)

    threads = [threading.Thread(target=read, args=[n]) for n in range(N_READERS)]
    for thread in threads:
        thread.start()
    memory: list[int] = []
    delays: list[float] = []
    for n in range(N_SWAPS):
        memory.append(_rss_bytes())  # of readers and publisher: they are one process
        load_articles(home, 400 + n, 1)
        published_at = time.monotonic()
        while 401 + n not in seen and time.monotonic() - published_at < 10:
            time.sleep(0.005)
        delays.append(max(0.0, seen.get(401 + n, float("inf")) - published_at))
    while sum(counts) < 5_000 and not errors:
        time.sleep(0.05)
    done.set()
    for thread in threads:
        thread.join()
    gc.collect()
    print(
        f"  {N_SWAPS} snapshots, {sum(counts):,} answers, {len(errors)} errors, "
        f"new one seen after {max(delays):.2f} s at most, "
        f"memory {memory[N_SWAPS // 5] / 2**20:.0f} MB after a fifth of them, "
        f"{_rss_bytes() / 2**20:.0f} MB after all"
    )


def deadline(home: Home) -> None:
    """Print when an endless question is answered, and what others get meanwhile."""
    endless = SavedQuestion("endless", "Endless", "How long?", (), ENDLESS)
    others: list[tuple[int, float]] = []
    with (
        mock.patch.object(questions, "find_question", lambda name: endless),
        _server(home, timeout_s=LIMIT_S) as (address, _),
        concurrent.futures.ThreadPoolExecutor(1) as pool,
    ):
        _get(f"{address}/sources")
        asked = pool.submit(_timed_get, f"{address}/questions/endless")
        while not asked.done():
            others.append(_timed_get(f"{address}/sources?{len(others)}"))
        status, seconds = asked.result()
    slowest = max(s for _, s in others)
    errors = sum(status != 200 for status, _ in others)
    print(
        f"  limit {LIMIT_S} s: {status} after {seconds:.2f} s; meanwhile {len(others)} other pages, "
        f"{errors} errors, the slowest {slowest:.2f} s"
    )


def start(home: Home) -> None:
    """Print how soon a server's first page comes, and its memory after an hour's requests."""
    command = [sys.executable, "-u", "-m", "flows.cli", "browse", "--home", str(home.root), "--port", "0"]
    started_at = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://[^/]+", server.stdout.readline())
        try:
            assert found is not None
            _get(f"{found[0]}/")
            first_s, first_bytes = time.monotonic() - started_at, _rss_bytes(server.pid)
            frequent, rng = words()[:20_000], random.Random(2)
            listed = requests.get(f"{found[0]}/search.json?limit=500", timeout=60).json()["articles"]
            ids = [article["article_id"] for article in listed]
            for n in range(HOUR_OF_REQUESTS):
                _get(
                    found[0] + (f"/?q={rng.choice(frequent)}" if n % 2 else f"/article/{rng.choice(ids)}?{n}")
                )
            print(
                f"  first page after {first_s:.2f} s, {first_bytes / 2**20:.0f} MB; "
                f"after {HOUR_OF_REQUESTS:,} pages {_rss_bytes(server.pid) / 2**20:.0f} MB"
            )
        finally:
            server.terminate()


def report(home: Home) -> None:
    """Print the costs of a report on everything, and on one source."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        for name, selection in {
            "everything": Selection(),
            "one source": Selection(sources=("source-1",)),
        }.items():
            cpu, start = time.process_time(), time.monotonic()
            write_report(home, selection, file)
            print(
                f"  {name}: {time.process_time() - cpu:.2f} CPU s, {time.monotonic() - start:.2f} s, "
                f"{file.stat().st_size / 1e6:.2f} MB"
            )


@contextmanager
def _server(home: Home, timeout_s: float = 60) -> Iterator[tuple[str, SnapshotSource]]:
    listener = socket.create_server(("127.0.0.1", 0))
    with SnapshotSource(home, timeout_s=timeout_s) as source:
        app = make_app(WebSettings(source, lambda ref: StoredPage(b"", None), read_url))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}", source
        finally:
            server.should_exit = True
            thread.join()
            listener.close()


def _get(url: str) -> None:
    requests.get(url, timeout=120).raise_for_status()


def _timed_get(url: str) -> tuple[int, float]:
    start = time.monotonic()
    answer = requests.get(url, timeout=120)
    return answer.status_code, time.monotonic() - start


def _cost(work: Callable[[], object]) -> tuple[float, float]:
    """Return CPU and wall milliseconds of a request; client and server are one process."""
    cpu, start = time.process_time(), time.monotonic()
    work()
    return (time.process_time() - cpu) * 1_000, (time.monotonic() - start) * 1_000


def _shown(costs: list[tuple[float, float]]) -> str:
    cpu = sorted(cpu for cpu, _ in costs)
    clock = sorted(clock for _, clock in costs)
    p95 = cpu[min(len(cpu) - 1, int(len(cpu) * 0.95))]
    return f"{statistics.median(cpu):4.0f} CPU ms (p95 {p95:.0f}), {statistics.median(clock):.0f} ms"


def _rss_bytes(pid: int | str = "self") -> int:
    """Return the resident memory of a process."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return pages * resource.getpagesize()


PARTS: dict[str, Callable[[Home], None]] = {
    "pages": pages,
    "readers": readers,
    "swaps": swaps,
    "deadline": deadline,
    "start": start,
    "report": report,
}

if __name__ == "__main__":
    main()

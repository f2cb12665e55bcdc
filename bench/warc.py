"""Reading WARC files of others: throughput beside warcio's own iteration, and memory of a large file.

    python -m bench.warc [--pages N] [--large MB] [--import-pages N] [--kills N]

The file is made like CC-NEWS (a gzip member per record, a request beside each response) from pages of the
bundled demo site, each page under further addresses. Reference: warcio's ArchiveIterator, which reads each
record's content to its end and decodes nothing. `--large` reads a file of so many MB with a filter that few
pages pass, and prints the peak memory. `--import-pages` imports so many records, kills the import at random
`--kills` times and compares the rows with those of an import that was not disturbed.
"""

import argparse
import gzip
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from bench.comparison.ratios import note
from demo.site import DemoSite
from tasks.captures.account import FileAccount
from tasks.captures.pages import CaptureSelection, read_captures
from tasks.captures.records import read_records
from warehouse.records.outcome import Reject
from warehouse.store.connection import connect

ROWS = (
    "select article_id, url, source, title, published_on, n_revisions, first_seen_at from articles"
    " order by all",
    "select article_id, revision_no, title, change, seen_at, md5(coalesce(body, '')) from core.revision"
    " order by all",
    "select source, url, reason from core.reject order by all",
    "select url, started_at, body_sha256 from core.fetch order by all",
)


def main() -> int:
    """Print the figures; return 1 when rows differ after a kill, or a record has no outcome."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=3_000)
    parser.add_argument("--large", type=int, default=0, metavar="MB")
    parser.add_argument("--import-pages", type=int, default=0)
    parser.add_argument("--kills", type=int, default=3)
    asked = parser.parse_args()
    pages = demo_pages()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cc-news.warc.gz"
        write_file(path, records(pages, asked.pages))
        code = bench_reading(path)
        if asked.large:
            path.unlink()
            code |= bench_large(Path(folder) / "large.warc.gz", pages, asked.large)
        if asked.import_pages:
            code |= bench_import(Path(folder), pages, asked.import_pages, asked.kills)
    return code


def demo_pages() -> list[tuple[str, bytes]]:
    """Return path and bytes of the articles of the demo site."""
    import requests

    with DemoSite() as site:
        articles = [t for t in site.truth() if t.kind == "article"]
        return [
            (t.path.partition("?")[0], requests.get(site.base(t.source) + t.path, timeout=30).content)
            for t in articles
        ]


def records(pages: list[tuple[str, bytes]], n: int) -> Iterator[bytes]:
    """Yield n gzip members as CC-NEWS has them: request and response by turns, of 50 sites."""
    for number in range(n // 2):
        path, page = pages[number % len(pages)]
        url = f"https://site{number % 50}.example/{number}{path}"
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + number))
        yield member("request", url, stamp, b"GET / HTTP/1.1\r\nUser-Agent: CCBot/2.0\r\n\r\n")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Crawl-Content-Encoding: gzip\r\n\r\n"
        yield member("response", url, stamp, head + page)


def member(kind: str, url: str, stamp: str, block: bytes) -> bytes:
    """Return one record as a gzip member."""
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\nWARC-Date: {stamp}\r\n"
        f"Content-Type: application/http; msgtype={kind}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + block + b"\r\n\r\n", 1)


def write_file(path: Path, members: Iterator[bytes]) -> None:
    """Write the members of a file."""
    with path.open("wb") as file:
        file.writelines(members)


def bench_reading(path: Path) -> int:
    """Print records a second of CPU of warcio and of ours; the best of three runs each, by turns."""
    everything = CaptureSelection({}, takes_unknown=True)
    times: list[list[float]] = []
    for _ in range(3):
        times.append(
            [
                cpu_seconds(lambda: read_with_warcio(path)),
                cpu_seconds(lambda: sum(1 for _ in read_records(path))),
                cpu_seconds(lambda: read(path, everything)),
            ]
        )
    warcio_s, records_s, pages_s = map(min, zip(*times, strict=True))
    account, n_pages = read(path, everything)
    n = account.records
    print(f"{path.stat().st_size / 1e6:.1f} MB, {n:,} records, {n_pages:,} pages")
    print(f"warcio, records read to their end  {n / warcio_s:8,.0f} records/s of CPU")
    for what, seconds in (("ours, the same", records_s), ("ours, pages decoded and keyed", pages_s)):
        note(f"WARC, {what}", "records/CPU s", n / seconds, "warcio", n / warcio_s)
        print(f"{what:<33}  {n / seconds:8,.0f} records/s of CPU  {warcio_s / seconds:.2f} x warcio")
    return int(n != read_with_warcio(path) or n != n_pages + sum(account.outcomes.values()))


def read_with_warcio(path: Path) -> int:
    """Read each record's content to its end; return the number of records."""
    with path.open("rb") as file:
        return sum(1 for record in ArchiveIterator(file) if record.content_stream().read() is not None)


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time that some work takes."""
    begun = time.process_time()
    work()
    return time.process_time() - begun


def read(path: Path, wanted: CaptureSelection) -> tuple[FileAccount, int]:
    """Read a file; return its account and the number of pages."""
    account = FileAccount(path.name)
    n_pages = sum(not isinstance(item, Reject) for item in read_captures(path, wanted, account))
    return account, n_pages


def bench_large(path: Path, pages: list[tuple[str, bytes]], n_megabytes: int) -> int:
    """Print the time and the peak memory of reading a large file."""
    noise = random.Random(1)
    with path.open("wb") as file:
        number = 0
        while file.tell() < n_megabytes * 1_000_000:
            for packed in records(pages, 1_000):
                file.write(packed)
            extra = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n" + noise.randbytes(9_000_000)
            file.write(
                member("response", f"https://site1.example/{number}.jpg", "2023-11-14T00:00:00Z", extra)
            )
            number += 1
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    begun = time.perf_counter()
    account, n_pages = read(path, CaptureSelection({}, takes_unknown=True, hosts=("site1.example",)))
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    size = path.stat().st_size / 1e6
    print(f"{size:,.0f} MB, {account.records:,} records, {n_pages:,} pages: {seconds:.0f} s, "
          f"{size / seconds:.0f} MB/s; peak memory {peak:,.0f} MB, {before:,.0f} MB before")  # fmt: skip
    return int(account.records != n_pages + sum(account.outcomes.values()))


def bench_import(folder: Path, pages: list[tuple[str, bytes]], n: int, n_kills: int) -> int:
    """Import records undisturbed, then killed at random times; return 1 when the rows differ."""
    path = folder / "import.warc.gz"
    write_file(path, records(pages, n))
    begun = time.perf_counter()
    subprocess.run(command(path, folder / "calm"), check=False)
    seconds = time.perf_counter() - begun
    print(f"imported {n:,} records in {seconds:.0f} s")
    for number in range(n_kills):
        process = subprocess.Popen(command(path, folder / "killed"), start_new_session=True)
        time.sleep(random.uniform(3, seconds * 0.8))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        print(f"kill {number + 1}: {count_rows(folder / 'killed'):,} rows so far")
    subprocess.run(command(path, folder / "killed"), check=False)
    is_same = rows_of(folder / "calm") == rows_of(folder / "killed")
    print(f"after {n_kills} kills: {'the same rows' if is_same else 'OTHER ROWS'}")
    return int(not is_same)


def command(path: Path, home: Path) -> list[str]:
    """Return the command that imports a file."""
    return [sys.executable, "-m", "flows.cli", "import", str(path), "--home", str(home)]


def rows_of(home: Path) -> list[list[tuple[object, ...]]]:
    """Return the rows that must be equal."""
    with connect(home) as con:
        return [con.execute(query).fetchall() for query in ROWS]


def count_rows(home: Path) -> int:
    """Return how many fetches the published snapshot holds; 0 without one."""
    if not (home / "news.duckdb").exists():
        return 0
    with connect(home) as con:
        return int(con.execute("select count(*) from core.fetch").fetchall()[0][0])


if __name__ == "__main__":
    sys.exit(main())

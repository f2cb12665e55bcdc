"""What a gzip level and a sync cost the archive, on real pages.

    python -m bench.archive [--pages N]

Pages come from the sample corpus (WIREHOUSE_CORPUS, default ../shared/corpus). Reference: warcio's own
writer, which packs at level 9.
"""

import argparse
import gzip
import io
import os
import tempfile
import time
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from isal import isal_zlib
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from bench.comparison.ratios import note
from tasks.archive import warc as archive_record
from tasks.archive.reader import iter_pages
from tasks.archive.writer import ArchiveWriter
from tasks.errors import ErrorClass
from tasks.http_client.result import FetchResult
from warehouse.archive.files import FileArchive
from warehouse.records.feed import FeedEntry
from warehouse.records.page import PageRequest

ROOT = Path(__file__).parents[1]
AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
REQUEST = PageRequest(
    "s", "https://a.example/1", "a.example/1", FeedEntry("https://a.example/1", title="Title")
)


def read_pages(n: int) -> list[bytes]:
    """Return pages of the corpus, decompressed."""
    corpus = Path(os.environ.get("WIREHOUSE_CORPUS", ROOT.parent / "shared" / "corpus"))
    files = sorted((corpus / "extraction" / "pages").glob("*.html.gz"))[:n]
    if not files:
        raise SystemExit(f"No sample pages under {corpus}; say where they are with WIREHOUSE_CORPUS.")
    return [gzip.decompress(file.read_bytes()) for file in files]


def result_of(page: bytes) -> FetchResult:
    """Return a fetch of this page, sent without compression: the expensive case."""
    return FetchResult(
        REQUEST.url,
        REQUEST.url,
        ErrorClass.OK,
        "",
        AT,
        status=200,
        body=page,
        wire_body=page,
        request_head=b"GET /1 HTTP/1.1\r\n\r\n",
        response_head=HEAD,
    )


def write_ours(pages: list[bytes], folder: Path, level: int, sync_every: int) -> tuple[float, int]:
    """Return seconds and bytes of writing all pages."""
    archive_record.COMPRESSION_LEVEL = level
    begun = time.perf_counter()
    with ArchiveWriter(folder) as archive:
        for number, page in enumerate(pages, 1):
            archive.write(REQUEST, result_of(page))
            if sync_every and number % sync_every == 0:
                archive.sync()
    return time.perf_counter() - begun, sum(file.stat().st_size for file in folder.rglob("*.gz"))


def write_warcio(pages: list[bytes], folder: Path) -> tuple[float, int]:
    """Return seconds and bytes of writing requests and responses through warcio alone."""
    begun = time.perf_counter()
    path = folder / "x.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="WARC/1.1")
        for page in pages:
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            response = writer.create_warc_record(
                REQUEST.url, "response", payload=io.BytesIO(page), length=len(page), http_headers=head
            )
            asked = StatusAndHeaders("GET /1 HTTP/1.1", [], is_http_request=True)
            writer.write_request_response_pair(
                writer.create_warc_record(REQUEST.url, "request", http_headers=asked), response
            )
    return time.perf_counter() - begun, path.stat().st_size


def measure(write: Callable[[Path], tuple[float, int]]) -> tuple[float, int]:
    """Return the better of two runs."""
    runs = []
    for _ in range(2):
        with tempfile.TemporaryDirectory(dir=ROOT) as folder:
            runs.append(write(Path(folder)))
    return min(runs)


def print_packing(pages: list[bytes]) -> None:
    """Print what packing alone costs, by the archive's library and by zlib."""
    ways: list[tuple[str, Callable[[bytes], bytes]]] = [
        *((f"isal level {n}", partial(isal_zlib.compress, level=n)) for n in range(4)),
        *((f"zlib level {n}", partial(zlib.compress, level=n)) for n in (1, 4, 6, 9)),
    ]
    for name, pack in ways:
        begun = time.process_time()
        packed = sum(len(pack(page)) for page in pages)
        ms = 1000 * (time.process_time() - begun) / len(pages)
        print(
            f"packing alone, {name} {ms:6.2f} CPU ms a page  {packed / sum(map(len, pages)):.3f} of the bytes"
        )


def report(what: str, n: int, seconds: float, share: float, reference_s: float) -> None:
    """Print the figures of one configuration."""
    ratio = reference_s / seconds
    note(f"archive, {what}", "pages/s", n / seconds, "warcio", n / reference_s)
    print(f"{what:<26} {n / seconds:6.0f} pages/s  {share:.3f} of the bytes  {ratio:.2f} x warcio")


def main() -> None:
    """Print a line for each configuration, and one for reading."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--pages", type=int, default=300)
    pages = read_pages(options.parse_args().pages)
    n, size = len(pages), sum(map(len, pages))
    print(f"{n} pages, {size / 1e6:.1f} MB")
    print_packing(pages)
    reference_s, reference_bytes = measure(lambda folder: write_warcio(pages, folder))
    share = reference_bytes / size
    print(f"warcio alone, level 9      {n / reference_s:6.0f} pages/s  {share:.3f} of the bytes")
    for level, sync_every in ((0, 0), (1, 0), (3, 0), (3, 1), (3, 200)):
        seconds, written = measure(partial(write_ours, pages, level=level, sync_every=sync_every))
        synced = f"sync every {sync_every}" if sync_every else "sync at the end"
        report(f"level {level}, {synced}", n, seconds, written / size, reference_s)
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        write_ours(pages, Path(folder), 3, 0)
        [file] = Path(folder).rglob("*.gz")
        begun = time.perf_counter()
        assert sum(1 for _ in iter_pages(FileArchive(Path(folder)), file)) == n
        print(f"read back                  {n / (time.perf_counter() - begun):6.0f} pages/s")


if __name__ == "__main__":
    main()

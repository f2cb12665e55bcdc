"""The cost of re-extraction, rebuild and learning, compared with the extraction alone.

    python -m bench.rebuild [--pages N] [--texts N]

Pages come from the sample corpus (WIREHOUSE_CORPUS, default ../shared/corpus), each under several addresses
when there are too few. Reference: the same pages through the same worker processes, and nothing else.
Ends with 1 when the rebuilt views differ from the ones before. `--texts` learns from so many generated
articles.
"""

import argparse
import gzip
import hashlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from bench.stores.warehouse_data import batches
from tasks.archive.writer import ArchiveWriter
from tasks.domain.urls.key import url_key
from tasks.extract import extract_pages
from tasks.fetch import FetchedPages, fetch_row
from tasks.load import load_pages, store_batch
from tasks.recurring import learn_lines
from tasks.sources import Sources
from tasks.upkeep.rebuild import rebuild
from tasks.upkeep.reextract import BatchContext, apply_all, compare_all
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.articles import load_batch
from warehouse.pages.stored_pages import Choice
from warehouse.records.feed import FeedEntry
from warehouse.records.page import Page, PageRequest
from warehouse.records.source import Source
from warehouse.store.connection import Home, open_store, transaction

ROOT = Path(__file__).parents[1]
START = datetime(2026, 11, 1, tzinfo=UTC)
VIEWS = ("articles", "texts", "stories", "copies", "revisions", "origins", "links")
T = TypeVar("T")


def main() -> int:
    """Print the figures; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=391)
    parser.add_argument("--texts", type=int, default=20_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        code = bench_pages(Home(Path(folder) / "pages"), asked.pages)
        bench_learning(Home(Path(folder) / "texts"), asked.texts)
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    return code


def bench_pages(home: Home, n: int) -> int:
    """Store pages, then extract them again in each way."""
    sources = {name: Source(name, name) for name in ("corpus",)}
    with ExtractionPool() as pool:
        pages = store_pages(home, n)
        extracted, reference = timed(lambda: extract_pages(pages, sources, home.archive, pool))
        fetches = tuple(fetch_row(page) for page in pages)
        load_pages(home, "bench", FetchedPages(pages, fetches), extracted)
        shown("extraction alone (reference)", n, reference, reference)
        context = BatchContext(home, sources, pool)
        report, seconds = timed(lambda: compare_all(context, Choice()))
        shown("reextract, report", n, seconds, reference)
        before = view_hashes(home)
        (_, applied), seconds = timed(lambda: apply_all(context, Choice()))
        shown("reextract --apply", n, seconds, reference)
        same = view_hashes(home) == before and report.n_changed == applied.n_changed == 0
    done, seconds = timed(lambda: rebuild(home, Sources(tuple(sources.values()))))
    shown("rebuild", n, seconds, reference)
    same = same and view_hashes(home) == before
    print(
        f"{done.n_articles} articles, {done.n_rejects} rejects; "
        f"views before and after are {'equal' if same else 'DIFFERENT'}"
    )
    return 0 if same else 1


def bench_learning(home: Home, n: int) -> None:
    """Learn from generated articles of about a hundred sources."""
    for batch in batches("bench", 0, n, 10_000):
        with open_store(home, owner="bench") as con, transaction(con):
            load_batch(con, batch)
    learning, seconds = timed(lambda: learn_lines(home, START))
    print(
        f"learning from {n:,} texts: {seconds:.1f} s, "
        f"{learning.n_lines:,} lines, {learning.n_texts:,} texts changed"
    )
    learning, seconds = timed(lambda: learn_lines(home, START))
    print(f"the same again: {seconds:.1f} s")
    first = next(iter(batches("bench", n, 200, 200)))
    _, seconds = timed(lambda: store_batch(home, first, owner="bench"))
    print(f"loading 200 further articles, links and cleaning included: {seconds:.2f} s")


def store_pages(home: Home, n: int) -> tuple[Page, ...]:
    """Archive pages of the corpus, some of them under several addresses."""
    corpus = Path(os.environ.get("WIREHOUSE_CORPUS", ROOT.parent / "shared" / "corpus")) / "extraction"
    if not corpus.is_dir():
        sys.exit(f"the sample corpus is not at {corpus}; say where it is with WIREHOUSE_CORPUS")
    truth = [json.loads(line) for line in (corpus / "truth.jsonl").read_text(encoding="utf-8").splitlines()]
    pages = []
    with ArchiveWriter(home.pages_dir) as archive:
        for number in range(n):
            record = truth[number % len(truth)]
            url = f"https://site-{number // len(truth)}.example/{record['id']}"
            html = gzip.decompress((corpus / "pages" / f"{record['id']}.html.gz").read_bytes())
            request = PageRequest("corpus", url, url_key(url), FeedEntry(url))
            at = START + timedelta(seconds=number)
            pages.append(archive.write_imported(request, html, at=at, content_type="text/html"))
    return tuple(pages)


def view_hashes(home: Home) -> dict[str, str]:
    """Return a hash of each view's rows that does not depend on their order."""
    with open_store(home, owner="bench") as con:
        rows = {view: sorted(map(repr, con.execute(f"select * from {view}").fetchall())) for view in VIEWS}
    return {view: hashlib.sha256("\n".join(found).encode()).hexdigest() for view, found in rows.items()}


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return the result of a function, and its seconds."""
    start = time.perf_counter()
    result = work()
    return result, time.perf_counter() - start


def shown(what: str, n: int, seconds: float, reference: float) -> None:
    """Print one line."""
    print(
        f"{what:32} {seconds:7.1f} s {n / seconds:7.1f} pages/s  {seconds / reference:.2f} of the reference"
    )


if __name__ == "__main__":
    sys.exit(main())

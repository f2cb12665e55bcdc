"""Re-extraction and rebuild of the sample pages: here, and on Dask with a worker killed meanwhile."""

import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from distributed import Client

from bench.rebuild import VIEWS
from bench.samples.corpus import open_corpus
from tasks.archive.writer import ArchiveWriter
from tasks.domain.urls.key import url_key
from tasks.errors import ItemError
from tasks.extract import extract_pages
from tasks.fetch import FetchedPages, fetch_row
from tasks.load import load_pages
from tasks.sources import Sources, read_sources
from tasks.upkeep import rebuild, reextract
from tasks.upkeep.runner import open_runner
from tasks.upkeep.steps import BatchRunner
from tasks.workers.extraction_pool import ExtractionPool
from tests.support.archived_pages import old_rules
from tests.support.cluster.dask_workers import running_dask
from warehouse.cluster.settings import Cluster, RunnerSettings
from warehouse.pages.stored_pages import Choice
from warehouse.records.feed import FeedEntry
from warehouse.records.outcome import Reject, Step
from warehouse.records.page import Page, PageRequest
from warehouse.store.connection import Home, open_store

START = datetime(2026, 11, 1, tzinfo=UTC)
BATCH_PAGES = 20
_REJECTS = "select source, url, step, error_class, reason from rejects"
_CLIENT: Any = Client  # the library has no type hints for its methods
R = TypeVar("R")
Work = Callable[[Home, Sources, BatchRunner | None], str]


def dask_bar(folder: Path) -> bool:
    """Do the same work here and on Dask, from the same store; say whether it gave the same rows."""
    reextract.ITEMS_PER_BATCH = rebuild.PAGES_PER_BATCH = BATCH_PAGES
    stored = Home(folder / "stored")
    sources = _store_pages(stored, folder / "sources.toml")
    works: dict[str, Work] = {"reextract --apply": _reextract, "rebuild": _rebuild}
    n_same = sum(_is_same(folder, stored, sources, name, work) for name, work in works.items())
    return n_same == len(works)


def _is_same(folder: Path, stored: Home, sources: Sources, name: str, work: Work) -> bool:
    here, there = (folder / f"{name}-{where}" for where in ("here", "there"))
    for copy in (here, there):
        shutil.copytree(stored.root, copy)
    before = _hash_rows(stored)
    counts = work(Home(here), sources, None)
    expected = _hash_rows(Home(here))
    with running_dask(folder) as (address, one, _):
        cluster = Cluster(file=folder / "cluster.toml", runner=RunnerSettings(kind="dask", address=address))
        cluster.file.write_text(f'[runner]\nkind = "dask"\naddress = "{address}"\n')
        home = Home(there, cluster)
        with open_runner(home, folder / "sources.toml") as runner:
            assert runner is not None
            killing = _KillingRunner(runner, address, one)
            counts_there = work(home, sources, killing)
    found = _hash_rows(Home(there))
    is_met = found == expected != before and counts == counts_there and killing.n_lost > 0
    print(
        f"dask: {name}: {counts}; on Dask {counts_there}, a worker killed after {killing.n_before} of "
        f"{killing.n_batches} batches with {killing.n_lost} in its hands; "
        f"hash of the rows {expected[:12]} here, {found[:12]} there, {before[:12]} before",
        flush=True,
    )
    return is_met


class _KillingRunner:
    """Runs batches with another runner and kills a worker when it has batches in its hands."""

    def __init__(self, runner: BatchRunner, address: str, worker: "subprocess.Popen[bytes]") -> None:
        self._runner, self._address, self._worker = runner, address, worker
        self.n_before = self.n_batches = self.n_lost = 0

    def each(self, step: Callable[..., R], context: Any, batches: Iterable[tuple[Any, ...]]) -> Iterator[R]:
        """Yield the result of each batch; the worker is killed after the first one."""
        for result in self._runner.each(step, context, batches):
            if not self.n_lost:
                self._kill()
                self.n_before = self.n_batches + 1
            self.n_batches += 1
            yield result

    def _kill(self) -> None:
        with _CLIENT(self._address, set_as_default=False) as client:
            addresses = {pid: address for address, pid in client.run(os.getpid).items()}
            self.n_lost = len(client.processing()[addresses[self._worker.pid]])
        if self.n_lost:
            os.kill(self._worker.pid, signal.SIGKILL)


def _reextract(home: Home, sources: Sources, runner: BatchRunner | None) -> str:
    with ExtractionPool() as pool:
        context = reextract.BatchContext(home, sources.by_name(), pool)
        _, report = reextract.apply_all(context, Choice(), runner=runner)
    return f"{report.n_items} items, {report.n_changed} changed"


def _rebuild(home: Home, sources: Sources, runner: BatchRunner | None) -> str:
    done = rebuild.rebuild(home, sources, runner=runner)
    return f"{done.n_pages} pages, {done.n_articles} articles, {done.n_rejects} rejects"


def _store_pages(home: Home, config: Path) -> Sources:
    """Archive and load the sample's pages as older rules would have; return their sources."""
    corpus = open_corpus(samples=("extraction",))
    domains = sorted({sample.truth["domain"] for sample in corpus.pages})
    names = {domain: domain.replace(".", "-").replace("_", "-") for domain in domains}
    config.write_text(
        "\n".join(
            f'[[source]]\nname = "{name}"\ntitle = "{domain}"\n'
            f'[[source.feed]]\nurl = "https://{domain}/feed"\n'
            for domain, name in names.items()
        )
    )
    sources = read_sources(config)
    pages: list[Page] = []
    rejects: list[Reject] = []
    with ArchiveWriter(home.pages_dir) as archive:
        for number, sample in enumerate(corpus.pages):
            source, at = names[sample.truth["domain"]], START + timedelta(seconds=number)
            try:
                key = url_key(sample.url)
            except ItemError as error:
                reason = str(error)
                rejects.append(Reject(source, Step.FETCH, error.error_class.value, reason, sample.url, at=at))
                continue
            request = PageRequest(source, sample.url, key, FeedEntry(sample.url))
            pages.append(archive.write_imported(request, sample.html(), at=at, content_type="text/html"))
    with ExtractionPool() as pool:
        extracted = old_rules(extract_pages(pages, sources.by_name(), home.archive, pool))
    fetched = FetchedPages(tuple(pages), tuple(fetch_row(page) for page in pages), tuple(rejects))
    load_pages(home, "older rules", fetched, extracted)
    print(
        f"dask: {len(corpus.pages)} sample pages: {len(extracted.articles)} articles, "
        f"{len(extracted.rejects)} without an article, {len(rejects)} whose URL is refused",
        flush=True,
    )
    return sources


def _hash_rows(home: Home) -> str:
    """Return a hash of the rows of all views of articles, and of the rejects."""
    with open_store(home, owner="bench") as con:
        queries = [*(f"select * from {view}" for view in VIEWS), _REJECTS]
        rows = [sorted(map(repr, con.execute(query).fetchall())) for query in queries]
    return hashlib.sha256(repr(rows).encode()).hexdigest()

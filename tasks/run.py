"""One run and what its steps share: sources, HTTP client, archive, worker processes.

Opened before the first step, closed after the last. The run's row in the warehouse is written at both ends,
so that a killed run differs from a finished one.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from tasks.archive.part_writer import open_writer
from tasks.archive.unchecked import load_checked, sizes_of
from tasks.archive.writer import ArchiveWriter
from tasks.domain.duplicates.fingerprint import recent_texts
from tasks.http_client.client import HttpClient, Limits
from tasks.open_files import allowed_threads
from tasks.priority import scheduled_run
from tasks.sources import FetchSettings, Sources
from tasks.workers import preload
from tasks.workers.extraction_pool import MAX_TASKS, ExtractionPool
from tasks.workers.fair_share import SourceBudget
from tasks.workers.feed_parser import FeedParser
from tasks.workers.worker_pool import WorkerPool
from warehouse.cluster.place import find_leases
from warehouse.records.source import Source
from warehouse.run_record import RecordedRun, recorded_run
from warehouse.sources import load_sources
from warehouse.store.backend import store_of
from warehouse.store.claims import Claims, open_claims
from warehouse.store.connection import Home, open_store
from warehouse.store.memory import bound_arenas, give_back_freed


@dataclass(frozen=True, slots=True)
class Run:
    """What the steps of one run share."""

    run_id: str
    flow: str
    home: Home
    sources: Mapping[str, Source]  # those that the run reads, by name
    client: HttpClient
    parser: FeedParser
    archive: ArchiveWriter
    shard: tuple[int, int] | None  # (k, n)
    pool: ExtractionPool
    started_at: datetime
    result: RecordedRun
    claims: Claims


@contextmanager
def open_run(
    home: Home,
    flow: str,
    selected: Sequence[Source],
    sources: Sources,
    shard: tuple[int, int] | None = None,
) -> Iterator[Run]:
    """Start a run, yield what its steps share, and record how it ended; `shard` is the one that it works on.

    Raises WarehouseError when the store cannot be used; no request has been sent then.
    """
    bound_arenas()
    workers = parsing_workers()
    if not store_of(home).exists():
        workers.prepare()  # making the store takes as long as loading the workers
    with open_store(home, owner=f"{flow} run") as con:
        load_sources(con, sources.sources)
    with recorded_run(home, flow) as recorded:
        with ExitStack() as stack:
            if flow == "ingest":
                stack.enter_context(scheduled_run(home))
            limits = limits_for(sources.fetch)
            client = stack.enter_context(
                HttpClient(
                    hosts_dir=home.hosts_dir, contact=sources.contact, limits=limits, leases=find_leases()
                )
            )
            parser = stack.enter_context(FeedParser(shared=workers))
            archive = stack.enter_context(open_writer(home, shard))
            pool = stack.enter_context(ExtractionPool(budget=SourceBudget(), shared=workers))
            claims = stack.enter_context(open_claims(home, recorded.run_id))
            started_at = datetime.now(UTC)
            by_name = {source.name: source for source in selected}
            yield Run(
                run_id=recorded.run_id,
                flow=flow,
                home=home,
                sources=by_name,
                client=client,
                parser=parser,
                archive=archive,
                shard=shard,
                pool=pool,
                started_at=started_at,
                result=recorded,
                claims=claims,
            )
        load_checked(home, sizes_of(home, archive.files))
    _release_memory()


def _release_memory() -> None:
    """Give back what the steps have used: publishing needs as much again, some 150 MB."""
    recent_texts.clear()
    give_back_freed()


def parsing_workers() -> WorkerPool:
    """Return worker processes for feeds and pages: each holds the same modules, 190 MB resident."""
    return WorkerPool(preload=(*preload.FEEDS, *preload.PAGES), max_tasks=MAX_TASKS)


def limits_for(settings: FetchSettings) -> Limits:
    """Return the bounds of fetches that the source list sets, within the limit of open files."""
    return Limits(
        n_threads=allowed_threads(settings.threads),
        connect_s=settings.connect_s,
        first_byte_s=settings.first_byte_s,
    )

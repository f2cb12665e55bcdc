"""One run and what its steps share: sources, HTTP client, archive, worker processes.

Opened before the first step, closed after the last; the run's row in the warehouse is
written at both ends, so that a run which was killed can be told from one that finished.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tasks.archive.writer import ArchiveWriter
from tasks.extract import ExtractionPool
from tasks.http_client.client import HttpClient
from tasks.priority import scheduled_run
from tasks.replay import load_checked, sizes_of
from tasks.sources import Sources
from tasks.workers.feed_parser import FeedParser
from warehouse.errors import WarehouseError
from warehouse.feeds import load_sources
from warehouse.records import Counts, Source
from warehouse.runs import end_run, start_run
from warehouse.store.connection import Home, open_store


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
    pool: ExtractionPool
    started_at: datetime
    result: "RunResult"


@dataclass(slots=True)
class RunResult:
    """What a run did so far; its row in the warehouse gets the counts when it ends."""

    counts: Counts = field(default_factory=Counts)
    ended_at: datetime | None = None

    def add(self, counts: Counts) -> None:
        """Add what one batch did."""
        self.counts += counts


@contextmanager
def open_run(home: Home, flow: str, selected: tuple[Source, ...], sources: Sources) -> Iterator[Run]:
    """Start a run, hand out what its steps share, and record how it ended.

    Raises WarehouseError when the store cannot be used; nothing has been requested then.
    """
    with open_store(home, owner=f"{flow} run") as con:
        load_sources(con, sources.sources)
        run_id = start_run(con, flow)
    result = RunResult()
    try:
        with ExitStack() as stack:
            if flow == "ingest":
                stack.enter_context(scheduled_run(home))
            client = stack.enter_context(HttpClient(hosts_dir=home.hosts_dir, contact=sources.contact))
            parser = stack.enter_context(FeedParser())
            archive = stack.enter_context(ArchiveWriter(home.pages_dir))
            pool = stack.enter_context(ExtractionPool())
            started_at = datetime.now(UTC)
            by_name = {source.name: source for source in selected}
            yield Run(run_id, flow, home, by_name, client, parser, archive, pool, started_at, result)
        load_checked(home, sizes_of(home, archive.files))
    except BaseException as error:
        status = "cancelled" if isinstance(error, KeyboardInterrupt) else "failed"
        with suppress(WarehouseError):  # the store may be what failed; that error is the one to tell
            _end(home, run_id, flow, status, result)
        raise
    _end(home, run_id, flow, "partial" if result.counts.n_rejects else "completed", result)


def _end(home: Home, run_id: str, flow: str, status: str, result: RunResult) -> None:
    result.ended_at = datetime.now(UTC)
    with open_store(home, owner=f"{flow} run") as con:
        end_run(con, run_id, status, result.counts)

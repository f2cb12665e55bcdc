"""The steps of the runs `ingest` and `backfill`, and how the batches of `ingest` stream through them.

The step modules in `tasks/` are plain functions. Here each becomes a step with a name and retries, which runs
in a thread or, where a Prefect server is configured, as a task (`flows.step_runner`). A step takes a batch,
never an article. Steps pass pages as pointers into the archive, never their bytes.
"""

import logging
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from flows.step_runner import StepOutcome, Submit, step
from tasks.archive.replay import read_unloaded
from tasks.archive.unchecked import find_unchecked_files, load_checked
from tasks.domain.feeds.polling import FeedPoll
from tasks.errors import ErrorClass
from tasks.extract import NOTHING_READY, Extracted, PageExtractor, ReadyPages, extract_pages, joined
from tasks.fetch import FetchedPages, PageFetcher, archived_pages
from tasks.http_client.host_time import HostTime
from tasks.load import load_pages
from tasks.overlap import OverlapRecovery
from tasks.plan import PagePlan, group_feeds
from tasks.poll import Answered, FeedPoller, load_polls
from tasks.run import Run
from warehouse.publish import index_batch, publish_snapshot
from warehouse.records.outcome import Counts
from warehouse.records.page import Page, PageRequest
from warehouse.search.index import BATCH_DOCUMENTS
from warehouse.store.claims import Claimed
from warehouse.store.home import Home
from warehouse.store.memory import give_back_freed
from warehouse.store.progress import report_progress
from warehouse.wording import plural

if TYPE_CHECKING:
    from tasks.backfill.run import Past

log = logging.getLogger("wirehouse")

# One batch is fetched while another is extracted and a third loaded.
N_BATCHES_UNDER_WAY = 3
N_GROUPS_UNDER_WAY = 2  # of feeds
# A load has a fixed cost, so pages that are ready wait for others, but not long.
PAGES_PER_LOAD = 400
LOAD_AFTER_S = 10.0
MOST_LATE = 1_000  # pages that wait for the workers, where fetching is faster than they are


@step("poll feeds")
def poll(poller: FeedPoller, recovery: OverlapRecovery, polls: Sequence[FeedPoll]) -> Answered:
    """Poll a group of feeds; return the answers that are ready, to earlier groups too."""
    now = datetime.now(UTC)
    answered = poller.poll_ready(polls, now)
    _log_failures(answered)
    return recovery.recover_ready(answered, now)


@step("load feeds", retries=True)
def load_answers(run: Run, answered: Answered) -> Counts:
    """Store the entries and state of polled feeds in one transaction."""
    polls, answers = [poll for poll, _ in answered], [answer for _, answer in answered]
    return load_polls(run.home, run.run_id, polls, answers, datetime.now(UTC))


@step("fetch pages")
def fetch(fetcher: PageFetcher, requests: Sequence[PageRequest]) -> FetchedPages:
    """Fetch a batch of pages into the archive, and wait for all of it."""
    return fetcher.fetch_all(requests)


@step("fetch pages")
def fetch_ready(fetcher: PageFetcher, requests: Sequence[PageRequest]) -> FetchedPages:
    """Fetch a batch of pages into the archive; return what is ready, of earlier batches too."""
    return fetcher.fetch_ready(requests)


@step("extract pages")
def extract(run: Run, fetched: FetchedPages) -> Extracted:
    """Extract a batch of archived pages into articles and rejects."""
    return extract_pages(fetched.pages, run.sources, run.home.archive, run.pool)


@step("extract pages")
def extract_ready(extractor: PageExtractor, fetched: FetchedPages) -> ReadyPages:
    """Extract a batch of archived pages; return what is ready, of earlier batches too."""
    return extractor.extract_ready(fetched)


@step("load pages", retries=True)
def load(run: Run, fetched: FetchedPages, extracted: Extracted) -> Counts:
    """Load a batch and link its duplicates in one transaction."""
    return load_pages(run.home, run.run_id, fetched, extracted)


@step("load pages", retries=True)
def load_ready(run: Run, ready: ReadyPages) -> Counts:
    """Load the pages that are ready and link their duplicates in one transaction."""
    counts = load_pages(run.home, run.run_id, ready.fetched, ready.extracted)
    give_back_freed()
    return counts


@step("index articles", retries=True)
def index(home: Home) -> int:
    """Index a batch of loaded articles for search; return how many."""
    n_indexed = index_batch(home)
    give_back_freed()
    return n_indexed


@step("publish snapshot", retries=True)
def publish(home: Home, min_interval_s: float = 0) -> bool:
    """Publish a snapshot of the store for analysts."""
    return publish_snapshot(home, min_interval_s=min_interval_s)


@step("send alerts", retries=True)
def send_alerts(home: Home, searches_file: Path) -> tuple[str, ...]:
    """Send what saved searches found; return why they cannot be used, if so."""
    from tasks.alerts.send import report_saved

    return report_saved(home, searches_file)


@step("write feeds", retries=True)
def write_feeds(home: Home, searches_file: Path) -> tuple[str, ...]:
    """Write the feed files of searches.toml; return which could not be made, and why."""
    from tasks.alerts.feed_files import write_feed_files

    return write_feed_files(home, searches_file)


def replay_archive(run: Run, submit: Submit, past: "Past | None" = None) -> None:
    """Extract and load the pages that a killed run archived but did not load.

    Of those that a killed backfill left, `past` leaves out what is outside its range.
    """
    files = find_unchecked_files(run.home, run.shard)
    for unloaded in read_unloaded(run.home, files) if files else ():
        log.info("Loading %s that a killed run left in the archive", plural(len(unloaded.pages), "page"))
        fetched = archived_pages(unloaded.pages, unloaded.rejects)
        extracted = submit(extract, run, fetched).result()
        if past is not None:
            extracted = past.within_own(fetched, extracted)
        note_counts(run, submit(load, run, fetched, extracted).result())
    load_checked(run.home, files)


class NewsStream:
    """Polls feeds, and fetches, extracts and loads their new pages, all at the same time.

    The pages that a feed shows are fetched as soon as its group is polled. A few groups of feeds and a few
    batches of pages are under way at a time; neither waits for its slowest feed or page, which comes with a
    later one. Requests that a batch did not wait for are collected while others are extracted. What is
    extracted is loaded some hundred pages at a time, or after some seconds. Each thousand new articles are
    indexed for search while others are extracted: publishing them at the end keeps one processor busy.
    """

    def __init__(
        self,
        run: Run,
        submit: Submit,
        due: Sequence[FeedPoll],
        plan: PagePlan,
        host_time: HostTime | None = None,
    ) -> None:
        self._run = run
        self._submit = submit
        self._poller = FeedPoller(run.client, run.parser)
        self._recovery = OverlapRecovery(run.home, run.client, run.parser)
        self._fetcher = PageFetcher(
            run.sources,
            run.client,
            run.archive,
            host_time=host_time,
            on_archived=self._begin,
            on_left=self._note_left,
        )
        self._extractor = PageExtractor(run.sources, run.home.archive, run.pool)
        self._plan = plan
        self._groups = deque(group_feeds(due))
        self._n_feeds = len(due)
        self._n_polled = self._n_pages = self._n_loaded = 0
        self._batches: deque[Sequence[PageRequest]] = deque()
        self._polling: dict[StepOutcome[Counts], StepOutcome[Answered]] = {}
        self._fetching: set[StepOutcome[FetchedPages]] = set()
        self._extracting: set[StepOutcome[ReadyPages]] = set()
        self._ready: list[ReadyPages] = []  # to be loaded
        self._ready_since = 0.0
        self._loading: dict[StepOutcome[Counts], list[str]] = {}  # with the keys of the pages
        self._left: SimpleQueue[str] = SimpleQueue()  # keys of pages that stay pending
        self._n_unindexed = 0
        self._indexing: set[StepOutcome[int]] = set()
        self._ended: SimpleQueue[StepOutcome[Any]] = SimpleQueue()

    def run(self) -> None:
        """Run until every feed is polled and every page loaded. Raises what a step raises."""
        while True:
            self._start_polls()
            self._start_batches()
            self._start_index()
            self._start_load()
            if not (self._polling or self._extracting or self._loading or self._indexing):
                return
            with suppress(Empty):
                self._note_ended(self._ended.get(timeout=self._wait_s()))

    def _start_polls(self) -> None:
        while self._groups and len(self._polling) < N_GROUPS_UNDER_WAY:
            self._start_poll(self._groups.popleft())
        if (self._poller.n_late or self._recovery.n_late) and not self._polling:
            self._start_poll(())

    def _start_poll(self, group: Sequence[FeedPoll]) -> None:
        polled = self._submit(poll, self._poller, self._recovery, group)
        loaded = self._submit(load_answers, self._run, polled)
        self._polling[loaded] = polled
        loaded.add_done_callback(self._ended.put)

    def _start_batches(self) -> None:
        if not self._batches and self._has_room():
            batches = self._plan.next_batches(datetime.now(UTC))
            self._n_pages += sum(map(len, batches))
            self._batches.extend(batches)
        while self._batches and self._has_room() and self._extractor.n_late < MOST_LATE:
            self._start_batch(self._batches.popleft())
        if self._has_room() and self._has_late():
            self._start_batch(())

    def _has_room(self) -> bool:
        return len(self._extracting) + len(self._loading) < N_BATCHES_UNDER_WAY

    def _has_late(self) -> bool:
        """Say whether no step under way collects what earlier batches did not wait for."""
        if self._fetcher.n_late and not self._fetching:
            return True
        return bool(self._extractor.n_late) and not self._extracting

    def _start_batch(self, batch: Sequence[PageRequest]) -> None:
        fetched = self._submit(fetch_ready, self._fetcher, batch)
        extracted = self._submit(extract_ready, self._extractor, fetched)
        self._fetching.add(fetched)
        self._extracting.add(extracted)
        fetched.add_done_callback(self._ended.put)
        extracted.add_done_callback(self._ended.put)

    def _begin(self, page: Page) -> None:
        self._extractor.begin(page)

    def _note_left(self, request: PageRequest) -> None:
        self._left.put(request.url_key)

    def _start_load(self) -> None:
        is_due = not self._extracting or self._wait_s() == 0
        if self._ready and is_due and not self._is_writing:
            ready = joined(self._ready)
            loaded = self._submit(load_ready, self._run, ready)
            self._ready = []
            self._loading[loaded] = _keys_of(ready)
            loaded.add_done_callback(self._ended.put)

    @property
    def _is_writing(self) -> bool:
        """Whether a load or an index is under way: a second one would hold memory while it waits."""
        return bool(self._loading or self._indexing)

    def _start_index(self) -> None:
        if self._n_unindexed >= BATCH_DOCUMENTS and not self._is_writing:
            indexed = self._submit(index, self._run.home)
            self._indexing.add(indexed)
            indexed.add_done_callback(self._ended.put)

    def _wait_s(self) -> float | None:
        """Return for how long the pages that are ready wait for others; None where there are none."""
        if not self._ready or self._is_writing:
            return None
        if sum(len(ready.fetched.fetches) for ready in self._ready) >= PAGES_PER_LOAD:
            return 0
        return max(0.0, self._ready_since + LOAD_AFTER_S - time.monotonic())

    def _note_ended(self, ended: StepOutcome[Any]) -> None:
        if ended in self._fetching:
            self._fetching.remove(ended)  # its error is also that of the extraction
        elif ended in self._extracting:
            self._extracting.remove(ended)
            self._note_ready(ended.result())
        elif ended in self._loading:
            url_keys = self._loading.pop(ended)
            self._note_loaded(ended.result())
            self._note_done(url_keys)
        elif ended in self._indexing:
            self._indexing.remove(ended)
            n_indexed = ended.result()
            # None left: another process has published them.
            self._n_unindexed = max(0, self._n_unindexed - n_indexed) if n_indexed else 0
        else:
            self._note_polled(ended)

    def _note_ready(self, ready: ReadyPages) -> None:
        if not self._ready:
            self._ready_since = time.monotonic()
        if ready != NOTHING_READY:
            self._ready.append(ready)

    def _note_loaded(self, counts: Counts) -> None:
        note_counts(self._run, counts)
        self._n_loaded += counts.n_fetched
        self._n_unindexed += counts.n_new + counts.n_revised
        report_progress("pages", self._n_loaded, max(self._n_pages, self._n_loaded))

    def _note_done(self, url_keys: list[str]) -> None:
        with suppress(Empty):
            while True:
                url_keys.append(self._left.get_nowait())
        self._plan.note_done(url_keys)

    def _note_polled(self, loaded: StepOutcome[Counts]) -> None:
        counts = loaded.result()
        answered = self._polling.pop(loaded).result()
        self._plan.note_polled(poll.source.name for poll, _ in answered)
        self._run.claims.drop(Claimed.FEEDS, (poll.feed.url for poll, _ in answered))
        _note_polls(self._run, counts)
        self._n_polled += len(answered)
        report_progress("feeds", self._n_polled, self._n_feeds)


def _keys_of(ready: ReadyPages) -> list[str]:
    """Return the keys of the pages that a load records."""
    keys = [fetch.url_key for fetch in ready.fetched.fetches]
    keys += [reject.url_key for reject in (*ready.fetched.rejects, *ready.extracted.rejects)]
    return [key for key in keys if key is not None]


def _log_failures(answered: Answered) -> None:
    for poll, answer in answered:
        if answer.outcome not in (ErrorClass.OK, ErrorClass.NOT_MODIFIED):
            log.warning("Feed %s of %s failed: %s", poll.feed.url, poll.source.name, answer.reason)


def _note_polls(run: Run, counts: Counts) -> None:
    if counts == Counts():
        return  # no feed has answered yet
    run.result.add(counts)
    log.info(
        "Polled: %s, %s unchanged",
        *(plural(counts.n_entries, "entry"), plural(counts.n_not_modified, "feed")),
    )


def note_counts(run: Run, counts: Counts) -> None:
    """Add what a load changed to the result of the run, and log it."""
    if counts == Counts():
        return  # no page is ready yet
    run.result.add(counts)
    log.info(
        "Loaded: %s fetched, %d new, %d revised, %d unchanged, %s, %s",
        *(plural(counts.n_fetched, "page"), counts.n_new, counts.n_revised, counts.n_unchanged),
        *(plural(counts.n_duplicates, "duplicate"), plural(counts.n_rejects, "reject")),
    )

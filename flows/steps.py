"""The steps as Prefect tasks, and the streaming of batches through them.

The step modules in `tasks/` are plain functions, so that commands which do not need Prefect start quickly.
Here each becomes a task with a name and retries. A task takes a batch, never an article: a task run costs
more than extracting a page. Tasks pass pages as pointers into the archive, never their bytes.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any, ParamSpec, TypeAlias, TypeVar, cast

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner
from prefect.tasks import Task
from prefect.utilities.annotations import opaque, quote

from tasks.archive.replay import read_unloaded
from tasks.archive.unchecked import find_unchecked_files, load_checked
from tasks.backfill.run import Past
from tasks.domain.feeds.polling import FeedAnswer, FeedPoll
from tasks.errors import ErrorClass
from tasks.extract import Extracted, PageExtractor, ReadyPages, extract_pages
from tasks.fetch import FetchedPages, PageFetcher, archived_pages
from tasks.load import load_pages
from tasks.plan import group_feeds
from tasks.poll import FeedPoller, load_polls
from tasks.run import Run
from tasks.upkeep.steps import RunStep
from warehouse.errors import DiskFull, WarehouseLocked
from warehouse.publish import publish_snapshot
from warehouse.records import Counts, PageRequest, Source
from warehouse.store.connection import Home
from warehouse.wording import plural

log = logging.getLogger("wirehouse")

# One batch is fetched while another is extracted and a third loaded.
N_BATCHES_UNDER_WAY = 3

P = ParamSpec("P")
R = TypeVar("R")
Answered: TypeAlias = Sequence[tuple[FeedPoll, FeedAnswer]]


def threads() -> TaskRunner[PrefectFuture[Any]]:
    """Return a task runner of threads; a step that needs processes has its own."""
    return cast("TaskRunner[PrefectFuture[Any]]", ThreadPoolTaskRunner(max_workers=8))


def is_transient(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Say whether a failed task is worth a retry: its store was locked, or its disk full."""
    return isinstance(state.result(raise_on_failure=False), WarehouseLocked | DiskFull)


def step(name: str, *, retries: bool = False) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Return a decorator that turns a step into a Prefect task."""
    return task(
        name=name,
        cache_policy=NO_CACHE,
        persist_result=False,
        retries=3 if retries else 0,
        retry_delay_seconds=[2, 10, 30],
        retry_jitter_factor=0.5,
        retry_condition_fn=is_transient,
    )


@step("poll feeds")
def poll(poller: FeedPoller, polls: Sequence[FeedPoll]) -> Answered:
    """Poll a group of feeds; return the answers that are ready, to earlier groups too."""
    answered = poller.poll_ready(polls, datetime.now(UTC))
    _log_failures(answered)
    return answered


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
    return extract_pages(fetched.pages, run.sources, run.home.pages_dir, run.pool)


@step("extract pages")
def extract_ready(extractor: PageExtractor, fetched: FetchedPages) -> ReadyPages:
    """Extract a batch of archived pages; return what is ready, of earlier batches too."""
    return extractor.extract_ready(fetched)


@step("extract pages of a range")
def extract_range(run: Run, fetched: FetchedPages, past: Past) -> Extracted:
    """Extract a batch of archived pages; articles dated outside the range are dropped."""
    return past.within(extract_pages(fetched.pages, run.sources, run.home.pages_dir, run.pool))


@step("load pages", retries=True)
def load(run: Run, fetched: FetchedPages, extracted: Extracted) -> Counts:
    """Load a batch and link its duplicates in one transaction."""
    return load_pages(run.home, run.run_id, fetched, extracted)


@step("load pages", retries=True)
def load_ready(run: Run, ready: ReadyPages) -> Counts:
    """Load the pages that are ready and link their duplicates in one transaction."""
    return load_pages(run.home, run.run_id, ready.fetched, ready.extracted)


@step("publish snapshot", retries=True)
def publish(home: Home, min_interval_s: float = 0) -> bool:
    """Publish a snapshot of the store for analysts."""
    return publish_snapshot(home, min_interval_s=min_interval_s)


def replay_archive(run: Run) -> None:
    """Extract and load the pages that a killed run archived but did not load."""
    files = find_unchecked_files(run.home)
    for unloaded in read_unloaded(run.home, files) if files else ():
        log.info("Loading %s that a killed run left in the archive", plural(len(unloaded.pages), "page"))
        fetched = archived_pages(unloaded.pages, unloaded.rejects)
        extracted = submit(extract, run, fetched)
        _note(run, submit(load, run, fetched, extracted).result())
    load_checked(run.home, files)


def stream_pages(run: Run, batches: Iterable[Sequence[PageRequest]]) -> None:
    """Fetch, extract and load batches of pages, a few of them at the same time.

    A batch does not wait for its slowest page: late pages are loaded with later batches.
    """
    fetcher = PageFetcher(run.sources, run.client, run.archive)
    extractor = PageExtractor(run.sources, run.home.pages_dir, run.pool)

    def start(batch: Sequence[PageRequest]) -> PrefectFuture[Counts]:
        fetched = submit(fetch_ready, fetcher, batch)
        return submit(load_ready, run, submit(extract_ready, extractor, fetched))

    _stream((start(batch) for batch in batches), partial(_note, run))
    while fetcher.n_late or extractor.n_late:
        _note(run, start(()).result())


def stream_past(run: Run, past: Past) -> None:
    """Extract and load the pages of a backfill: first those that need no request."""
    fetcher = PageFetcher(run.sources, run.client, run.archive)
    for archived in chain(past.archived(), past.from_files(run.archive)):
        extracted = submit(extract_range, run, archived, past)
        _note(run, submit(load, run, archived, extracted).result())

    def note(counts: Counts) -> None:
        _note(run, counts)
        past.note_done(counts.n_fetched)

    def start(batch: Sequence[PageRequest]) -> PrefectFuture[Counts]:
        fetched = submit(fetch, fetcher, batch)
        return submit(load, run, fetched, submit(extract_range, run, fetched, past))

    _stream((start(batch) for batch in past.batches()), note)
    unread = past.unread_indexes()
    if unread.rejects:
        _note(run, submit(load, run, unread, Extracted((), ())).result())


def _stream(loads: Iterable[PrefectFuture[Counts]], note: Callable[[Counts], None]) -> None:
    """Note the outcome of each load; the next is started while at most a few are under way."""
    under_way: deque[PrefectFuture[Counts]] = deque()
    for future in loads:
        under_way.append(future)
        if len(under_way) >= N_BATCHES_UNDER_WAY:
            note(under_way.popleft().result())
    while under_way:
        note(under_way.popleft().result())


def _log_failures(answered: Answered) -> None:
    for poll, answer in answered:
        if answer.outcome not in (ErrorClass.OK, ErrorClass.NOT_MODIFIED):
            log.warning("Feed %s of %s failed: %s", poll.feed.url, poll.source.name, answer.reason)


def poll_rounds(run: Run, polls: Sequence[FeedPoll]) -> Iterator[Mapping[str, Source]]:
    """Poll feeds; yield the sources whose pages can be fetched: first all of the run's, then late ones.

    A slow feed does not hold back the others: its entries come in a later round, and its source again.
    """
    poller = FeedPoller(run.client, run.parser)
    _poll_groups(run, poller, group_feeds(polls))
    yield run.sources
    while poller.n_late:
        yield _poll_groups(run, poller, [()])


def _poll_groups(run: Run, poller: FeedPoller, groups: Iterable[Sequence[FeedPoll]]) -> dict[str, Source]:
    """Poll groups of feeds, several at the same time; return the sources that have answered."""
    answers = [submit(poll, poller, group) for group in groups]
    for stored in [submit(load_answers, run, answered) for answered in answers]:
        _note_polls(run, stored.result())
    return {poll.source.name: poll.source for answered in answers for poll, _ in answered.result()}


def _note_polls(run: Run, counts: Counts) -> None:
    run.result.add(counts)
    log.info(
        "Polled: %s, %s unchanged",
        *(plural(counts.n_entries, "entry"), plural(counts.n_not_modified, "feed")),
    )


def _note(run: Run, counts: Counts) -> None:
    run.result.add(counts)
    log.info(
        "Loaded: %s fetched, %d new, %d revised, %d unchanged, %s, %s",
        *(plural(counts.n_fetched, "page"), counts.n_new, counts.n_revised, counts.n_unchanged),
        *(plural(counts.n_duplicates, "duplicate"), plural(counts.n_rejects, "reject")),
    )


def submit(task: Task[..., R], *inputs: Any) -> PrefectFuture[R]:
    """Submit a task; Prefect waits for the futures among its inputs.

    The inputs are wrapped because Prefect otherwise searches every page of a batch for further futures.
    """
    wrapped = [opaque(i) if isinstance(i, PrefectFuture) else quote(i) for i in inputs]
    return task.submit(*wrapped, return_state=False)


def in_tasks(tasks: Mapping[Callable[..., Any], Task[..., Any]]) -> RunStep:
    """Return a way to run steps that submits the task of each and waits for its result."""

    def run(step: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        inputs = {name: quote(value) for name, value in kwargs.items()}
        future = tasks[step].submit(*(quote(arg) for arg in args), **inputs, return_state=False)
        return cast("R", future.result())

    return run

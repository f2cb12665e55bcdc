"""A run `backfill` from its first step to its report: the past of one source, a range of days.

With the steps of `flows.steps`. Apart from it and from `flows.runs`, so that a scheduled run does not import
what reads indexes and WARC files.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from flows.reports.run_summary import RunReport, find_run_report
from flows.step_runner import StepOutcome, Submit, step
from flows.steps import N_BATCHES_UNDER_WAY, fetch, load, note_counts, publish, replay_archive
from tasks.backfill.run import Past, open_past
from tasks.backfill.walk import Days
from tasks.captures.store import CaptureBatch
from tasks.extract import Extracted, extract_pages
from tasks.fetch import FetchedPages, PageFetcher
from tasks.run import Run, open_run
from tasks.sources import Sources
from warehouse.records.outcome import Counts
from warehouse.records.page import PageRequest
from warehouse.records.source import Source
from warehouse.store.home import Home

log = logging.getLogger("wirehouse")


def backfill_source(
    submit: Submit,
    home: Home,
    sources: Sources,
    source: Source,
    days: Days,
    *,
    via: str | None = None,
    budget: int | None = None,
    files: tuple[Path | None, tuple[Path, ...]] = (None, ()),
) -> RunReport:
    """Fetch and load what a source published in a range of days, and publish a snapshot.

    `files` are those to read instead of the source's indexes: a file of URLs, and WARC files.
    """
    with (
        open_run(home, "backfill", (source,), sources) as run,
        open_past(
            run.home, run.client, run.parser, source, days, via, budget, *files, claims=run.claims
        ) as past,
    ):
        replay_archive(run, submit, past)
        stream_past(run, submit, past)
    submit(publish, home).result()
    report = find_run_report(run, past.walk.notes)
    accounts = tuple(past.captures.accounts)
    return replace(report, summary=replace(report.summary, files=accounts, range=past.account()))


@step("extract pages of a range")
def extract_range(run: Run, fetched: FetchedPages, past: Past) -> Extracted:
    """Extract a batch of archived pages; articles dated outside the range are dropped."""
    extracted = extract_pages(fetched.pages, run.sources, run.home.archive, run.pool)
    return past.within(fetched, extracted)


def stream_past(run: Run, submit: Submit, past: Past) -> None:
    """Extract and load the pages of a backfill: first those that need no request."""
    fetcher = PageFetcher(run.sources, run.client, run.archive)
    for archived in past.archived():
        extracted = submit(extract_range, run, archived, past)
        note_counts(run, submit(load, run, archived, extracted).result())
    _stream_captures(run, submit, past)

    under_way: deque[Sequence[PageRequest]] = deque()

    def note(counts: Counts) -> None:
        note_counts(run, counts)
        past.note_done(under_way.popleft(), counts.n_fetched)

    def start(batch: Sequence[PageRequest]) -> StepOutcome[Counts]:
        under_way.append(batch)
        fetched = submit(fetch, fetcher, batch)
        return submit(load, run, fetched, submit(extract_range, run, fetched, past))

    _stream((start(batch) for batch in past.batches()), note)
    unread = past.unread_indexes()
    if unread.rejects:
        note_counts(run, submit(load, run, unread, Extracted((), ())).result())
    past.resolve_indexes()


def _stream_captures(run: Run, submit: Submit, past: Past) -> None:
    """Extract and load the pages of WARC files, a few batches at the same time."""
    under_way: deque[tuple[CaptureBatch, StepOutcome[Extracted], StepOutcome[Counts]]] = deque()

    def finish() -> None:
        batch, extracted, loaded = under_way.popleft()
        counts = loaded.result()
        batch.note_loaded(extracted.result(), counts)
        note_counts(run, counts)

    for batch in past.from_files(run.archive):
        extracted = submit(extract_range, run, batch.fetched, past)
        under_way.append((batch, extracted, submit(load, run, batch.fetched, extracted)))
        if len(under_way) >= N_BATCHES_UNDER_WAY:
            finish()
    while under_way:
        finish()
    for account in past.captures.accounts:
        log.info("%s", account.sentence())


def _stream(loads: Iterable[StepOutcome[Counts]], note: Callable[[Counts], None]) -> None:
    """Note the outcome of each load; the next is started while at most a few are under way."""
    under_way: deque[StepOutcome[Counts]] = deque()
    for outcome in loads:
        under_way.append(outcome)
        if len(under_way) >= N_BATCHES_UNDER_WAY:
            note(under_way.popleft().result())
    while under_way:
        note(under_way.popleft().result())

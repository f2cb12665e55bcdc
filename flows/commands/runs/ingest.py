"""The `ingest` command: one run now, as the schedules make it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.runs.ending import FailOn, finish
from flows.serving.environment import has_server, prepare_prefect
from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    SourceOption,
    config_path,
    existing_home,
    make_home,
)

if TYPE_CHECKING:
    from flows.reports.run_summary import RunSummary
    from tasks.plan import Work
    from tasks.shards import Shard
    from tasks.sources import Sources
    from warehouse.records.source import Source

MoreUrls = Annotated[list[str] | None, typer.Argument(metavar="URL", help="Further pages for --recheck.")]
AllOption = Annotated[bool, typer.Option("--all", help="Poll every feed, due or not.")]
RecheckOption = Annotated[
    list[str] | None,
    typer.Option(metavar="URL", help="Ask for these known pages again now, and poll no feed."),
]
ShardOption = Annotated[
    str | None,
    typer.Option(metavar="K/N", help="Only the sources of this shard of a cluster, such as 3/16."),
]
FailOnOption = Annotated[
    FailOn,
    typer.Option(
        help="Exit code 1 for a reject or a warning (any), for a warning such as a dead feed (errors), "
        "or for neither (none)."
    ),
]


def ingest(
    more_urls: MoreUrls = None,
    source: SourceOption = None,
    every_feed: AllOption = False,
    recheck: RecheckOption = None,
    shard: ShardOption = None,
    fail_on: FailOnOption = FailOn.ANY,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the pipeline now: poll the due feeds, fetch the new pages, load them.

    Schedules run the same flow. When nothing is due, no run is started.
    """
    from flows.settings import searches_path
    from tasks.sources import read_sources, select_sources

    file = config_path(config)
    sources = read_sources(file)
    selected = select_sources(sources, source)  # report a mistake before anything starts
    part = _shard(shard)
    pages = _rechecked(recheck, more_urls, home, is_narrowed=bool(source) or every_feed)
    where = make_home(home)
    searches_file = searches_path(file)
    work = None if pages or part else _find_work(where, sources, selected)
    if work is None and not (every_feed or pages or part):
        _note_idle(where, selected)
        finish(_idle_summary(where, searches_file), as_json=as_json, fail_on=fail_on)
        return
    if work is not None and work.parses_pages:
        _start_importing()
    if has_server():
        summary = _run_flow(source, pages, shard, where, file, every_feed=every_feed)
    else:
        summary = _run_steps(where, sources, selected, pages, part, searches_file, every_feed=every_feed)
    finish(summary, as_json=as_json, fail_on=fail_on)


def _start_importing() -> None:
    """Start the process from which the workers are forked: it imports their modules meanwhile."""
    from tasks.workers.preload import FEEDS, PAGES
    from tasks.workers.worker_pool import start_server

    start_server((*FEEDS, *PAGES))


def _run_flow(
    source: list[str] | None,
    pages: list[str] | None,
    shard: str | None,
    home: Path,
    config: Path,
    *,
    every_feed: bool,
) -> "RunSummary":
    """Run the flow on the Prefect server that is configured."""
    prepare_prefect()
    from flows.ingest import ingest as run_flow

    return run_flow(
        source=source, every_feed=every_feed, recheck=pages, home=str(home), config=str(config), shard=shard
    )


def _run_steps(
    home: Path,
    sources: "Sources",
    selected: "tuple[Source, ...]",
    pages: list[str] | None,
    shard: "Shard | None",
    searches_file: Path,
    *,
    every_feed: bool,
) -> "RunSummary":
    """Run the steps in threads of this process, without Prefect."""
    from flows.runs import ingest_sources
    from flows.step_runner import StepThreads
    from warehouse.store.home import Home

    with StepThreads() as submit:
        report = ingest_sources(
            submit,
            Home.of(home),
            sources,
            selected,
            every_feed=every_feed,
            recheck=pages,
            searches_file=searches_file,
            shard=shard,
        )
    return report.summary


def _shard(text: str | None) -> "Shard | None":
    if text is None:
        return None
    from tasks.shards import parse_shard

    return parse_shard(text)


def _rechecked(
    recheck: list[str] | None, more_urls: list[str] | None, home: Path | None, *, is_narrowed: bool
) -> list[str] | None:
    """Return the pages to ask for again, None without any. Raises UsageError, also for an unknown page."""
    from tasks.errors import UsageError

    if not recheck:
        if more_urls:
            raise UsageError(f"'{more_urls[0]}': to ask for known pages again, use --recheck URL…")
        return None
    if is_narrowed:
        raise UsageError("--recheck asks for single pages and polls no feed; leave out --source and --all.")
    from tasks.recheck import find_rechecks

    pages = [*recheck, *(more_urls or ())]
    find_rechecks(existing_home(home), pages)  # report a mistake before anything starts
    return pages


def _find_work(home: Path, sources: "Sources", selected: "tuple[Source, ...]") -> "Work | None":
    from tasks.plan import find_work
    from warehouse.store.home import Home

    return find_work(Home.of(home), sources, selected, datetime.now(UTC))


def _note_idle(home: Path, selected: "tuple[Source, ...]") -> None:
    """Note that a run would change nothing; log which feed is due next."""
    from tasks.plan import log_next_feed, note_idle
    from warehouse.store.home import Home

    where = Home.of(home)
    note_idle(where)
    log_next_feed(where, selected)


def _idle_summary(home: Path, searches_file: Path) -> "RunSummary":
    """Send the alerts that are due, and return the summary of a run that has nothing else to do."""
    from flows.reports.run_summary import summary_of
    from tasks.alerts.due import send_due_alerts
    from warehouse.records.outcome import Counts
    from warehouse.store.home import Home

    problems = send_due_alerts(Home.of(home), searches_file, datetime.now(UTC))
    return summary_of(None, "ingest", Counts(), warnings=problems)

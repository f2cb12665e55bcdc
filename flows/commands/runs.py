"""Commands that run a flow now: `ingest` and `backfill`."""

from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from flows.serving.environment import has_server, prepare_prefect
from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    JsonOption,
    SourceOption,
    config_path,
    existing_home,
    home_path,
    make_home,
)
from flows.terminal.output import print_json_line
from flows.terminal.values import visible
from flows.terminal.warc import print_preview

if TYPE_CHECKING:
    from flows.parameters import WayName
    from flows.reports.run_summary import RunSummary
    from tasks.backfill.walk import Days
    from tasks.plan import Work
    from tasks.shards import Shard
    from tasks.sources import Sources
    from warehouse.records import Source


class FailOn(StrEnum):
    """Which outcomes of a completed run give exit code 1."""

    NONE = "none"
    ERRORS = "errors"
    ANY = "any"


def ingest(
    more_urls: Annotated[
        list[str] | None, typer.Argument(metavar="[URL…]", help="Further pages for --recheck.")
    ] = None,
    source: SourceOption = None,
    every_feed: Annotated[bool, typer.Option("--all", help="Poll every feed, due or not.")] = False,
    recheck: Annotated[
        list[str] | None,
        typer.Option(metavar="URL…", help="Ask for these known pages again now, and poll no feed."),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(metavar="K/N", help="Only the sources of this shard of a cluster, such as 3/16."),
    ] = None,
    fail_on: Annotated[
        FailOn,
        typer.Option(
            help="Exit code 1 for a reject or a warning (any), for a warning such as a dead feed (errors), "
            "or for neither (none)."
        ),
    ] = FailOn.ANY,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run the pipeline now: poll the due feeds, fetch the new pages, load them.

    Schedules run the same flow. When nothing is due, no run is started.
    """
    from flows.settings import searches_path
    from tasks.sources import read_sources, select_sources
    from tasks.workers.preload import FEEDS, PAGES
    from tasks.workers.worker_pool import start_server

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
        start_server((*FEEDS, *PAGES))  # it imports as long as this process does
    if has_server():
        prepare_prefect()
        from flows.ingest import ingest as run_flow

        summary = run_flow(
            source=source,
            every_feed=every_feed,
            recheck=pages,
            home=str(where),
            config=str(file),
            shard=shard,
        )
    else:
        from flows.runs import ingest_sources
        from flows.step_runner import StepThreads
        from warehouse.store.home import Home

        with StepThreads() as submit:
            report = ingest_sources(
                submit,
                Home.of(where),
                sources,
                selected,
                every_feed=every_feed,
                recheck=pages,
                searches_file=searches_file,
                shard=part,
            )
        summary = report.summary
    finish(summary, as_json=as_json, fail_on=fail_on)


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
    from warehouse.records import Counts
    from warehouse.store.home import Home

    problems = send_due_alerts(Home.of(home), searches_file, datetime.now(UTC))
    return summary_of(None, "ingest", Counts(), warnings=problems)


def backfill(
    source: Annotated[str, typer.Argument(help="The source's name.")],
    more_warc: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="With --warc: further WARC files.")
    ] = None,
    *,
    since: Annotated[str, typer.Option(help="First day, YYYY-MM-DD, in the source's time zone.")],
    until: Annotated[str, typer.Option(help="Last day, inclusive.")],
    via: Annotated[str | None, typer.Option(help="archive, sitemap, rfc5005, dated or paged.")] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Maximum number of pages a day.")] = None,
    urls: Annotated[
        Path | None, typer.Option(help="A file of URLs, instead of the source's indexes.")
    ] = None,
    warc: Annotated[list[Path] | None, typer.Option(help="A WARC file, instead of the network.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only read the indexes or the WARC files; print the plan.")
    ] = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch what a source published in a range of days.

    An interrupted backfill continues where it stopped.
    """
    from tasks.backfill.files import capture_files, read_urls
    from tasks.backfill.indexes import find_ways
    from tasks.backfill.run import parse_days
    from tasks.captures.pages import check_warc
    from tasks.errors import UsageError
    from tasks.sources import read_sources, select_sources

    file = config_path(config)
    sources = read_sources(file)
    (chosen,) = select_sources(sources, [source])
    days = parse_days(since, until, chosen)
    find_ways(chosen, via)  # report a mistake before anything starts
    if urls is not None:
        read_urls(urls, chosen)
    if more_warc and not warc:
        raise UsageError(f"'{more_warc[0]}': unexpected argument. Name WARC files with --warc FILE...")
    warc_files = (*(warc or ()), *(more_warc or ()))
    for path in warc_files:
        check_warc(path)
    if dry_run and warc_files:
        files_read = capture_files(warc_files, chosen, days)
        if print_preview(home_path(home), files_read, as_json=as_json):
            raise typer.Exit(1)
        return
    if dry_run:
        _print_plan(home_path(home), sources, chosen, days, via, urls, as_json=as_json)
        return
    where = make_home(home)
    files = (urls.resolve() if urls else None, tuple(path.resolve() for path in warc_files))
    if has_server():
        prepare_prefect()
        from flows.backfill import backfill as run_flow

        way = cast("WayName | None", via)  # find_ways has validated it
        names = (str(files[0]) if files[0] else None, [str(path) for path in files[1]])
        summary = run_flow(source, since, until, way, budget, *names, str(where), str(file))
    else:
        from flows.runs import backfill_source
        from flows.step_runner import StepThreads
        from warehouse.store.home import Home

        with StepThreads() as submit:
            report = backfill_source(
                submit, Home.of(where), sources, chosen, days, via=via, budget=budget, files=files
            )
        summary = report.summary
    finish(summary, as_json=as_json)


def finish(summary: "RunSummary", *, as_json: bool, fail_on: FailOn = FailOn.ANY) -> None:
    """Print a run's summary; exit with 1 for what `fail_on` says."""
    from flows.reports.run_summary import headline

    if as_json:
        print_json_line(asdict(summary))
    else:
        for warning in summary.warnings:
            typer.echo(visible(f"! {warning}"))
        for account in summary.files:
            typer.echo(visible(account.sentence()))
        typer.echo(headline(summary))
        if summary.rejects:
            typer.echo("To list the rejects with their reasons: wirehouse rejects list")
    failures = {FailOn.NONE: 0, FailOn.ERRORS: len(summary.warnings)}
    if failures.get(fail_on, summary.rejects + len(summary.warnings)):
        raise typer.Exit(1)


def _print_plan(
    home: Path,
    sources: "Sources",
    source: "Source",
    days: "Days",
    via: str | None,
    urls: Path | None,
    *,
    as_json: bool,
) -> None:
    """Read the indexes of a range, fetch no article, and print the plan."""
    from flows.reports.backfill_plan import plan_of, plan_sentences
    from tasks.backfill.run import open_past
    from tasks.http_client.client import HttpClient
    from tasks.workers.feed_parser import FeedParser
    from warehouse.cluster.place import find_leases
    from warehouse.store.connection import Home

    where = Home.of(home)
    with (
        HttpClient(hosts_dir=where.hosts_dir, contact=sources.contact, leases=find_leases()) as client,
        FeedParser() as parser,
        open_past(where, client, parser, source, days, via, urls_file=urls) as past,
    ):
        n_archived = sum(len(batch.pages) for batch in past.archived())
        indexes = list(past.indexes())
    plan = plan_of(indexes, n_archived, source.delay_s)
    if as_json:
        print_json_line(asdict(plan))
    else:
        typer.echo("\n".join(plan_sentences(plan, source.delay_s)))
    if plan.problems:
        raise typer.Exit(1)

"""The `backfill` command: what a source published in a range of days, or the plan for it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias, cast

import typer

from flows.commands.runs.ending import finish
from flows.serving.environment import has_server, prepare_prefect
from flows.terminal.options import ConfigOption, HomeOption, JsonOption, config_path, home_path, make_home
from flows.terminal.output import print_json_line
from flows.terminal.warc import print_preview

if TYPE_CHECKING:
    from flows.parameters import WayName
    from tasks.backfill.walk import Days
    from tasks.sources import Sources
    from warehouse.records.source import Source

# Files to read instead of the source's indexes: one of URLs, and WARC files.
InputFiles: TypeAlias = tuple[Path | None, tuple[Path, ...]]

SourceArgument = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name.")]
MoreWarc = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE", help="With --warc: further WARC files.")
]
FirstDay = Annotated[str, typer.Option(help="First day, YYYY-MM-DD, in the source's time zone.")]
LastDay = Annotated[str, typer.Option(help="Last day, inclusive.")]
ViaOption = Annotated[str | None, typer.Option(help="archive, sitemap, rfc5005, dated or paged.")]
BudgetOption = Annotated[int | None, typer.Option(min=1, help="Maximum number of pages a day.")]
UrlsOption = Annotated[Path | None, typer.Option(help="A file of URLs, instead of the source's indexes.")]
WarcOption = Annotated[list[Path] | None, typer.Option(help="A WARC file, instead of the network.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Only read the indexes or the WARC files; print the plan.")
]


def backfill(
    source: SourceArgument,
    more_warc: MoreWarc = None,
    *,
    since: FirstDay,
    until: LastDay,
    via: ViaOption = None,
    budget: BudgetOption = None,
    urls: UrlsOption = None,
    warc: WarcOption = None,
    dry_run: DryRunOption = False,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch what a source published in a range of days.

    An interrupted backfill continues where it stopped.
    """
    from tasks.backfill.indexes import find_ways
    from tasks.backfill.run import parse_days
    from tasks.sources import read_sources, select_sources

    file = config_path(config)
    sources = read_sources(file)
    (chosen,) = select_sources(sources, [source])
    days = parse_days(since, until, chosen)
    find_ways(chosen, via)  # report a mistake before anything starts
    files = _checked_files(chosen, urls, warc or (), more_warc or ())
    if dry_run:
        _print_dry_run(home_path(home), sources, chosen, days, via, files, as_json=as_json)
        return
    where = make_home(home)
    if has_server():
        prepare_prefect()
        from flows.backfill import backfill as run_flow

        way = cast("WayName | None", via)  # find_ways has validated it
        names = (str(files[0]) if files[0] else None, [str(path) for path in files[1]])
        summary = run_flow(source, since, until, way, budget, *names, str(where), str(file))
    else:
        from flows.past import backfill_source
        from flows.step_runner import StepThreads
        from warehouse.store.home import Home

        with StepThreads() as submit:
            report = backfill_source(
                submit, Home.of(where), sources, chosen, days, via=via, budget=budget, files=files
            )
        summary = report.summary
    finish(summary, as_json=as_json)


def _checked_files(
    source: "Source", urls: Path | None, warc: Sequence[Path], more_warc: Sequence[Path]
) -> InputFiles:
    """Return the absolute paths of the files to read. Raises UsageError for one that cannot be used."""
    from tasks.backfill.files import read_urls
    from tasks.captures.pages import check_warc
    from tasks.errors import UsageError

    if urls is not None:
        read_urls(urls, source)
    if more_warc and not warc:
        raise UsageError(f"'{more_warc[0]}': unexpected argument. Name WARC files with --warc FILE...")
    for path in (*warc, *more_warc):
        check_warc(path)
    return urls.resolve() if urls else None, tuple(path.resolve() for path in (*warc, *more_warc))


def _print_dry_run(
    home: Path,
    sources: "Sources",
    source: "Source",
    days: "Days",
    via: str | None,
    files: InputFiles,
    *,
    as_json: bool,
) -> None:
    """Print what WARC files would give, or the plan; exit with code 1 for rejects or problems."""
    from tasks.backfill.files import capture_files

    urls, warc_files = files
    if warc_files:
        if print_preview(home, capture_files(warc_files, source, days), as_json=as_json):
            raise typer.Exit(1)
        return
    _print_plan(home, sources, source, days, via, urls, as_json=as_json)


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
    plan = plan_of(indexes, n_archived, source.delay_s, past.walk.notes)
    if as_json:
        print_json_line(asdict(plan))
    else:
        typer.echo("\n".join(plan_sentences(plan, source.delay_s)))
    if plan.problems:
        raise typer.Exit(1)

"""The backfill flow: the past of one source, a range of days, through the same steps as a scheduled run."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow

from flows.parameters import Budget, ConfigFile, HomeFolder, WayName
from flows.past import backfill_source
from flows.prefect_tasks import submit, threads
from flows.reports.run_report import conclude
from flows.reports.run_summary import RunSummary
from flows.settings import config_file, home_folder
from tasks.backfill.run import parse_days
from tasks.sources import read_sources, select_sources


def _run_name() -> str:
    from prefect.runtime import flow_run

    parameters = flow_run.parameters
    days = f"{parameters.get('since')}..{parameters.get('until')}"
    return f"backfill {parameters.get('source')} {days} at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="backfill", flow_run_name=_run_name, task_runner=threads())
def backfill(
    source: str,
    since: str,
    until: str,
    via: WayName | None = None,
    budget: Budget = None,
    urls: str | None = None,
    warc: list[str] | None = None,
    home: HomeFolder = None,
    config: ConfigFile = None,
) -> RunSummary:
    """Fetch and load what a source published in a range of days and is not stored yet.

    Args:
        source: The source's name in the source list.
        since: First day, YYYY-MM-DD, in the source's time zone.
        until: Last day, YYYY-MM-DD, inclusive.
        via: Only this kind of index; by default all that the source has, in this order.
        budget: Maximum number of pages a day of this source; unlimited when empty.
        urls: A file of URLs, one a line, to fetch instead of those that indexes list.
        warc: WARC files, such as CC-NEWS, to read instead of the network.
        home: The warehouse's folder; by default WIREHOUSE_HOME or ./data.
        config: The source list; by default WIREHOUSE_CONFIG or ./sources.toml.
    """
    sources = read_sources(config_file(config))
    (chosen,) = select_sources(sources, [source])
    days = parse_days(since, until, chosen)
    files = (Path(urls) if urls else None, tuple(map(Path, warc or ())))
    where = home_folder(home)
    report = backfill_source(submit, where, sources, chosen, days, via=via, budget=budget, files=files)
    return conclude(report)

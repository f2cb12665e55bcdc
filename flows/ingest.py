"""The scheduled flow: due feeds -> new entries -> pages -> articles -> rows -> duplicates.

A deployment (`prefect.yaml`) and `wirehouse ingest` run the same flow.
"""

from datetime import UTC, datetime

from prefect import flow

from flows.parameters import ConfigFile, HomeFolder, PageUrls, PublishGap, SourceNames
from flows.reports.run_report import conclude
from flows.reports.run_summary import RunSummary, find_run_report
from flows.settings import config_file, home_folder
from flows.steps import poll_rounds, publish, replay_archive, stream_pages, threads
from tasks.plan import batch_pages, find_due_feeds, find_page_batches, find_rechecks, log_next_feed
from tasks.run import open_run
from tasks.sources import read_sources, select_sources


def _run_name() -> str:
    from prefect.runtime import flow_run

    names = flow_run.parameters.get("source") or ["all"]
    return f"ingest {', '.join(names[:3])} at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="ingest", flow_run_name=_run_name, task_runner=threads())
def ingest(
    source: SourceNames = None,
    every_feed: bool = False,
    recheck: PageUrls = None,
    publish_gap_s: PublishGap = 0,
    home: HomeFolder = None,
    config: ConfigFile = None,
) -> RunSummary:
    """Poll the due feeds, fetch and load their new pages, and publish a snapshot for analysts.

    Args:
        source: Only these sources; all of them when empty.
        every_feed: Poll every feed, due or not.
        recheck: Ask for these known pages again now, and poll no feed.
        publish_gap_s: Minimum number of seconds between two snapshots.
        home: The warehouse's folder; by default WIREHOUSE_HOME or ./data.
        config: The source list; by default WIREHOUSE_CONFIG or ./sources.toml.
    """
    sources = read_sources(config_file(config))
    selected = sources.sources if recheck else select_sources(sources, source)
    with open_run(home_folder(home), "ingest", selected, sources) as run:
        replay_archive(run)
        if recheck:
            stream_pages(run, batch_pages(find_rechecks(run.home, recheck)))
        else:
            due = find_due_feeds(run.home, selected, datetime.now(UTC), only_due=not every_feed)
            if not due:
                log_next_feed(run.home, selected)
            for ready in poll_rounds(run, due):
                stream_pages(run, find_page_batches(run.home, ready, datetime.now(UTC)))
    publish(run.home, publish_gap_s)
    return conclude(find_run_report(run))

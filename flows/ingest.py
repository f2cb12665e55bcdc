"""The scheduled flow: due feeds -> new entries -> pages -> articles -> rows -> duplicates.

A deployment (`prefect.yaml`) runs it, and `wirehouse ingest` where a Prefect server is configured; without
one the command runs the same steps in threads (`flows.runs`).
"""

from datetime import UTC, datetime

from prefect import flow

from flows.parameters import ConfigFile, HomeFolder, PageUrls, PublishGap, ShardName, SourceNames
from flows.prefect_tasks import submit, threads
from flows.reports.run_report import conclude
from flows.reports.run_summary import RunSummary
from flows.runs import ingest_sources
from flows.settings import config_file, home_folder, searches_path
from tasks.shards import parse_shard
from tasks.sources import read_sources, select_sources


def _run_name() -> str:
    from prefect.runtime import flow_run

    shard = flow_run.parameters.get("shard")
    names = flow_run.parameters.get("source") or [f"shard {shard}" if shard else "all"]
    return f"ingest {', '.join(names[:3])} at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="ingest", flow_run_name=_run_name, task_runner=threads())
def ingest(
    source: SourceNames = None,
    every_feed: bool = False,
    recheck: PageUrls = None,
    publish_gap_s: PublishGap = 0,
    home: HomeFolder = None,
    config: ConfigFile = None,
    shard: ShardName = None,
) -> RunSummary:
    """Poll the due feeds, fetch and load their new pages, and publish a snapshot for analysts.

    Args:
        source: Only these sources; all of them when empty.
        every_feed: Poll every feed, due or not.
        recheck: Ask for these known pages again now, and poll no feed.
        publish_gap_s: Minimum number of seconds between two snapshots.
        home: The warehouse's folder; by default WIREHOUSE_HOME or ./data.
        config: The source list; by default WIREHOUSE_CONFIG or ./sources.toml.
        shard: Only the sources of this shard of a cluster, such as 3/16, unless another run has it.
    """
    part = parse_shard(shard) if shard else None
    sources = read_sources(config_file(config))
    selected = select_sources(sources, source)
    report = ingest_sources(
        submit,
        home_folder(home),
        sources,
        selected,
        every_feed=every_feed,
        recheck=recheck,
        searches_file=searches_path(config_file(config)),
        publish_gap_s=publish_gap_s,
        shard=part,
    )
    return conclude(report)

"""A run `ingest` from its first step to its report, for the flow and the command alike.

The caller chooses where the steps run: `flows.prefect_tasks.submit`, or `flows.step_runner.StepThreads`.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from flows.reports.run_summary import RunReport, find_run_report, summary_of
from flows.step_runner import Submit
from flows.steps import NewsStream, publish, replay_archive, send_alerts, write_feeds
from tasks.alerts.due import may_have_alerts
from tasks.http_client.host_time import HostTime
from tasks.plan import PagePlan, find_all_feeds, find_due_feeds, log_next_feed
from tasks.recheck import find_rechecks
from tasks.run import Run, open_run
from tasks.shards import Shard, held_shard, select_shard, source_slots, store_slots
from tasks.sources import Sources
from warehouse.records.outcome import Counts
from warehouse.records.source import Source
from warehouse.store.connection import Home

log = logging.getLogger("wirehouse")


def ingest_sources(
    submit: Submit,
    home: Home,
    sources: Sources,
    selected: Sequence[Source],
    *,
    every_feed: bool = False,
    recheck: Sequence[str] | None = None,
    searches_file: Path | None = None,
    publish_gap_s: float = 0,
    shard: Shard | None = None,
) -> RunReport:
    """Poll due feeds of the selected sources, load their pages, publish, send alerts and write feeds.

    With `recheck`, ask for these known pages of any source instead, and poll no feed. With a `shard`, read
    only its sources among the selected ones, unless another run does: then no run is started.
    """
    with held_shard(shard) as is_held:
        if not is_held:
            log.info("Shard %s is being worked on by another run.", shard)
            return RunReport(summary_of(None, "ingest", Counts()), ())
        slots = source_slots(sources.sources) if shard else {}
        own = select_shard(selected, slots, shard) if shard else selected
        run = _ingest(
            submit, home, sources, own, every_feed=every_feed, recheck=recheck, slots=slots, shard=shard
        )
    submit(publish, home, publish_gap_s).result()
    if searches_file is None or not may_have_alerts(home, searches_file):
        return find_run_report(run)
    problems = [*submit(send_alerts, home, searches_file).result()]
    problems += submit(write_feeds, home, searches_file).result()
    return find_run_report(run, problems)


def _ingest(
    submit: Submit,
    home: Home,
    sources: Sources,
    selected: Sequence[Source],
    *,
    every_feed: bool,
    recheck: Sequence[str] | None,
    slots: Mapping[str, int],
    shard: Shard | None,
) -> Run:
    of_shard = (shard.number, shard.n) if shard else None
    with open_run(home, "ingest", sources.sources if recheck else selected, sources, of_shard) as run:
        if shard:
            store_slots(home, slots)
        replay_archive(run, submit)
        if recheck:
            plan = PagePlan(home, pages=find_rechecks(home, recheck), claims=run.claims)
            NewsStream(run, submit, (), plan).run()
        else:
            due = (
                find_all_feeds(home, selected, run.claims)
                if every_feed
                else find_due_feeds(home, selected, datetime.now(UTC), shard, run.claims)
            )
            if not due:
                log_next_feed(home, selected)
            if any(poll.state is None for poll in due):
                run.pool.prepare()  # a feed that is new has pages to extract
            undue = set(run.sources) - {poll.source.name for poll in due}
            NewsStream(run, submit, due, PagePlan(home, undue, claims=run.claims), HostTime()).run()
    return run

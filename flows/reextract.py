"""The re-extraction flow: archived pages through the current rules, as a report or applied. No network."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from flows.parameters import ConfigFile, HomeFolder, SourceNames
from flows.prefect_tasks import in_tasks, threads
from flows.reports.markdown import escaped_row
from flows.reports.reextract_words import ReextractSummary, headline
from flows.settings import config_file, home_folder
from flows.step_runner import PipelineStep, step
from flows.steps import publish
from tasks.recurring import learn_lines
from tasks.sources import read_sources
from tasks.upkeep.reextract import BatchContext, apply_and_publish, apply_batch, compare_all, compare_batch
from tasks.upkeep.report import Report
from tasks.upkeep.runner import open_runner
from tasks.upkeep.selection import parse_choice
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.publish import publish_snapshot


def _run_name() -> str:
    from prefect.runtime import flow_run

    parameters = flow_run.parameters
    action = "reextract" if parameters.get("apply") else "reextract, report only,"
    names = ", ".join((parameters.get("source") or ["all"])[:3])
    return f"{action} {names} at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="reextract", flow_run_name=_run_name, task_runner=threads())
def reextract(
    source: SourceNames = None,
    since: str | None = None,
    until: str | None = None,
    older: bool = False,
    apply: bool = False,
    home: HomeFolder = None,
    config: ConfigFile = None,
) -> ReextractSummary:
    """Extract archived pages with the current rules; report what differs, or replace what is stored.

    Args:
        source: Only these sources; all of them when empty.
        since: First day, YYYY-MM-DD, of the articles' publication.
        until: Last day, YYYY-MM-DD, inclusive.
        older: Only pages that an older version of the rules extracted.
        apply: Replace what is stored; otherwise only report what would change.
        home: The warehouse's folder; by default WIREHOUSE_HOME or ./data.
        config: The source list; by default WIREHOUSE_CONFIG or ./sources.toml.
    """
    where = home_folder(home)
    sources = read_sources(config_file(config)).by_name()
    choice = parse_choice(where, source, since, until, is_older=older)
    with ExtractionPool() as pool, open_runner(where, config_file(config)) as runner:
        context = BatchContext(where, sources, pool)
        if apply:
            run_id, report = apply_and_publish(context, choice, in_tasks(_STEPS), runner)
        else:
            run_id, report = None, compare_all(context, choice, in_tasks(_STEPS), runner)
    _write_artifacts(report, run_id)
    return ReextractSummary(run_id, report)


def _write_artifacts(report: Report, run_id: str | None) -> None:
    undo = [f"To undo it: `wirehouse reextract --rollback {run_id}`"] if run_id else []
    create_markdown_artifact(
        "\n\n".join(["# Re-extraction", *headline(report, run_id).splitlines(), *undo]),
        key="reextract-summary",
        description="What the current rules change",
    )
    for name, rows in (("fields", report.fields), ("samples", report.samples)):
        if rows:
            create_table_artifact(
                [escaped_row(row) for row in rows],
                key=f"reextract-{name}",
                description=f"Re-extraction: {name}",
            )


_STEPS: Mapping[Callable[..., Any], PipelineStep[..., Any]] = {
    compare_batch: step("compare pages")(compare_batch),
    apply_batch: step("replace articles", retries=True)(apply_batch),
    learn_lines: step("learn recurring lines", retries=True)(learn_lines),
    publish_snapshot: publish,
}

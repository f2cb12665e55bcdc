"""The nightly upkeep as a flow: learn recurring lines, prune, compact, publish, export, write the report."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from flows.parameters import HomeFolder
from flows.prefect_tasks import in_tasks, threads
from flows.reports.maintain_words import sentences
from flows.reports.markdown import escaped
from flows.reports.news_report import write_home_report
from flows.settings import home_folder
from flows.step_runner import PipelineStep, step
from flows.steps import publish
from tasks.upkeep.maintain import Maintained, UpkeepOptions, compact, export, learn, maintain_home, merge
from tasks.upkeep.prune import prune
from warehouse.publish import publish_snapshot


def _run_name() -> str:
    return f"maintain at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="maintain", flow_run_name=_run_name, task_runner=threads())
def maintain(
    export_to: str | None = None,
    whole_export_every: int = 1,
    prune_after_days: int | None = None,
    home: HomeFolder = None,
) -> Maintained:
    """Learn recurring lines, compact the store, publish and write the report; prune and export if asked.

    Uses no network.

    Args:
        export_to: Folder for exports, each in a new folder inside it; no export when empty.
        whole_export_every: Make a full export every N runs; the others are incremental.
        prune_after_days: Prune what is older than this number of days, at least 31; never when empty.
        home: The warehouse's folder; by default WIREHOUSE_HOME or ./data.
    """
    options = UpkeepOptions(Path(export_to) if export_to else None, whole_export_every, prune_after_days)
    run = in_tasks(_STEPS)
    done = maintain_home(home_folder(home), datetime.now(UTC), options, run)
    run(write_home_report, home_folder(home))
    create_markdown_artifact(
        "# Upkeep\n\n" + "\n".join(f"- {escaped(sentence)}" for sentence in sentences(done)),
        key="maintain-summary",
        description="What the nightly upkeep did",
    )
    return done


_STEPS: Mapping[Callable[..., Any], PipelineStep[..., Any]] = {
    learn: step("learn recurring lines", retries=True)(learn),
    prune: step("prune", retries=True)(prune),
    merge: step("merge archive files", retries=True)(merge),
    compact: step("compact the store", retries=True)(compact),
    publish_snapshot: publish,
    export: step("export")(export),
    write_home_report: step("write the report")(write_home_report),
}

"""Scheduled every night: recurring lines learnt, the store compacted; if wanted pruned and exported."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

import tasks.upkeep.maintain
import tasks.upkeep.prune
from flows.parameters import HomeFolder
from flows.reports.maintain_words import sentences
from flows.settings import home_folder
from flows.steps import publish, step, submit, threads
from tasks.recurring import Learning
from tasks.upkeep.maintain import Compaction, Maintained
from tasks.upkeep.prune import Pruned
from warehouse.store.connection import Home


def _run_name() -> str:
    return f"maintain at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="maintain", flow_run_name=_run_name, task_runner=threads())
def maintain(
    export_to: str | None = None,
    whole_export_every: int = 1,
    prune_after_days: int | None = None,
    home: HomeFolder = None,
) -> Maintained:
    """Look after the warehouse; it needs no network.

    Args:
        export_to: Folder for exports; each gets a folder of its own in it. None when empty.
        whole_export_every: Every how manyth export is whole; those between hold what changed. 1 is each.
        prune_after_days: Age from which what nothing needs is taken out, 31 or more. Never when empty.
        home: The warehouse's folder; else WIREHOUSE_HOME or ./data.
    """
    where = home_folder(home)
    tasks.upkeep.prune.assert_age(prune_after_days)
    learning = submit(learn, where).result()
    exports = Path(export_to) if export_to else None
    pruned = (
        submit(prune, where, prune_after_days, exports).result() if prune_after_days is not None else None
    )
    compaction = submit(compact, where).result()
    publish(where)
    exported = submit(export, where, exports, whole_export_every).result() if exports else None
    done = Maintained(learning, compaction, exported, pruned)
    create_markdown_artifact(
        "# Upkeep\n\n" + "\n".join(f"- {sentence}" for sentence in sentences(done)),
        key="maintain-summary",
        description="What the nightly upkeep did",
    )
    return done


@step("learn recurring lines", retries=True)
def learn(home: Home) -> Learning:
    """Learn the lines that recur over each source, and take them out of the texts."""
    return tasks.upkeep.maintain.learn(home, datetime.now(UTC))


@step("prune", retries=True)
def prune(home: Home, after_days: int, exports: Path | None) -> Pruned:
    """Take out what is old and needed by nothing."""
    return tasks.upkeep.prune.prune(home, datetime.now(UTC), after_days, exports=exports, apply=True)


@step("compact the store", retries=True)
def compact(home: Home) -> Compaction | None:
    """Copy the store into a new file when that is worth it."""
    return tasks.upkeep.maintain.compact(home)


@step("export")
def export(home: Home, directory: Path, whole_every: int) -> str:
    """Export the warehouse as Parquet: all, or what changed since the export before."""
    return tasks.upkeep.maintain.export(home, directory, datetime.now(UTC), whole_every)

"""Scheduled every night: recurring lines learnt, the store compacted, an export if wanted, a snapshot."""

from datetime import UTC, datetime
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact

import tasks.maintain
from flows.maintain_words import sentences
from flows.parameters import HomeFolder
from flows.settings import home_folder
from flows.steps import publish, step, submit, threads
from tasks.learn import Learning
from tasks.maintain import Compaction, Maintained
from warehouse.connection import Home


def _run_name() -> str:
    return f"maintain at {datetime.now(UTC):%Y-%m-%d %H:%M:%S}"


@flow(name="maintain", flow_run_name=_run_name, task_runner=threads())
def maintain(export_to: str | None = None, home: HomeFolder = None) -> Maintained:
    """Look after the warehouse; it needs no network.

    Args:
        export_to: Folder for exports; each gets a folder of its own in it. None when empty.
        home: The warehouse's folder; else WIREHOUSE_HOME or ./data.
    """
    where = home_folder(home)
    learning = submit(learn, where).result()
    compaction = submit(compact, where).result()
    publish(where)
    exported = submit(export, where, Path(export_to)).result() if export_to else None
    done = Maintained(learning, compaction, exported)
    create_markdown_artifact(
        "# Upkeep\n\n" + "\n".join(f"- {sentence}" for sentence in sentences(done)),
        key="maintain-summary",
        description="What the nightly upkeep did",
    )
    return done


@step("learn recurring lines", retries=True)
def learn(home: Home) -> Learning:
    """Learn the lines that recur over each source, and take them out of the texts."""
    return tasks.maintain.learn(home, datetime.now(UTC))


@step("compact the store", retries=True)
def compact(home: Home) -> Compaction | None:
    """Copy the store into a new file when that is worth it."""
    return tasks.maintain.compact(home)


@step("export")
def export(home: Home, directory: Path) -> str:
    """Export the warehouse as Parquet."""
    return tasks.maintain.export(home, directory, datetime.now(UTC))

"""Nightly upkeep: recurring lines learnt, the store compacted when that is worth it, an export if wanted.

Beside the pipeline; each step is safe to repeat and none needs the network. Runs and queries go on.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.forget import finish_forgetting
from tasks.identities import rekey_when_the_rule_changed
from tasks.learn import Learning, learn_lines
from warehouse.backup import export_home
from warehouse.compact import compact_store, is_compaction_due
from warehouse.connection import Home, open_store, publish_snapshot
from warehouse.exclusive import exclusive_work

log = logging.getLogger("wirehouse.maintain")


@dataclass(frozen=True, slots=True)
class Compaction:
    """What copying the store gave back to the disk."""

    bytes_before: int
    bytes_after: int


@dataclass(frozen=True, slots=True)
class Maintained:
    """What the upkeep did."""

    learning: Learning
    compaction: Compaction | None  # None: it was not worth it
    exported_to: str | None


def maintain_home(home: Home, now: datetime, export_to: Path | None = None) -> Maintained:
    """Do all steps of the upkeep and publish. Raises WarehouseLocked when other such work is under way."""
    learning = learn(home, now)
    compaction = compact(home)
    publish_snapshot(home)
    return Maintained(learning, compaction, export(home, export_to, now) if export_to else None)


def learn(home: Home, now: datetime) -> Learning:
    """Learn the lines that recur over each source; first do what was left open.

    That is what a killed `forget` did not end, and what a new rule of the URL key asks for.
    """
    with exclusive_work(home, "upkeep"):
        finish_forgetting(home)
        rekey_when_the_rule_changed(home)
        return learn_lines(home, now)


def compact(home: Home) -> Compaction | None:
    """Copy the store into a new file when much of it is free, or something was forgotten."""
    with exclusive_work(home, "upkeep"):
        with open_store(home, owner="upkeep") as con:
            is_due = is_compaction_due(con)
        if not is_due:
            return None
        sizes = compact_store(home)
    log.info("The store was compacted from %d to %d bytes", *sizes)
    return Compaction(*sizes)


def export(home: Home, directory: Path, now: datetime) -> str:
    """Export the warehouse into a folder of its own, named by the moment; return which."""
    target = directory / f"{now:%Y-%m-%dT%H%M%SZ}"
    export_home(home, target)
    return str(target)

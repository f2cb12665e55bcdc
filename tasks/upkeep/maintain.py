"""Nightly upkeep: recurring lines learnt, old rows pruned and an export made if wanted, the store compacted.

Beside the pipeline; each step is safe to repeat and none needs the network. Runs and queries go on.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.recurring import Learning, learn_lines
from tasks.upkeep.forget import finish_forgetting
from tasks.upkeep.prune import Pruned, assert_age, prune
from tasks.upkeep.rename import rekey_if_outdated
from warehouse.errors import ExportUnusable
from warehouse.export.backup import export_home
from warehouse.export.chain import find_chain
from warehouse.export.manifest import read_manifest
from warehouse.fingerprints import pack_fingerprints
from warehouse.publish import publish_snapshot
from warehouse.rewrite.compact import compact_store, is_compaction_due
from warehouse.store.connection import Home, open_store
from warehouse.store.exclusive import exclusive_work

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
    pruned: Pruned | None = None  # None: not asked for


def maintain_home(
    home: Home,
    now: datetime,
    export_to: Path | None = None,
    *,
    whole_export_every: int = 1,
    prune_after_days: int | None = None,
) -> Maintained:
    """Do all steps of the upkeep and publish. Raises WarehouseLocked when other such work is under way."""
    assert_age(prune_after_days)
    learning = learn(home, now)
    pruned = None
    if prune_after_days is not None:
        pruned = prune(home, now, prune_after_days, exports=export_to, apply=True)
    compaction = compact(home)
    publish_snapshot(home)
    exported = export(home, export_to, now, whole_export_every) if export_to else None
    return Maintained(learning, compaction, exported, pruned)


def learn(home: Home, now: datetime) -> Learning:
    """Learn the lines that recur over each source; first do what was left open.

    That is what a killed `forget` did not end, and what a new rule of the URL key asks for.
    """
    with exclusive_work(home, "upkeep"):
        finish_forgetting(home)
        rekey_if_outdated(home)
        return learn_lines(home, now)


def compact(home: Home) -> Compaction | None:
    """Copy the store into a new file when much of it is free, or something was forgotten."""
    with exclusive_work(home, "upkeep"):
        with open_store(home, owner="upkeep") as con:
            pack_fingerprints(con)
            is_due = is_compaction_due(con)
        if not is_due:
            return None
        sizes = compact_store(home)
    log.info("The store was compacted from %d to %d bytes", *sizes)
    return Compaction(*sizes)


def export(home: Home, directory: Path, now: datetime, whole_every: int = 1) -> str:
    """Export the warehouse into a folder of its own, named by the moment; return which.

    All of it, or what differs from the export before while fewer than `whole_every` rest on one another.
    """
    target = directory / f"{now:%Y-%m-%dT%H%M%SZ}"
    export_home(home, target, since=_before(directory, whole_every))
    return str(target)


def _before(directory: Path, whole_every: int) -> Path | None:
    try:
        chain = find_chain(directory)
    except ExportUnusable as error:
        log.warning("The export is whole: %s", error)
        return None
    is_followed = 0 < len(chain) < whole_every and read_manifest(chain[-1]).export_id is not None
    return chain[-1] if is_followed else None

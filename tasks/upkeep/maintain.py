"""Nightly upkeep: learn recurring lines, prune old rows, merge archive files, compact, publish, export.

Beside the pipeline; each step is safe to repeat and none uses the network. Runs and queries can continue.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.recurring import Learning, learn_lines
from tasks.upkeep.forget import finish_forgetting
from tasks.upkeep.merge import MergedFiles, merge_files
from tasks.upkeep.prune import Pruned, assert_age, prune
from tasks.upkeep.rename import rekey_if_outdated
from tasks.upkeep.steps import RunStep, call
from warehouse.errors import ExportUnusable
from warehouse.export.backup import export_home
from warehouse.export.chain import find_chain
from warehouse.export.folder import remove_unfinished
from warehouse.export.manifest import is_complete, read_manifest
from warehouse.publish import publish_snapshot
from warehouse.rewrite.compact import compact_if_due
from warehouse.store.backend import store_of
from warehouse.store.connection import Home

log = logging.getLogger("wirehouse.maintain")


@dataclass(frozen=True, slots=True)
class UpkeepOptions:
    """What the upkeep does beyond its usual steps."""

    export_to: Path | None = None  # folder of exports; None: no export
    full_export_every: int = 1  # of so many exports one is full, the others are incremental
    prune_after_days: int | None = None  # None: nothing is pruned


_USUAL = UpkeepOptions()


@dataclass(frozen=True, slots=True)
class Compaction:
    """Bytes of the store's file before and after it was compacted."""

    bytes_before: int
    bytes_after: int


@dataclass(frozen=True, slots=True)
class Maintained:
    """What the upkeep did."""

    learning: Learning
    compaction: Compaction | None  # None: not worth it
    merged: MergedFiles
    exported_to: str | None
    pruned: Pruned | None = None  # None: not requested


def maintain_home(
    home: Home, now: datetime, options: UpkeepOptions = _USUAL, run: RunStep = call
) -> Maintained:
    """Run all steps of the upkeep. Raises WarehouseLocked while other exclusive work is in progress."""
    assert_age(options.prune_after_days)
    learning = run(learn, home, now)
    pruned = None
    if options.prune_after_days is not None:
        pruned = run(prune, home, now, options.prune_after_days, exports=options.export_to, apply=True)
    merged = run(merge, home, now)
    compaction = run(compact, home)
    run(publish_snapshot, home)
    exported_to = None
    if options.export_to is not None:
        exported_to = run(export, home, options.export_to, now, options.full_export_every)
    return Maintained(learning, compaction, merged, exported_to, pruned)


def learn(home: Home, now: datetime) -> Learning:
    """Finish what was left open, then learn the lines that recur over each source's articles.

    Left open is a `forget` that was killed, and a newer version of the URL key.
    """
    with store_of(home).exclusive("upkeep"):
        finish_forgetting(home)
        rekey_if_outdated(home)
        return learn_lines(home, now)


def merge(home: Home, now: datetime) -> MergedFiles:
    """Merge the small archive files of each past day."""
    with store_of(home).exclusive("upkeep"):
        merged = merge_files(home, now)
    if merged.n_before:
        log.info("%d archive files were merged into %d", merged.n_before, merged.n_after)
    return merged


def compact(home: Home) -> Compaction | None:
    """Compact the store when much of it is free or an article was forgotten; merge the files of a lake."""
    with store_of(home).exclusive("upkeep"):
        sizes = compact_if_due(home)
    if sizes is None:
        return None
    log.info("The store was compacted from %d to %d bytes", *sizes)
    return Compaction(*sizes)


def export(home: Home, directory: Path, now: datetime, full_every: int = 1) -> str:
    """Export the warehouse into a new folder named by the time; return its path.

    The export is incremental to the one before while fewer than `full_every` depend on each other. Exports
    that were killed are removed; one of the same time that is complete is kept.
    """
    target = directory / f"{now:%Y-%m-%dT%H%M%SZ}"
    remove_unfinished(directory)
    if not is_complete(target):
        export_home(home, target, since=_find_base(directory, full_every))
    return str(target)


def _find_base(directory: Path, full_every: int) -> Path | None:
    """Return the export that an incremental one follows; None when a full one is due."""
    try:
        chain = find_chain(directory)
    except ExportUnusable as error:
        log.warning("Making a full export: %s", error)
        return None
    is_followed = 0 < len(chain) < full_every and read_manifest(chain[-1]).export_id is not None
    return chain[-1] if is_followed else None

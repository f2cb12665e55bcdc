"""Bring a store to today's schema now, and say what changes: for `wirehouse upgrade`.

The same migrations run by themselves when any command opens the store; this also publishes the snapshot.
"""

from dataclasses import dataclass
from pathlib import Path

from warehouse.publish import publish_snapshot
from warehouse.store.connection import open_store
from warehouse.store.engine import NO_EXTENSIONS, attach_file, translated
from warehouse.store.file.lock import writer_lock
from warehouse.store.filesystem import MIN_FREE_BYTES, assert_room
from warehouse.store.home import Home
from warehouse.store.migrate import copy_path, find_applied, find_migrations, find_missing


@dataclass(frozen=True, slots=True)
class MigrationStep:
    """A migration that a store lacks."""

    version: int
    name: str
    purpose: str  # the first sentence of its file


@dataclass(frozen=True, slots=True)
class UpgradePlan:
    """What an upgrade changes."""

    schema_before: int
    schema_after: int
    steps: tuple[MigrationStep, ...]
    copy_file: str | None  # of the store before its schema changes; None without a step


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade changed."""

    plan: UpgradePlan
    is_published: bool  # False: the snapshot was up to date


def plan_upgrade(home: Home) -> UpgradePlan:
    """Return what an upgrade would change. Raises WarehouseError, also for a store of a newer wirehouse."""
    with writer_lock(home, "looking at the schema", wait_s=60), translated(home.state_file):
        con = attach_file(home.state_file, NO_EXTENSIONS)
        try:
            applied, missing = find_applied(con), find_missing(con)
        finally:
            con.close()
    before, files = max(applied, default=0), find_migrations()
    steps = tuple(MigrationStep(n, _name(files[n]), _purpose(files[n])) for n in missing)
    copy = str(copy_path(home.state_file, before)) if steps and applied else None
    return UpgradePlan(before, max(files), steps, copy)


def upgrade_store(home: Home) -> Upgraded:
    """Apply the missing migrations and publish a snapshot. Raises WarehouseError."""
    plan = plan_upgrade(home)
    if plan.copy_file:
        needed = home.state_file.stat().st_size + MIN_FREE_BYTES
        assert_room(home.state_dir, needed, "the copy of the store before its schema changes")
    with open_store(home, owner="upgrade"):
        pass  # it migrates
    return Upgraded(plan, publish_snapshot(home))


def _name(file: Path) -> str:
    return file.stem.partition("_")[2].replace("_", " ")


def _purpose(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    n_comment = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    text = " ".join(line.removeprefix("--").strip() for line in lines[:n_comment])
    return text.partition(". ")[0].rstrip(".") + "."

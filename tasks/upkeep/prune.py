"""Remove what is old and no longer needed: rows of operation records, and spare files.

Beside the pipeline. Articles, revisions, links, stories, the ledger and archived pages stay unchanged. Rows
are deleted in one transaction with the record of all that is removed, then the files. Killed between the
two, the next prune deletes the files.
"""

import re
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tasks.errors import UsageError
from warehouse.errors import ExportUnusable
from warehouse.export.chain import find_chain
from warehouse.export.manifest import FILE, read_manifest
from warehouse.publish import publish_snapshot
from warehouse.rewrite.prune import count_prunable, prune_rows, record_prune
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, open_store, read_store, transaction

MIN_DAYS = 31  # the checks of a run compare each source with its last thirty days

_MADE_BY_UPKEEP = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")  # as tasks/upkeep/maintain.py names exports
_OLD_COPIES = ("*.schema-*.duckdb", "warehouse.before-rebuild.duckdb*", ".restore*", "*.new", "*.tmp")


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, or would be."""

    before: str  # ISO 8601, UTC; only older things are removed
    is_applied: bool
    rows: dict[str, int] = field(default_factory=dict)  # by table
    files: dict[str, int] = field(default_factory=dict)  # path -> bytes; exports are folders
    run_id: str | None = None  # of the run that records it; None when nothing was removed

    @property
    def n_rows(self) -> int:
        """Return the number of rows in all tables."""
        return sum(self.rows.values())


def prune(
    home: Home, now: datetime, older_than_days: int, *, exports: Path | None = None, apply: bool = False
) -> Pruned:
    """Return what is old and no longer needed; with `apply` remove it and publish.

    `exports` is a folder of exports that the upkeep made. Raises UsageError for an age that the checks of
    runs still use, WarehouseLocked while other exclusive work is in progress.
    """
    assert_age(older_than_days)
    before = now - timedelta(days=older_than_days)
    with store_of(home).exclusive("pruning"):
        files = find_old_files(home, before, exports)
        if not apply:
            with read_store(home, owner="prune") as con:
                return Pruned(before.isoformat(), False, count_prunable(con, before), files)
        done = _take_out(home, before, older_than_days, files)
        for path in files:
            remove(Path(path))
    publish_snapshot(home)
    return done


def assert_age(older_than_days: int | None) -> None:
    """Raise UsageError for an age that the checks of runs still use."""
    if older_than_days is not None and older_than_days < MIN_DAYS:
        raise UsageError(
            f"{older_than_days} days is too short: the checks of each run use the last 30 days "
            f"(minimum {MIN_DAYS})."
        )


def find_old_files(home: Home, before: datetime, exports: Path | None = None) -> dict[str, int]:
    """Return path and bytes of files and exports that are older and no longer needed."""
    copies = {path for pattern in _OLD_COPIES for path in home.state_dir.glob(pattern) if path.is_file()}
    copies |= {*home.root.glob(".news.*.tmp"), *home.spill_dir.glob("*")}
    old = [path for path in sorted(copies) if path.is_file() and _changed_at(path) < before]
    old += find_old_exports(exports, before) if exports else []
    return {str(path): _size(path) for path in old}


def find_old_exports(directory: Path, before: datetime) -> list[Path]:
    """Return the exports of the upkeep that are older and that no younger one, nor the newest, depends on."""
    if not directory.is_dir():
        return []
    made = [p for p in sorted(directory.iterdir()) if p.is_dir() and _MADE_BY_UPKEEP.fullmatch(p.name)]
    old = {path for path in made if _made_at(path) < before}
    try:
        needed = {*find_chain(directory)}
        for path in set(made) - old:
            needed |= {*find_chain(directory, path)} if (path / FILE).is_file() else set()
    except ExportUnusable:  # a chain is broken: what is needed is not known
        return []
    return sorted(old - needed)


def remove(path: Path) -> None:
    """Delete a file, or an export: its manifest first, so that no half of it looks like an export."""
    if path.is_dir():
        (path / FILE).unlink(missing_ok=True)
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _take_out(home: Home, before: datetime, days: int, files: dict[str, int]) -> Pruned:
    with open_store(home, owner="prune") as con, transaction(con):
        rows = prune_rows(con, before)
        done = Pruned(before.isoformat(), True, rows, files)
        if not done.n_rows and not files:
            return done
        removed = {key: value for key, value in asdict(done).items() if key in ("before", "rows", "files")}
        run_id = record_prune(con, {"older_than_days": days}, removed)
    return Pruned(done.before, True, rows, files, run_id)


def _made_at(export: Path) -> datetime:
    if not (export / FILE).is_file():
        return _changed_at(export)  # an unfinished export
    return datetime.fromisoformat(read_manifest(export).exported_at)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _size(path: Path) -> int:
    return sum(part.stat().st_size for part in (path, *path.rglob("*")) if part.is_file())

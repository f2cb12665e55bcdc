"""Check the files around the store: disk space, the snapshot, and leftovers of killed processes."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.inspection.doctor import Finding, Level
from warehouse.store.file.snapshot import file_xxh3, read_notes
from warehouse.store.home import Home

SNAPSHOT_MAX_AGE = timedelta(days=2)


def check_surroundings(home: Home, now: datetime) -> Iterator[Finding]:
    """Check what is around the store's rows: the files of one machine, or those of a lake."""
    if not home.has_lake:
        return _check_files(home, now)
    from warehouse.inspection.doctor_lake import check_lake  # needs packages that one machine does not have

    return check_lake(home, now)


def _check_files(home: Home, now: datetime) -> Iterator[Finding]:
    yield _room(home)
    yield from _snapshot(home, now)
    yield from _left_behind(home)


def _room(home: Home) -> Finding:
    size = home.state_file.stat().st_size
    free = shutil.disk_usage(home.root).free
    level = Level.WARNING if free < 2 * size else Level.OK
    advice = " A load and a snapshot need twice the size of the store." if level is Level.WARNING else ""
    return Finding(
        "disk", level, f"The store has {size / 2**20:,.0f} MB; {free / 2**20:,.0f} MB are free.{advice}"
    )


def _snapshot(home: Home, now: datetime) -> Iterator[Finding]:
    notes = read_notes(home)
    if not notes or not home.snapshot_file.exists():
        yield Finding("snapshot", Level.WARNING, "No snapshot has been published yet.", "publish")
        return
    hashes = {note.xxh3_64 for note in notes}
    xxh3 = file_xxh3(home.snapshot_file) if None not in hashes else None
    note = next((note for note in notes if note.xxh3_64 == xxh3), None)
    if note is None:
        sentence = "The snapshot was modified or is damaged: its hash differs from the published one."
        yield Finding("snapshot", Level.ERROR, sentence, "publish")
        return
    state = home.state_file.stat()
    published_at = datetime.fromisoformat(note.published_at)
    is_current = (state.st_size, state.st_mtime_ns) == (note.source_bytes, note.source_mtime_ns)
    if not is_current and now - published_at > SNAPSHOT_MAX_AGE:
        sentence = (
            f"The snapshot of {published_at:%Y-%m-%d %H:%M} UTC is out of date: the store has changed since."
        )
        yield Finding("snapshot", Level.WARNING, sentence, "publish")
    else:
        later = "" if is_current else " The store has changed since: the next run publishes it."
        yield Finding(
            "snapshot", Level.OK, f"The snapshot was published at {published_at:%Y-%m-%d %H:%M} UTC.{later}"
        )


def _left_behind(home: Home) -> Iterator[Finding]:
    with _leftovers(home) as paths:
        names = ", ".join(path.name for path in paths)
    if names:
        yield Finding("files", Level.WARNING, f"Left behind by a killed process: {names}.", "files")
    if home.forgetting_file.exists():
        sentence = "A wirehouse forget was killed half-way. --fix or the next upkeep finishes it."
        yield Finding("files", Level.WARNING, sentence, "forget")
    if home.merging_file.exists():
        sentence = "A merge of archive files was killed half-way. --fix or the next upkeep finishes it."
        yield Finding("files", Level.WARNING, sentence, "merge")
    for copy in sorted(home.state_dir.glob("*.schema-*.duckdb")):
        yield Finding(
            "files",
            Level.OK,
            f"{copy.name} ({copy.stat().st_size / 2**20:,.0f} MB) is a copy of the store before its schema "
            "changed. Delete it when you will not go back to the older version.",
        )


def remove_left_behind(home: Home) -> None:
    """Delete the leftovers of killed processes; files of processes that are at work stay."""
    with _leftovers(home) as paths:
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


@contextmanager
def _leftovers(home: Home) -> Iterator[list[Path]]:
    """Yield temporary files and folders that no process is using; the locks of their writers are held."""
    paths: list[Path] = []
    with ExitStack() as locks:
        if _try_lock(locks, home.publish_lock_file):
            paths += home.root.glob(".news.*.tmp")
        if _try_lock(locks, home.lock_file):
            paths += [*home.state_dir.glob(".restore*"), *home.state_dir.glob("*.new")]
        if _try_lock(locks, home.exclusive_lock_file):
            folders = [home.state_dir / "rebuild", home.state_dir / "compact"]
            paths += [folder for folder in folders if folder.exists()]
            if not home.forgetting_file.exists() and not home.merging_file.exists():
                paths += home.archive.folder.rglob("*.partial")
        yield sorted(paths)


def _try_lock(locks: ExitStack, file: Path) -> bool:
    """Take a lock until `locks` is closed; say whether it was free."""
    lock = FileLock(file, mode=0o640)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    locks.callback(lock.release)
    return True

"""Check the files around the store: disk space, the snapshot, and leftovers of killed processes."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.inspection.doctor import Finding, Level
from warehouse.store.home import Home
from warehouse.store.snapshot import file_xxh3, read_note

SNAPSHOT_MAX_AGE = timedelta(days=2)


def check_files(home: Home, now: datetime) -> Iterator[Finding]:
    """Check disk space, snapshot and leftover files."""
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
    note = read_note(home)
    if note is None or not home.snapshot_file.exists():
        yield Finding("snapshot", Level.WARNING, "No snapshot has been published yet.", "publish")
        return
    if note.xxh3_64 and file_xxh3(home.snapshot_file) != note.xxh3_64:
        yield Finding(
            "snapshot",
            Level.ERROR,
            "The snapshot was modified or is damaged: its hash differs from the published one.",
            "publish",
        )
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
        yield Finding(
            "snapshot", Level.OK, f"The snapshot was published at {published_at:%Y-%m-%d %H:%M} UTC."
        )


def _left_behind(home: Home) -> Iterator[Finding]:
    if left := _left(home):
        names = ", ".join(path.name for path in left)
        yield Finding("files", Level.WARNING, f"Left behind by a killed process: {names}.", "files")
    for copy in sorted(home.state_dir.glob("*.schema-*.duckdb")):
        yield Finding(
            "files",
            Level.OK,
            f"{copy.name} ({copy.stat().st_size / 2**20:,.0f} MB) is a copy of the store before its schema "
            "changed. Delete it when you will not go back to the older version.",
        )


def remove_left_behind(home: Home) -> None:
    """Delete the leftovers of killed processes; call it when no other process works on this home."""
    for path in _left(home):
        path.unlink(missing_ok=True)


def _left(home: Home) -> list[Path]:
    return sorted(
        [*home.root.glob(".news.*.tmp"), *home.state_dir.glob(".restore*"), *home.state_dir.glob("*.new")]
    )

"""Are the files around the store sound? Room on the disk, the snapshot, and what killed processes left."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from warehouse.inspection.doctor import Finding, Level
from warehouse.store.home import Home
from warehouse.store.snapshot import file_xxh3, read_note

SNAPSHOT_MAX_AGE = timedelta(days=2)


def check_files(home: Home, now: datetime) -> Iterator[Finding]:
    """Check the disk, the snapshot and what lies around."""
    yield _room(home)
    yield from _snapshot(home, now)
    yield from _left_behind(home)


def _room(home: Home) -> Finding:
    size = home.state_file.stat().st_size
    free = shutil.disk_usage(home.root).free
    level = Level.WARNING if free < 2 * size else Level.OK
    advice = " A snapshot and a load need twice the size." if level is Level.WARNING else ""
    return Finding(
        "disk", level, f"The store has {size / 2**20:,.0f} MB, the disk {free / 2**20:,.0f} MB left.{advice}"
    )


def _snapshot(home: Home, now: datetime) -> Iterator[Finding]:
    note = read_note(home)
    if note is None or not home.snapshot_file.exists():
        yield Finding("snapshot", Level.WARNING, "There is no snapshot to query yet.", "publish")
        return
    if note.xxh3_64 and file_xxh3(home.snapshot_file) != note.xxh3_64:
        yield Finding(
            "snapshot",
            Level.ERROR,
            "The snapshot is not the file that was published: it was changed or is damaged.",
            "publish",
        )
        return
    state = home.state_file.stat()
    published_at = datetime.fromisoformat(note.published_at)
    is_current = (state.st_size, state.st_mtime_ns) == (note.source_bytes, note.source_mtime_ns)
    if not is_current and now - published_at > SNAPSHOT_MAX_AGE:
        sentence = f"The snapshot is of {published_at:%Y-%m-%d %H:%M} UTC; the store has changed since."
        yield Finding("snapshot", Level.WARNING, sentence, "publish")
    else:
        yield Finding("snapshot", Level.OK, f"The snapshot is of {published_at:%Y-%m-%d %H:%M} UTC.")


def _left_behind(home: Home) -> Iterator[Finding]:
    if left := _left(home):
        names = ", ".join(path.name for path in left)
        yield Finding("files", Level.WARNING, f"Left by a process that was killed: {names}.", "files")
    for copy in sorted(home.state_dir.glob("*.schema-*.duckdb")):
        yield Finding(
            "files",
            Level.OK,
            f"{copy.name} is the store before its schema changed ({copy.stat().st_size / 2**20:,.0f} MB); "
            "delete it when you will not go back.",
        )


def remove_left_behind(home: Home) -> None:
    """Delete what killed processes left; call it when no other process works on this home."""
    for path in _left(home):
        path.unlink(missing_ok=True)


def _left(home: Home) -> list[Path]:
    return sorted(
        [*home.root.glob(".news.*.tmp"), *home.state_dir.glob(".restore*"), *home.state_dir.glob("*.new")]
    )

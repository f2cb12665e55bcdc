"""The snapshot that people query: a copy of the closed store, put in place by one rename.

After the last load of a run. Two locks: publishers exclude each other from start to end, so that an older
copy never replaces a newer one; writers wait only while the file is copied.
"""

import errno
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import xxhash
from filelock import FileLock, Timeout

from warehouse.errors import DiskFull, WarehouseError, WarehouseLocked
from warehouse.store.filesystem import MIN_FREE_BYTES, assert_room, sync_folder, write_note
from warehouse.store.home import Home

_CHUNK = 4 * 2**20
_FICLONE = 0x40049409  # ioctl_ficlone(2): share the blocks where the file system can


@dataclass(frozen=True, slots=True)
class SnapshotNote:
    """Which state of the store the snapshot is a copy of."""

    published_at: str  # ISO 8601, UTC
    source_bytes: int
    source_mtime_ns: int
    xxh3_64: str | None  # of the snapshot; None when its blocks were shared instead of copied


def is_due(home: Home, min_interval_s: float, now: datetime) -> bool:
    """Say whether a new snapshot is due: the store has changed and the last one is old enough."""
    note = read_note(home)
    if note is None or not home.snapshot_file.exists():
        return True
    state = home.state_file.stat()
    if (state.st_size, state.st_mtime_ns) == (note.source_bytes, note.source_mtime_ns):
        return False
    age_s = (now - datetime.fromisoformat(note.published_at)).total_seconds()
    return not 0 <= age_s < min_interval_s


def read_note(home: Home) -> SnapshotNote | None:
    """Return the note of the snapshot; None without a readable one."""
    return _read_note(home.snapshot_note)


def read_notes(home: Home) -> list[SnapshotNote]:
    """Return the notes that may describe the snapshot: the last, and that of an unfinished publication."""
    notes = (_read_note(home.snapshot_note), _read_note(_next_note(home)))
    return [note for note in notes if note is not None]


def _read_note(file: Path) -> SnapshotNote | None:
    try:
        return SnapshotNote(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _next_note(home: Home) -> Path:
    return home.snapshot_note.with_suffix(".next.json")


def publisher_lock(home: Home, wait_s: float) -> FileLock:
    """Take and return the publisher's lock. Raises WarehouseLocked after `wait_s`."""
    lock = FileLock(home.publish_lock_file, mode=0o640)
    try:
        lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise WarehouseLocked(
            f"Another process is publishing {home.snapshot_file} (waited {wait_s:g} s). Try again later."
        ) from error
    return lock


def copy_store(home: Home) -> tuple[Path, SnapshotNote]:
    """Copy the closed store to a file beside the snapshot; the caller holds both locks."""
    state = home.state_file.stat()
    assert_room(home.root, state.st_size + MIN_FREE_BYTES, "a new snapshot")
    partial = home.root / f".news.{os.getpid()}.tmp"
    with _writing(home):
        for left in home.root.glob(".news.*.tmp"):  # of publishers that were killed
            left.unlink(missing_ok=True)
        try:
            xxh3 = _copy_file(home.state_file, partial)
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    return partial, SnapshotNote(now, state.st_size, state.st_mtime_ns, xxh3)


def swap_in(home: Home, partial: Path, note: SnapshotNote) -> None:
    """Replace the snapshot by the copy; readers see the old or the new one, never a part.

    The note is written first under another name: killed before its rename, it still proves that the snapshot
    is the one that was published.
    """
    with _writing(home):
        with partial.open("rb") as copy:
            os.fsync(copy.fileno())
        partial.chmod(0o640)
        next_note = _next_note(home)
        write_note(next_note, json.dumps(asdict(note)))
        partial.replace(home.snapshot_file)
        sync_folder(home.root)
        next_note.replace(home.snapshot_note)


@contextmanager
def _writing(home: Home) -> Iterator[None]:
    """Translate errors of the file system: a full disk is tried again, other failures need a person."""
    try:
        yield
    except OSError as error:
        file = error.filename2 or error.filename or home.snapshot_file
        fault = (
            f"The snapshot cannot be written to '{home.root}': '{file}': {error.strerror or error}. "
            "What was loaded is safe, and the old snapshot stays in place."
        )
        after = "the next run, or wirehouse doctor --fix, publishes it."
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{fault} Free some space; {after}") from error
        raise WarehouseError(f"{fault} Check who owns the folder and the files in it; {after}") from error


def keep_current(home: Home) -> None:
    """Note that the snapshot is up to date with the store as it is now.

    For writers of rows that no reader looks for; the caller holds the writer's lock.
    """
    note, state = read_note(home), home.state_file.stat()
    if note is not None:
        note = replace(note, source_bytes=state.st_size, source_mtime_ns=state.st_mtime_ns)
        write_note(home.snapshot_note, json.dumps(asdict(note)))


def file_xxh3(file: Path) -> str:
    """Return the hash of a file as the snapshot's note has it."""
    digest = xxhash.xxh3_64()
    with file.open("rb") as data:
        while chunk := data.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _copy_file(source: Path, target: Path) -> str | None:
    with source.open("rb") as data, target.open("wb") as copy:
        with suppress(OSError):
            fcntl.ioctl(copy.fileno(), _FICLONE, data.fileno())
            return None
        digest = xxhash.xxh3_64()
        while chunk := data.read(_CHUNK):
            digest.update(chunk)
            copy.write(chunk)
    return digest.hexdigest()

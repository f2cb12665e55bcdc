"""Merge the small archive files of a day into one: otherwise the number of files would grow with each run.

Part of the upkeep. The new file is the old ones one after the other (a file of gzip members stays one when
it is appended to another), complete before the one transaction that moves the references. A journal names
the files, so that a killed process is finished on either side of that transaction.
"""

import json
import os
import re
import shutil
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from warehouse.archive.archive_path import archive_path
from warehouse.archive.files import FileArchive
from warehouse.pages.archive_files import drop_file, find_checked_bytes, set_checked_size
from warehouse.pages.moved import (
    ArchiveMove,
    adopt_move_list,
    follow_moves,
    has_moves_to,
    record_moves,
    write_move_list,
)
from warehouse.publish import publish_snapshot
from warehouse.store.connection import Home, open_store, read_store, transaction
from warehouse.store.filesystem import sync_folder, write_note

SMALL_BYTES = 16 * 2**20  # larger files stay as they are
MAX_FILES = 64  # merged into one, so that it has at most 1 GB
MIN_AGE = timedelta(days=2)  # a file of today may still be written

_NAME = re.compile(r"(\d{4}/\d{2})/(\d{8})T\d{6}-[^/]*\.warc\.gz")


@dataclass(frozen=True, slots=True)
class MergedFiles:
    """How many archive files became how many."""

    n_before: int
    n_after: int


def merge_files(home: Home, now: datetime) -> MergedFiles:
    """Merge the small files of each past day. The caller holds the lock of exclusive work."""
    finish_merging(home)
    adopt_move_list(home)
    groups = find_mergeable(home, now)
    for names in groups:
        _merge(home, names, now)
    return MergedFiles(sum(map(len, groups)), len(groups))


def find_mergeable(home: Home, now: datetime) -> list[list[str]]:
    """Return the names of small files that are completely loaded, by day; only days with several."""
    with read_store(home, owner="merging archive files") as con:
        checked = find_checked_bytes(con)
    last_day = f"{now.astimezone(UTC) - MIN_AGE:%Y%m%d}"
    by_day: dict[tuple[str, str], list[str]] = defaultdict(list)
    archive = home.archive
    if not isinstance(archive, FileArchive):
        return []  # a part of an object store is large enough
    for name, n_bytes in archive.find_sizes().items():
        match = _NAME.fullmatch(name)
        is_past = match is not None and match[2] <= last_day
        is_loaded = n_bytes <= checked.get(name, -1)
        if match and is_past and is_loaded and n_bytes < SMALL_BYTES and not archive.is_being_written(name):
            by_day[match[1], match[2]].append(name)
    groups = (names[i : i + MAX_FILES] for names in by_day.values() for i in range(0, len(names), MAX_FILES))
    return [names for names in groups if len(names) > 1]


def finish_merging(home: Home) -> None:
    """Finish or undo a merge that was killed; does nothing without its journal."""
    journal = home.merging_file
    if not journal.exists():
        return
    note = json.loads(journal.read_text(encoding="utf-8"))
    with open_store(home, owner="merging archive files") as con:
        is_committed = has_moves_to(con, note["new"])
        if is_committed:
            write_move_list(con, home)
    if is_committed:
        publish_snapshot(home)  # before the old files go: readers follow the snapshot
    superfluous = note["old"] if is_committed else [note["new"]]
    for name in (*superfluous, f"{note['new']}.partial"):
        archive_path(home.pages_dir, name).unlink(missing_ok=True)
    with open_store(home, owner="merging archive files") as con, transaction(con):
        for name in superfluous:
            drop_file(con, name)
    journal.unlink()


def _merge(home: Home, names: Sequence[str], now: datetime) -> None:
    new_name = _free_name(home, names[0])
    write_note(home.merging_file, json.dumps({"old": list(names), "new": new_name}))
    partial = archive_path(home.pages_dir, f"{new_name}.partial")
    moves = _write(home, names, new_name, partial, now)
    with open_store(home, owner="merging archive files") as con:
        with transaction(con):  # otherwise the next run would load all pages of the new file
            set_checked_size(con, new_name, partial.stat().st_size, now)
        partial.replace(archive_path(home.pages_dir, new_name))
        sync_folder(partial.parent)
        with transaction(con):
            record_moves(con, moves)
            follow_moves(con)
    finish_merging(home)


def _write(
    home: Home, names: Sequence[str], new_name: str, partial: Path, now: datetime
) -> list[ArchiveMove]:
    """Write the files one after the other; return where each of them is."""
    moves, moved_at = [], now.astimezone(UTC).isoformat()
    with partial.open("wb") as out:
        for name in names:
            with archive_path(home.pages_dir, name).open("rb") as file:
                start = out.tell()
                shutil.copyfileobj(file, out, 2**20)
                moves.append(ArchiveMove(name, 0, out.tell() - start, new_name, start, moved_at))
        out.flush()
        os.fsync(out.fileno())
    partial.chmod(0o640)
    return moves


def _free_name(home: Home, first: str) -> str:
    stem = first.removesuffix(".warc.gz")
    number = 1
    while archive_path(home.pages_dir, f"{stem}.m{number}.warc.gz").exists():
        number += 1
    return f"{stem}.m{number}.warc.gz"

"""The folder of an export: new, empty, or left by an export that was killed.

A file marks it as unfinished until the manifest is written, and is locked while the export runs: the kernel
releases the lock when its holder dies.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.errors import ExportUnusable
from warehouse.export.manifest import FILE

_MARK = ".unfinished"
_CONTENTS = frozenset({_MARK, FILE, f".{FILE}", "core"})


@contextmanager
def export_folder(directory: Path) -> Iterator[None]:
    """Create the folder of an export and mark it as unfinished until the block has ended without an error.

    What a killed export left in it is removed first. Raises ExportUnusable when the folder holds anything
    else, or while another process exports into it.
    """
    if not _is_usable(directory):
        raise ExportUnusable(f"{directory} is not empty. Choose a new folder for each export.")
    directory.mkdir(parents=True, exist_ok=True)
    lock = FileLock(directory / _MARK, mode=0o640)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise ExportUnusable(f"Another process is exporting into {directory}.") from error
    try:
        _remove_left_over(directory)
        yield
        (directory / _MARK).unlink()
    finally:
        lock.release()


def remove_unfinished(directory: Path) -> None:
    """Remove the exports in this folder that were killed; of a complete one only its mark."""
    for folder in sorted(directory.iterdir()) if directory.is_dir() else ():
        if not (folder / _MARK).is_file() or not _is_usable(folder):
            continue
        try:
            with FileLock(folder / _MARK, mode=0o640, timeout=0):
                _remove_mark(folder)
        except Timeout:
            continue  # it is being written


def _remove_mark(folder: Path) -> None:
    if (folder / FILE).exists():
        (folder / _MARK).unlink()
        return
    _remove_left_over(folder)
    (folder / _MARK).unlink()  # last: without it nobody knows that the rest is a left-over
    folder.rmdir()


def _is_usable(directory: Path) -> bool:
    if not directory.exists():
        return True
    names = {path.name for path in directory.iterdir()} if directory.is_dir() else {""}
    return not names or (_MARK in names and names <= _CONTENTS)


def _remove_left_over(directory: Path) -> None:
    shutil.rmtree(directory / "core", ignore_errors=True)
    for name in (FILE, f".{FILE}"):
        (directory / name).unlink(missing_ok=True)

"""Which archive files may hold pages that are not loaded: those that grew since they were last checked.

A file that another process is still writing is skipped. `tasks.archive.replay` reads the pages; whether there
are any is asked before each run, so this module does not import what reads them.
"""

import fcntl
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from warehouse.pages.archive_files import find_checked_bytes, load_checked_files
from warehouse.store.connection import Home, open_store


def find_unchecked_files(home: Home) -> dict[str, int]:
    """Return name and size in bytes of the archive files that may hold pages not loaded yet."""
    if not home.pages_dir.is_dir():
        return {}
    with open_store(home, owner="looking for archived pages") as con:
        checked = find_checked_bytes(con)
    return select_unchecked(home, checked)


def select_unchecked(home: Home, checked_bytes: Mapping[str, int]) -> dict[str, int]:
    """Return name and size in bytes of the archive files that are larger than when they were checked."""
    sizes = {
        path.relative_to(home.pages_dir).as_posix(): path.stat().st_size
        for path in home.pages_dir.rglob("*.warc.gz")
    }
    return {
        name: size
        for name, size in sorted(sizes.items())
        if size > checked_bytes.get(name, 0) and not is_being_written(home.pages_dir / name)
    }


def load_checked(home: Home, files: dict[str, int]) -> None:
    """Record that every page in these files is loaded, up to the sizes given."""
    if files:
        with open_store(home, owner="noting archive files") as con:
            load_checked_files(con, files, datetime.now(UTC))


def sizes_of(home: Home, names: list[str]) -> dict[str, int]:
    """Return the sizes in bytes of archive files."""
    return {name: (home.pages_dir / name).stat().st_size for name in names}


def is_being_written(path: Path) -> bool:
    """Say whether a process is writing the file: an archive writer locks its file until it closes it."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False

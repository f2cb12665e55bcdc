"""Pages that were archived and never loaded: what a killed run left behind.

Read at the start of every run and passed to extraction as if they had just been fetched, so that no page is
fetched twice. A file that another process is still writing is skipped.
"""

import fcntl
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from tasks.archive.reader import read_file
from tasks.archive.scan import Damage
from tasks.errors import ErrorClass
from warehouse.pages.archive_files import find_checked_bytes, find_loaded_offsets, load_checked_files
from warehouse.records import Page, Reject, Step
from warehouse.store.connection import Home, open_store

PAGES_PER_BATCH = 200
UNKNOWN_SOURCE = "unknown"  # of a page that an archive file lost

log = logging.getLogger("wirehouse")


@dataclass(frozen=True, slots=True)
class UnloadedPages:
    """Archived pages that are not loaded, and the damage among them."""

    pages: tuple[Page, ...]
    rejects: tuple[Reject, ...] = ()


def find_unchecked_files(home: Home) -> dict[str, int]:
    """Return name and size in bytes of the archive files that may hold pages not loaded yet."""
    if not home.pages_dir.is_dir():
        return {}
    with open_store(home, owner="looking for archived pages") as con:
        checked = find_checked_bytes(con)
    sizes = {
        path.relative_to(home.pages_dir).as_posix(): path.stat().st_size
        for path in home.pages_dir.rglob("*.warc.gz")
    }
    return {
        name: size
        for name, size in sorted(sizes.items())
        if size > checked.get(name, 0) and not is_being_written(home.pages_dir / name)
    }


def read_unloaded(home: Home, files: dict[str, int]) -> Iterator[UnloadedPages]:
    """Yield, in batches, the pages in these files that no fetch row refers to, and rejects for damage."""
    with open_store(home, owner="looking for archived pages") as con:
        loaded = find_loaded_offsets(con, list(files))
    unloaded = _unloaded(home, files, loaded)
    while batch := tuple(islice(unloaded, PAGES_PER_BATCH)):
        pages = tuple(item for item in batch if isinstance(item, Page))
        yield UnloadedPages(pages, tuple(item for item in batch if isinstance(item, Reject)))


def damage_reject(file: str, damage: Damage, now: datetime) -> Reject:
    """Return the reject of damage in an archive file; a page that is known is fetched again at once."""
    request = damage.capture.request if damage.capture else None
    url = request.url if request else damage.url
    return Reject(
        source=request.source if request else UNKNOWN_SOURCE,
        step=Step.FETCH,
        error_class=ErrorClass.TRUNCATED.value,
        reason=f"The archive file '{file}' is damaged at bytes {damage.byte_range}: {damage.reason}.",
        url=url or f"archive:{file}?bytes={damage.byte_range}",
        url_key=request.url_key if request else None,
        feed_url=request.feed_url if request else None,
        at=now,
        next_try_at=now if request else None,
    )


def load_checked(home: Home, files: dict[str, int]) -> None:
    """Record that every page in these files is loaded, up to the sizes given."""
    if files:
        with open_store(home, owner="noting archive files") as con:
            load_checked_files(con, files, datetime.now(UTC))


def sizes_of(home: Home, names: list[str]) -> dict[str, int]:
    """Return the sizes in bytes of archive files."""
    return {name: (home.pages_dir / name).stat().st_size for name in names}


def _unloaded(home: Home, files: dict[str, int], loaded: set[tuple[str, int]]) -> Iterator[Page | Reject]:
    for name in files:
        for item in read_file(home.pages_dir, name):
            if isinstance(item, Damage):
                log.warning("'%s', bytes %s: %s", name, item.byte_range, item.reason)
                if not item.is_tail or item.capture:
                    yield damage_reject(name, item, datetime.now(UTC))
                continue
            ref, archived = item
            if (name, ref.offset) not in loaded:
                yield archived.page(ref)


def is_being_written(path: Path) -> bool:
    """Say whether a process is writing the file: an archive writer locks its file until it closes it."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False

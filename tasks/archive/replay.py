"""Pages that were archived and never loaded: what a killed run left behind.

Read at the start of every run and passed to extraction as if they had just been fetched, so that no page is
fetched twice. `tasks.archive.unchecked` finds the files to read.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from tasks.archive.reader import read_file
from tasks.archive.scan import Damage
from tasks.errors import ErrorClass
from warehouse.pages.archive_files import find_loaded_offsets
from warehouse.records.outcome import Reject, Step
from warehouse.records.page import Page
from warehouse.store.connection import Home, read_store

PAGES_PER_BATCH = 200
UNKNOWN_SOURCE = "unknown"  # of a page that an archive file lost

log = logging.getLogger("wirehouse")


@dataclass(frozen=True, slots=True)
class UnloadedPages:
    """Archived pages that are not loaded, and the damage among them."""

    pages: tuple[Page, ...]
    rejects: tuple[Reject, ...] = ()


def read_unloaded(home: Home, files: dict[str, int]) -> Iterator[UnloadedPages]:
    """Yield, in batches, the pages in these files that no fetch row refers to, and rejects for damage."""
    with read_store(home, owner="looking for archived pages") as con:
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


def _unloaded(home: Home, files: dict[str, int], loaded: set[tuple[str, int]]) -> Iterator[Page | Reject]:
    for name in files:
        for item in read_file(home.archive, name):
            if isinstance(item, Damage):
                log.warning("'%s', bytes %s: %s", name, item.byte_range, item.reason)
                if not item.is_tail or item.capture:
                    yield damage_reject(name, item, datetime.now(UTC))
                continue
            ref, archived = item
            if (name, ref.offset) not in loaded:
                yield archived.page(ref)

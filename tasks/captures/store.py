"""Captured pages into our own archive, each once, so that a rebuild has them.

After `tasks.captures.pages`, before extract. Nothing is remembered between two runs but what the warehouse
holds: a killed run that is started again leaves out what it has loaded, and loses no capture.
"""

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tasks.archive.reader import read_page
from tasks.archive.writer import ArchiveWriter
from tasks.captures import account as outcome
from tasks.captures.account import FileAccount, FolderAccount
from tasks.captures.pages import Capture, CaptureSelection, read_captures
from tasks.captures.saved_pages import SavedFrom, is_saved_page, read_saved_pages
from tasks.extract import Extracted
from tasks.fetch import FetchedPages, archived_pages
from warehouse.pages.captures import CaptureId, KnownCapture, find_captures
from warehouse.records.outcome import Counts, Reject
from warehouse.records.page import ArchiveRef, Page
from warehouse.rewrite.forget import find_forgotten
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, read_store

BATCH_PAGES = 200
BATCH_BYTES = 64_000_000  # of pages in memory
_MIN_BATCHES = 10  # a batch holds at least a tenth of what could be in it
N_RECENT = 4  # batches that may not be loaded yet


@dataclass(frozen=True, slots=True)
class CaptureBatch:
    """Pages of one file to extract and load, and its rejects."""

    fetched: FetchedPages
    account: FileAccount

    def note_loaded(self, kept: Extracted, counts: Counts, n_other_language: int = 0) -> None:
        """Count what became of the pages; `kept` are the articles that were loaded, and the rejects."""
        n_dropped = len(self.fetched.pages) - len(kept.articles) - len(kept.rejects)
        self.account.add(outcome.OTHER_LANGUAGE, n_other_language)
        self.account.add(outcome.OUT_OF_RANGE, n_dropped - n_other_language)
        self.account.add_loaded(counts, len(kept.articles), len(kept.rejects))


@dataclass(frozen=True, slots=True)
class _Missing:
    """A capture to load; `ref` is its place in the archive when an earlier run dropped it."""

    capture: Capture
    ref: ArchiveRef | None = None

    def page(self, home: Home, archive: ArchiveWriter) -> Page:
        """Return the page with its place in the archive; write it when it is not there."""
        if self.ref is not None:
            with suppress(OSError, ValueError):  # its file is damaged or gone
                return read_page(home.archive, self.ref).page(self.ref)
        return archive.write(*self.capture)


@dataclass(slots=True)
class CaptureFiles:
    """WARC files and saved pages to read, and the accounts of those read so far."""

    paths: tuple[Path, ...]
    wanted: CaptureSelection
    accounts: list[FileAccount] = field(default_factory=list)
    listed: Mapping[Path, SavedFrom] = field(default_factory=dict)  # of saved pages
    recent: deque[set[CaptureId]] = field(default_factory=lambda: deque(maxlen=N_RECENT))

    def batches(self, home: Home, archive: ArchiveWriter) -> Iterator[CaptureBatch]:
        """Yield the pages to load, written to the archive unless they are there."""
        for account, captures, rejects in self._read():
            missing = self._missing(home, captures, account)
            pages = [item.page(home, archive) for item in missing]
            archive.sync()
            yield CaptureBatch(archived_pages(pages, rejects), account)

    def preview(self, home: Home) -> list[Reject]:
        """Read the files and store nothing; return the rejects. The accounts say what would be loaded."""
        found = []
        for account, captures, rejects in self._read():
            account.add(outcome.TO_LOAD, len(self._missing(home, captures, account)))
            found += rejects
        return found

    def _read(self) -> Iterator[tuple[FileAccount, list[Capture], list[Reject]]]:
        for path in self.paths:
            account, items_of_file = self._open(path)
            self.accounts.append(account)
            for items in _batched(items_of_file):
                captures = [item for item in items if not isinstance(item, Reject)]
                yield account, captures, [item for item in items if isinstance(item, Reject)]

    def _open(self, path: Path) -> tuple[FileAccount, Iterator[Capture | Reject]]:
        if path.is_dir() or is_saved_page(path):
            folder = FolderAccount(path.name or str(path))
            return folder, read_saved_pages(path, self.wanted, self.listed, folder)
        account = FileAccount(path.name)
        return account, read_captures(path, self.wanted, account)

    def _missing(self, home: Home, captures: Sequence[Capture], account: FileAccount) -> list[_Missing]:
        """Return the captures that are not loaded; count the others."""
        ids = [_capture_id(capture) for capture in captures]
        known, forgotten = _find_known(home, ids, account.name)
        recent = set().union(*self.recent)
        self.recent.append(set(ids))
        missing = []
        for identity, capture in zip(ids, captures, strict=True):
            found = known.get(identity)
            if identity[0] in forgotten:
                account.add(outcome.FORGOTTEN)
            elif identity in recent:
                account.add(outcome.CAPTURED_AGAIN)
            elif found is not None and (found.is_settled or found.ref is None):
                account.add(outcome.STORED_BEFORE)
            else:
                missing.append(_Missing(capture, found.ref if found else None))
            recent.add(identity)
        return missing


def _find_known(
    home: Home, ids: Sequence[CaptureId], file_name: str
) -> tuple[dict[CaptureId, KnownCapture], set[str]]:
    """Return which captures are loaded, and which URL keys are forgotten."""
    if not ids or not store_of(home).exists():
        return {}, set()
    with read_store(home, owner=f"reading {file_name}") as con:
        return find_captures(con, ids), find_forgotten(con, [url_key for url_key, _, _ in ids])


def _batched(items: Iterator[Capture | Reject]) -> Iterator[list[Capture | Reject]]:
    """Yield batches that are bounded in number and in bytes.

    Captures of one page are in different batches, so that each is counted as new, revised or unchanged; not
    where that would make batches of single pages.
    """
    ahead: deque[Capture | Reject] = deque()
    while True:
        batch, again = _next_batch(ahead, items)
        if len(batch) * _MIN_BATCHES < len(again):
            batch, again = batch + again, []
        if not batch:
            return
        yield batch
        ahead.extendleft(reversed(again))


def _next_batch(
    ahead: deque[Capture | Reject], items: Iterator[Capture | Reject]
) -> tuple[list[Capture | Reject], list[Capture | Reject]]:
    """Return the next items, and those of them that are further captures of a page among them."""
    batch: list[Capture | Reject] = []
    again: list[Capture | Reject] = []
    keys: set[str] = set()
    n_bytes = 0
    while len(batch) + len(again) < BATCH_PAGES and n_bytes < BATCH_BYTES:
        item = ahead.popleft() if ahead else next(items, None)
        if item is None:
            break
        if isinstance(item, Reject):
            batch.append(item)
            continue
        (again if item[0].url_key in keys else batch).append(item)
        keys.add(item[0].url_key)
        n_bytes += item[1].n_bytes
    return batch, again


def _capture_id(capture: Capture) -> CaptureId:
    request, result = capture
    return request.url_key, result.started_at, hashlib.sha256(result.body).hexdigest()

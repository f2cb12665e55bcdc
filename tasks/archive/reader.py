"""Pages read back from the archive: one by its reference, or all of a file.

Used by extract (a worker reads a page's bytes), replay and rebuild. `tasks.archive.writer` describes the
records of a page.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.archive.http_head import document_in
from tasks.archive.metadata import Capture, page_of, parse_json
from tasks.archive.warc import WarcRecord, walk_records
from warehouse.records import ArchiveRef, Page, PageRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page read back from the archive."""

    capture: Capture
    body: bytes  # decoded

    @property
    def request(self) -> PageRequest:
        """The request that the page answered."""
        return self.capture.request

    @property
    def final_url(self) -> str:
        """The page's URL after redirects."""
        return self.capture.final_url

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.capture.status

    @property
    def fetched_at(self) -> datetime:
        """When the page was requested."""
        return self.capture.fetched_at

    @property
    def content_type(self) -> str | None:
        """The Content-Type field as sent."""
        return self.capture.content_type

    def page(self, ref: ArchiveRef) -> Page:
        """Return the page as the fetch step passes it to extract."""
        return page_of(self.capture, ref)


def read_page(pages_dir: Path, ref: ArchiveRef) -> ArchivedPage:
    """Return the page at a place in the archive.

    Raises OSError when the file is missing, ValueError when no whole page starts at that place.
    """
    with (pages_dir / ref.file).open("rb") as file:
        records = walk_records(file, ref.offset)
        main, after = next(records, None), next(records, None)
    if main is None or after is None or main.length != ref.length:
        raise ValueError(f"no whole page in '{ref.file}' at byte {ref.offset}")
    return _join(main, after)


def iter_pages(
    pages_dir: Path, file: str | Path, from_offset: int = 0
) -> Iterator[tuple[ArchiveRef, ArchivedPage]]:
    """Yield the whole pages of one file, from an offset on; a cut last record ends the iteration.

    A page that cannot be unpacked is skipped with a warning, so that those behind it are still read.
    """
    name = Path(file).relative_to(pages_dir).as_posix() if Path(file).is_absolute() else Path(file).as_posix()
    with (pages_dir / name).open("rb") as stream:
        main: WarcRecord | None = None
        for record in walk_records(stream, from_offset):
            kind = record.headers.get("warc-type")
            if kind in {"response", "resource"}:
                main = record
            elif kind == "metadata" and main is not None:
                ref, main_record, main = ArchiveRef(name, main.offset, main.length), main, None
                try:
                    page = _join(main_record, record)
                except ValueError as error:
                    _log.warning("%s, byte %d: %s", name, ref.offset, error)
                    continue
                yield ref, page


def _join(main: WarcRecord, after: WarcRecord) -> ArchivedPage:
    if after.headers.get("warc-concurrent-to") != main.headers.get("warc-record-id"):
        raise ValueError(f"the record at byte {main.offset} does not belong to a page")
    body = main.block if main.headers.get("warc-type") == "resource" else document_in(main.block)
    return ArchivedPage(parse_json(after.block), body)

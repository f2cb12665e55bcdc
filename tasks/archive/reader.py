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
from tasks.archive.scan import Damage, PageRecords, scan_pages
from warehouse.pages.archive_path import archive_path
from warehouse.records import ArchiveRef, Page, PageRequest

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page read back from the archive."""

    capture: Capture
    body: bytes  # decoded
    is_truncated: bool = False  # the body is only the beginning of the page

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

    Raises OSError when the file is missing, ValueError when no whole page starts at that place or the
    file's name leads out of the archive.
    """
    with archive_path(pages_dir, ref.file).open("rb") as file:
        page = next(scan_pages(file, ref.offset), None)
    if not isinstance(page, PageRecords) or (page.main.offset, page.main.length) != (ref.offset, ref.length):
        raise ValueError(f"no whole page in '{ref.file}' at byte {ref.offset}")
    return _join(page)


def iter_pages(
    pages_dir: Path, file: str | Path, from_offset: int = 0
) -> Iterator[tuple[ArchiveRef, ArchivedPage]]:
    """Yield the whole pages of one file, from an offset on; damage is logged and skipped."""
    for item in read_file(pages_dir, file, from_offset):
        if isinstance(item, Damage):
            _log.warning("'%s', bytes %s: %s", file, item.byte_range, item.reason)
        else:
            yield item


def read_file(
    pages_dir: Path, file: str | Path, from_offset: int = 0
) -> Iterator[tuple[ArchiveRef, ArchivedPage] | Damage]:
    """Yield the pages of one file, from an offset on, and the damage between them, in file order.

    Raises OSError when the file cannot be read, ValueError when its name leads out of the archive.
    """
    name = Path(file).relative_to(pages_dir).as_posix() if Path(file).is_absolute() else Path(file).as_posix()
    with archive_path(pages_dir, name).open("rb") as stream:
        for item in scan_pages(stream, from_offset):
            if isinstance(item, Damage):
                yield item
                continue
            try:
                page = _join(item)
            except ValueError as error:
                main = item.main
                yield Damage(main.offset, main.length, str(error), main.headers.get("warc-target-uri"))
                continue
            yield ArchiveRef(name, item.main.offset, item.main.length), page


def _join(records: PageRecords) -> ArchivedPage:
    main = records.main
    body = main.block if main.headers.get("warc-type") == "resource" else document_in(main.block)
    is_truncated = "warc-truncated" in main.headers
    return ArchivedPage(parse_json(records.metadata.block), body, is_truncated)

"""Pages read back from the archive: one by its reference, or all of a file.

Used by extract (a worker reads a page's bytes), replay and rebuild. `tasks.archive.writer` describes the
records of a page.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tasks.archive.http_head import document_in
from tasks.archive.metadata import Capture, page_of, parse_json
from tasks.archive.scan import Damage, PageRecords, scan_pages
from warehouse.archive.files import Archive
from warehouse.records.page import ArchiveRef, Page, PageRequest

_log = logging.getLogger(__name__)

_WORTH_A_COPY = 4  # pages: each is read twice, by the step and by a worker process


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


def read_page(archive: Archive, ref: ArchiveRef) -> ArchivedPage:
    """Return the page at a place in the archive.

    Raises OSError when the file is missing, ValueError when no whole page starts at that place or the
    file's name leads out of the archive.
    """
    file, offset = archive.open_page(ref)
    with file:
        page = next(scan_pages(file, offset), None)
    if not isinstance(page, PageRecords) or page.main.offset != offset or ref.length not in page.lengths:
        raise ValueError(f"no whole page in '{ref.file}' at byte {ref.offset}")
    return _join(page)


def iter_pages(
    archive: Archive, file: str | Path, from_offset: int = 0
) -> Iterator[tuple[ArchiveRef, ArchivedPage]]:
    """Yield the whole pages of one file, from an offset on; damage is logged and skipped."""
    for item in read_file(archive, file, from_offset):
        if isinstance(item, Damage):
            _log.warning("'%s', bytes %s: %s", file, item.byte_range, item.reason)
        else:
            yield item


def read_file(
    archive: Archive, file: str | Path, from_offset: int = 0
) -> Iterator[tuple[ArchiveRef, ArchivedPage] | Damage]:
    """Yield the pages of one file, from an offset on, and the damage between them, in file order.

    Raises OSError when the file cannot be read, ValueError when its name leads out of the archive.
    """
    name = str(file)
    if Path(file).is_absolute():
        name = Path(file).relative_to(archive.folder).as_posix()
    with archive.open(name) as stream:
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
            yield page_ref(name, item, has_spans=archive.has_spans), page


def page_ref(name: str, records: PageRecords, *, has_spans: bool) -> ArchiveRef:
    """Return the reference to a page in a file; its length is that of the response, or with its metadata."""
    return ArchiveRef(name, records.main.offset, records.lengths[has_spans])


def often_read(refs: Iterable[ArchiveRef]) -> list[str]:
    """Return the files of which several pages are wanted: worth a local copy where they are remote."""
    return [file for file, n in Counter(ref.file for ref in refs).items() if n >= _WORTH_A_COPY]


def _join(records: PageRecords) -> ArchivedPage:
    main = records.main
    body = main.block if main.headers.get("warc-type") == "resource" else document_in(main.block)
    is_truncated = "warc-truncated" in main.headers
    return ArchivedPage(parse_json(records.metadata.block), body, is_truncated)

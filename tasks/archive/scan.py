"""The pages of an archive file in order, and the damage between them.

Below `tasks.archive.reader` and `tasks.archive.rewrite`. A page is the records request, response (or
resource) and metadata; `WARC-Concurrent-To` names the response in the other two. A damaged record loses
its own page only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from tasks.archive.metadata import Capture, parse_json
from tasks.archive.warc import Gap, WarcRecord, scan_records


@dataclass(frozen=True, slots=True)
class PageRecords:
    """The whole records of one page; what they contain has not been decoded."""

    requests: tuple[WarcRecord, ...]
    main: WarcRecord  # response or resource; its place is the page's reference
    metadata: WarcRecord

    @property
    def all(self) -> tuple[WarcRecord, ...]:
        """The records in file order."""
        return (*self.requests, self.main, self.metadata)

    @property
    def lengths(self) -> tuple[int, int]:
        """The bytes of the main record alone, and up to the end of the metadata."""
        return self.main.length, self.metadata.offset + self.metadata.length - self.main.offset


@dataclass(frozen=True, slots=True)
class Damage:
    """A byte range without a whole page, and the page that was there, as far as it is known."""

    offset: int
    length: int
    reason: str
    url: str | None = None
    capture: Capture | None = None  # when the metadata record is whole
    is_tail: bool = False  # the last record is cut: a killed writer leaves that

    @property
    def byte_range(self) -> str:
        """The range as "first-last", both inclusive."""
        return f"{self.offset}-{self.offset + self.length - 1}"


def scan_pages(file: BinaryIO, from_offset: int = 0) -> Iterator[PageRecords | Damage]:
    """Yield the whole pages from an offset on, and the damage between them, in file order."""
    grouping = _Grouping()
    for item in scan_records(file, from_offset):
        if isinstance(item, Gap):
            grouping.gaps.append(item)
            continue
        kind = item.headers.get("warc-type")
        if kind == "request":
            yield from grouping.start(item)
        elif kind in {"response", "resource"}:
            yield from grouping.set_main(item)
        elif kind == "metadata":
            yield from grouping.finish(item)
    yield from grouping.end()


@dataclass(slots=True)
class _Grouping:
    """The records of the page that is being read, and the gaps since the last page."""

    requests: list[WarcRecord] = field(default_factory=list)
    main: WarcRecord | None = None
    gaps: list[Gap] = field(default_factory=list)

    def start(self, request: WarcRecord) -> Iterator[Damage]:
        yield from self._lost_page()
        self.requests = [request]

    def set_main(self, main: WarcRecord) -> Iterator[Damage]:
        if self.main is not None or any(_page_id(request) != _page_id(main) for request in self.requests):
            yield from self._lost_page()
        self.main = main

    def finish(self, metadata: WarcRecord) -> Iterator[PageRecords | Damage]:
        page_id = _page_id(metadata)
        if self.main is not None and _page_id(self.main) == page_id:
            page = PageRecords(tuple(self.requests), self.main, metadata)
            yield from self._gap()
            self._clear()
            yield page
            return
        if self.main is not None or any(_page_id(request) != page_id for request in self.requests):
            yield from self._lost_page()
        yield self._damage(metadata, capture=_capture(metadata))
        self._clear()

    def end(self) -> Iterator[Damage]:
        if not self.gaps:
            return  # a page without metadata at a clean end: its writer was killed between two records
        yield from self._lost_page()
        yield from self._gap()

    def _lost_page(self) -> Iterator[Damage]:
        """Yield the damage of a page that has records but no metadata."""
        known = self.main or (self.requests[-1] if self.requests else None)
        if known is not None:
            yield self._damage(known)
        self._clear()

    def _gap(self) -> Iterator[Damage]:
        """Yield the gaps that no known page accounts for."""
        if self.gaps:
            yield self._damage(None)

    def _damage(self, known: WarcRecord | None, capture: Capture | None = None) -> Damage:
        if self.gaps:
            offset, last = self.gaps[0].offset, self.gaps[-1]
            length, reason, is_tail = last.offset + last.length - offset, last.reason, last.is_cut
        else:
            assert known is not None
            offset, length, is_tail = known.offset, known.length, False
            reason = "the other records of the page are missing"
        self.gaps = []
        url = known.headers.get("warc-target-uri") if known is not None else None
        return Damage(offset, length, reason, url, capture, is_tail)

    def _clear(self) -> None:
        self.requests, self.main = [], None


def _page_id(record: WarcRecord) -> str | None:
    """Return the record ID of the page's response, which each of its records names."""
    kind = record.headers.get("warc-type")
    name = "warc-record-id" if kind in {"response", "resource"} else "warc-concurrent-to"
    return record.headers.get(name)


def _capture(metadata: WarcRecord) -> Capture | None:
    try:
        return parse_json(metadata.block)
    except ValueError:
        return None

"""The raw archive: every page as it came, before anything reads it (WARC 1.1).

Between fetch and extract. A page is three records (request, response, metadata), written by
one call, the response's place being the page's reference. The metadata record comes last and
says what the feed said of the page: a page without it was cut by a crash and does not count.
"""

import errno
import fcntl
import hashlib
import logging
import os
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tasks.archive.http_head import archived_head, document_in
from tasks.archive.metadata import Capture, parse_json, to_json
from tasks.archive.warc import Record, record_id, walk_records, warc_member
from tasks.http_client.result import FetchResult
from warehouse.errors import DiskFull
from warehouse.records import ArchiveRef, Page, PageRequest

_log = logging.getLogger(__name__)

ROTATE_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ArchivedPage:
    """A page read back from the archive."""

    request: PageRequest
    final_url: str
    status: int
    fetched_at: datetime
    content_type: str | None
    body: bytes  # decoded
    body_sha256: str = ""
    n_bytes: int = 0  # as received
    duration_ms: int = 0
    etag: str | None = None
    last_modified: str | None = None

    def page(self, ref: ArchiveRef) -> Page:
        """Return it as the fetch step hands it on."""
        return Page(
            request=self.request,
            final_url=self.final_url,
            status=self.status,
            fetched_at=self.fetched_at,
            ref=ref,
            body_sha256=self.body_sha256,
            content_type=self.content_type,
            n_bytes=self.n_bytes,
            duration_ms=self.duration_ms,
            etag=self.etag,
            last_modified=self.last_modified,
        )


class ArchiveWriter:
    """Appends pages to this process's own file, one thread at a time.

    A record is handed to the operating system before `write` returns, so it survives the death
    of the process; `sync` makes it survive the death of the machine.
    """

    def __init__(self, pages_dir: Path, *, rotate_bytes: int = ROTATE_BYTES) -> None:
        self._pages_dir = pages_dir
        self._rotate_bytes = rotate_bytes
        self._lock = threading.Lock()
        self.files: list[str] = []  # all that it has written, relative to `pages_dir`
        self._file: BinaryIO | None = None
        self._name = ""
        self._day = ""
        self._size = 0
        self._is_closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._close()
            self._is_closed = True

    def write(self, request: PageRequest, result: FetchResult) -> Page:
        """Store a fetched page; return it with its place. The record has left this process by then."""
        capture = Capture(
            request=request,
            final_url=result.final_url,
            status=result.status or 0,
            fetched_at=result.started_at,
            content_type=result.content_type,
            body_sha256=hashlib.sha256(result.body).hexdigest(),
            n_bytes=result.n_bytes,
            duration_ms=result.duration_ms,
            hops=tuple(hop.url for hop in result.hops),
            etag=result.validators.etag,
            last_modified=result.validators.last_modified,
        )
        at, uri, response_id = result.started_at, result.final_url, record_id()
        asked = warc_member(
            "request",
            result.request_head,
            content_type="application/http; msgtype=request",
            at=at,
            identifier=record_id(),
            uri=uri,
            concurrent_to=response_id,
            payload=b"",
        )
        answered = warc_member(
            "response",
            archived_head(result.response_head) + result.wire_body,
            content_type="application/http; msgtype=response",
            at=at,
            identifier=response_id,
            uri=uri,
            payload=result.wire_body,
        )
        return self._append(capture, asked, answered, _metadata(capture, uri, response_id))

    def write_imported(
        self,
        request: PageRequest,
        payload: bytes,
        *,
        at: datetime,
        content_type: str = "application/json",
    ) -> Page:
        """Store an article that came from a file, as it came; return it with its place."""
        capture = Capture(
            request=request,
            final_url=request.url,
            status=200,
            fetched_at=at,
            content_type=content_type,
            body_sha256=hashlib.sha256(payload).hexdigest(),
            n_bytes=len(payload),
            duration_ms=0,
        )
        identifier = record_id()
        resource = warc_member(
            "resource", payload, content_type=content_type, at=at, identifier=identifier, uri=request.url
        )
        return self._append(capture, b"", resource, _metadata(capture, request.url, identifier))

    def sync(self) -> None:
        """Force what was written to the disk; call it before the warehouse refers to it."""
        with self._lock:
            if self._file is not None:
                os.fsync(self._file.fileno())

    def _append(self, capture: Capture, before: bytes, main: bytes, after: bytes) -> Page:
        with self._lock:
            file = self._file_for(capture.fetched_at)
            offset = self._size + len(before)
            self._write_all(file, before + main + after)
            ref = ArchiveRef(self._name, offset, len(main))
        return _archived(capture, b"").page(ref)

    def _file_for(self, at: datetime) -> BinaryIO:
        if self._is_closed:
            raise ValueError("The archive is closed.")
        day = f"{at.astimezone(UTC):%Y-%m-%d}"
        if self._file is not None and (day > self._day or self._size >= self._rotate_bytes):
            self._close()
        if self._file is None:
            self._open(at.astimezone(UTC), day)
        assert self._file is not None
        return self._file

    def _open(self, at: datetime, day: str) -> None:
        # A name of its own for each process: two runs never write to one file, nobody appends to a cut one.
        self._name = f"{at:%Y/%m/%Y%m%dT%H%M%S}-{os.getpid()}-{secrets.token_hex(4)}.warc.gz"
        path = self._pages_dir / self._name
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("xb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)  # held until it is closed: replay leaves a live file alone
        self.files.append(self._name)
        self._day = day
        info = warc_member(
            "warcinfo",
            b"software: wirehouse\r\nformat: WARC File Format 1.1\r\n",
            content_type="application/warc-fields",
            at=at,
            identifier=record_id(),
            file_name=path.name,
        )
        self._size = 0
        self._write_all(self._file, info)

    def _write_all(self, file: BinaryIO, data: bytes) -> None:
        """Hand bytes to the operating system. After a failure the file is left, its tail cut."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            file.close()
            self._file = None
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DiskFull(
                    f"The archive cannot be written, the disk is full: {self._pages_dir}"
                ) from error
            raise
        self._size += len(data)

    def _close(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


def read_page(pages_dir: Path, ref: ArchiveRef) -> ArchivedPage:
    """Read one page back by its reference.

    Raises OSError when the file is missing, ValueError when there is no whole page at that place.
    """
    with (pages_dir / ref.file).open("rb") as file:
        records = walk_records(file, ref.offset)
        main, after = next(records, None), next(records, None)
    if main is None or after is None or main.length != ref.length:
        raise ValueError(f"No whole page at {ref.file}, byte {ref.offset}.")
    return _join(main, after)


def iter_pages(
    pages_dir: Path, file: str | Path, from_offset: int = 0
) -> Iterator[tuple[ArchiveRef, ArchivedPage]]:
    """Yield the whole pages of one file, from an offset on; a cut last record ends it quietly.

    A page that cannot be read is passed over with a warning: it must not hide those behind it.
    """
    name = Path(file).relative_to(pages_dir).as_posix() if Path(file).is_absolute() else Path(file).as_posix()
    with (pages_dir / name).open("rb") as stream:
        main: Record | None = None
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


def _metadata(capture: Capture, uri: str, concurrent_to: str) -> bytes:
    return warc_member(
        "metadata",
        to_json(capture),
        content_type="application/json",
        at=capture.fetched_at,
        identifier=record_id(),
        uri=uri,
        concurrent_to=concurrent_to,
    )


def _join(main: Record, after: Record) -> ArchivedPage:
    if after.headers.get("warc-concurrent-to") != main.headers.get("warc-record-id"):
        raise ValueError(f"The record at byte {main.offset} is no page's.")
    body = main.block if main.headers.get("warc-type") == "resource" else document_in(main.block)
    return _archived(parse_json(after.block), body)


def _archived(capture: Capture, body: bytes) -> ArchivedPage:
    return ArchivedPage(
        request=capture.request,
        final_url=capture.final_url,
        status=capture.status,
        fetched_at=capture.fetched_at,
        content_type=capture.content_type,
        body=body,
        body_sha256=capture.body_sha256,
        n_bytes=capture.n_bytes,
        duration_ms=capture.duration_ms,
        etag=capture.etag,
        last_modified=capture.last_modified,
    )

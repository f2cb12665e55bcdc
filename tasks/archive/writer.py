"""Writes the raw archive: every page as received, before anything parses it (WARC 1.1).

Between fetch and extract. A page is three records (request, response, metadata) in one write; the place
of the response is the page's reference. The metadata record comes last and holds the page's feed entry:
a page without it was cut by a crash and is ignored. `tasks.archive.reader` reads them back.
"""

import errno
import fcntl
import hashlib
import logging
import os
import secrets
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from tasks.archive.http_head import archived_head
from tasks.archive.metadata import Capture, page_of, to_json
from tasks.archive.warc import record_id, warc_member
from tasks.http_client.result import FetchResult
from warehouse.errors import DiskFull
from warehouse.records.page import ArchiveRef, Page, PageRequest

_log = logging.getLogger(__name__)

ROTATE_BYTES = 512 * 1024 * 1024
FILE_MODE = 0o640
FOLDER_MODE = 0o750


class ArchiveWriter:
    """Appends pages to this process's own file; safe to share between threads.

    `write` returns after the operating system has the record, so it survives a killed process;
    `sync` makes it survive a power failure.
    """

    def __init__(self, pages_dir: Path, *, rotate_bytes: int = ROTATE_BYTES) -> None:
        self._pages_dir = pages_dir
        self._rotate_bytes = rotate_bytes
        self._lock = threading.Lock()
        self.files: list[str] = []  # written by this writer, relative to `pages_dir`
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
        """Store a fetched page; return it with its place in the archive."""
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
        request_record = warc_member(
            "request",
            result.request_head,
            content_type="application/http; msgtype=request",
            at=at,
            identifier=record_id(),
            uri=uri,
            concurrent_to=response_id,
            payload=b"",
        )
        response_record = warc_member(
            "response",
            archived_head(result.response_head) + result.wire_body,
            content_type="application/http; msgtype=response",
            at=at,
            identifier=response_id,
            uri=uri,
            payload=result.wire_body,
            truncated=result.truncated,
        )
        return self._append(capture, request_record, response_record, _metadata(capture, uri, response_id))

    def write_imported(
        self,
        request: PageRequest,
        payload: bytes,
        *,
        at: datetime,
        content_type: str = "application/json",
    ) -> Page:
        """Store an article that did not come as a page: imported, or a feed's. Return it with its place."""
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
        """Flush written pages to disk; call it before the warehouse refers to them."""
        with self._lock:
            if self._file is not None:
                os.fsync(self._file.fileno())

    def _append(self, capture: Capture, before: bytes, main: bytes, after: bytes) -> Page:
        with self._lock:
            file = self._file_for(capture.fetched_at)
            offset = self._size + len(before)
            self._write_all(file, before + main + after)
            ref = ArchiveRef(self._name, offset, self._length_of(main, after))
        return page_of(capture, ref)

    def _length_of(self, main: bytes, after: bytes) -> int:
        """Return the length of a page's reference."""
        return len(main)

    def _name_at(self, at: datetime) -> str:
        """Return a unique name: two runs never write to one file, and no run appends to a cut one."""
        return f"{at:%Y/%m/%Y%m%dT%H%M%S}-{os.getpid()}-{secrets.token_hex(4)}.warc.gz"

    def _file_for(self, at: datetime) -> BinaryIO:
        if self._is_closed:
            raise ValueError("the archive is closed")
        day = f"{at.astimezone(UTC):%Y-%m-%d}"
        if self._file is not None and (day > self._day or self._size >= self._rotate_bytes):
            self._close()
        if self._file is None:
            self._open(at.astimezone(UTC), day)
        assert self._file is not None
        return self._file

    def _open(self, at: datetime, day: str) -> None:
        self._name = self._name_at(at)
        path = self._pages_dir / self._name
        make_folder(self._pages_dir, path.parent)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)
        self._file = os.fdopen(descriptor, "wb", buffering=0)
        fcntl.flock(self._file, fcntl.LOCK_EX)  # held until closed: replay skips a file that is locked
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
        """Write all bytes. After a failure the file is closed; its last record may be cut."""
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            file.close()
            self._file = None
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise DiskFull(
                    f"'{self._pages_dir}': the disk is full, the archive cannot be written. "
                    "Free some space and run again."
                ) from error
            raise
        self._size += len(data)

    def _close(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None


def make_folder(pages_dir: Path, folder: Path) -> None:
    """Make a folder of the archive and those above it, readable by owner and group."""
    for path in (pages_dir.parent, pages_dir, *reversed(folder.parents), folder):
        if path.is_relative_to(pages_dir) or path == pages_dir.parent:
            path.mkdir(FOLDER_MODE, parents=True, exist_ok=True)


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

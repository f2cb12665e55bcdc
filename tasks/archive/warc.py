"""WARC 1.1 records as gzip members: building one, and scanning a file of them.

Each record is its own gzip member (ISO 28500, annex D), so that one can be read by its offset, and a
damaged one loses only itself. The reader costs a tenth of warcio's CPU time (bench/archive).
"""

import base64
import hashlib
import os
import uuid
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from isal import isal_zlib

# Real pages become .23 of their bytes; with isal at level 3 .22, in twice the time, and with zlib at level 4
# .21, in six times the time (bench/archive.py).
COMPRESSION_LEVEL = 2
CHUNK_BYTES = 1 << 16
MAX_RECORD_BYTES = 64_000_000  # our records are smaller; a damaged file must not fill memory

_GZIP_MAGIC = b"\x1f\x8b\x08"
_CUT = "the record is cut by the end of the file"
_NO_RECORD = "a gzip member that is not a whole WARC record"


@dataclass(frozen=True, slots=True)
class WarcRecord:
    """One WARC record and where it lies."""

    offset: int
    length: int  # of the gzip member
    headers: dict[str, str]  # names in lower case
    block: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """A byte range that holds no whole record."""

    offset: int
    length: int
    reason: str
    is_cut: bool = False  # a record without fault that the end of the file cuts


def record_id() -> str:
    """Return a new record identifier."""
    return f"<urn:uuid:{uuid.uuid4()}>"


def warc_member(
    kind: str,
    block: bytes,
    *,
    content_type: str,
    at: datetime,
    identifier: str,
    uri: str | None = None,
    concurrent_to: str | None = None,
    payload: bytes | None = None,
    file_name: str | None = None,
    truncated: str | None = None,
) -> bytes:
    """Return one record as a gzip member.

    `payload` is the block without its HTTP head, where it has one; it gets its own digest. `truncated` is why
    the block is only the beginning of what the server sent.
    """
    fields = [
        ("WARC-Type", kind),
        ("WARC-Record-ID", identifier),
        ("WARC-Date", at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")),
    ]
    if uri is not None:
        fields.append(("WARC-Target-URI", _one_line(uri)))
    if concurrent_to is not None:
        fields.append(("WARC-Concurrent-To", concurrent_to))
    if file_name is not None:
        fields.append(("WARC-Filename", file_name))
    if truncated is not None:
        fields.append(("WARC-Truncated", truncated))
    block_digest = _sha1(block)
    fields += [
        ("WARC-Block-Digest", block_digest),
        ("WARC-Payload-Digest", block_digest if payload is None else _sha1(payload)),
        ("Content-Type", content_type),
        ("Content-Length", str(len(block))),
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return _gzip(b"".join([b"WARC/1.1\r\n", head.encode("utf-8"), b"\r\n", block, b"\r\n\r\n"]))


def scan_records(file: BinaryIO, from_offset: int = 0) -> Iterator[WarcRecord | Gap]:
    """Yield the whole records from an offset on, and the gaps between them.

    Behind a damaged record the scan continues at the next gzip member that starts a record.
    """
    offset = from_offset
    while True:
        file.seek(offset)
        plain, length, problem = _read_member(file)
        record = parse_record(plain, offset, length) if problem is None else None
        if record is not None:
            yield record
            offset += length
            continue
        if not length:
            return
        end = _find_record(file, offset + 1)
        is_cut = problem is _CUT and end is None
        size = file.seek(0, os.SEEK_END)
        yield Gap(offset, (size if end is None else end) - offset, problem or _NO_RECORD, is_cut)
        if end is None:
            return
        offset = end


def parse_record(plain: bytes, offset: int, length: int) -> WarcRecord | None:
    """Return the record in these bytes, or None when it is incomplete or not a WARC record."""
    head, separator, rest = plain.partition(b"\r\n\r\n")
    lines = head.decode("utf-8", "replace").split("\r\n")
    if not separator or not lines[0].startswith("WARC/1."):
        return None
    pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    declared = headers.get("content-length", "")
    if not declared.isdecimal() or len(declared) > 10 or len(rest) < int(declared):
        return None
    return WarcRecord(offset, length, headers, rest[: int(declared)])


def _read_member(file: BinaryIO) -> tuple[bytes, int, str | None]:
    """Return the content of the gzip member at the file's position, its length, and its fault, if any.

    The length is 0 at the end of the file.
    """
    decoder = isal_zlib.decompressobj(zlib.MAX_WBITS | 16)
    plain, n_read = bytearray(), 0
    while not decoder.eof and (data := file.read(CHUNK_BYTES)):
        n_read += len(data)
        try:
            plain += decoder.decompress(data, MAX_RECORD_BYTES)
        except isal_zlib.error as error:  # type: ignore[misc]  # the stub declares an instance
            return b"", n_read, f"damaged gzip data ({error})"
        if len(plain) > MAX_RECORD_BYTES or decoder.unconsumed_tail:
            return b"", n_read, f"a record of more than {MAX_RECORD_BYTES} bytes"
    if not decoder.eof:
        return b"", n_read, _CUT
    return bytes(plain), n_read - len(decoder.unused_data), None


def _find_record(file: BinaryIO, from_offset: int) -> int | None:
    """Return the offset of the next gzip member that starts a WARC record, or None."""
    file.seek(from_offset)
    start, window = from_offset, b""
    while data := file.read(CHUNK_BYTES):
        window += data
        at = -1
        while (at := window.find(_GZIP_MAGIC, at + 1)) >= 0:
            if _starts_record(file, start + at):
                return start + at
        keep = len(_GZIP_MAGIC) - 1
        start += max(0, len(window) - keep)
        window = window[-keep:]
        file.seek(start + len(window))
    return None


def _starts_record(file: BinaryIO, offset: int) -> bool:
    file.seek(offset)
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(file.read(4096), 5) == b"WARC/"
    except zlib.error:
        return False


def _gzip(plain: bytes) -> bytes:
    return isal_zlib.compress(plain, COMPRESSION_LEVEL, zlib.MAX_WBITS | 16)


def _sha1(data: bytes) -> str:
    digest = hashlib.sha1(data, usedforsecurity=False).digest()  # the digest that WARC readers expect
    return "sha1:" + base64.b32encode(digest).decode("ascii")


def _one_line(uri: str) -> str:
    if uri.isprintable() and " " not in uri:
        return uri
    return "".join(c for c in uri if c.isprintable() and c != " ")

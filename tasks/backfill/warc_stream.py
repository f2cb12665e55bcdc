"""Records of WARC and ARC files that others wrote, in order, whatever their container and damage.

Below `tasks.backfill.warc_pages`. Reads WARC 0.17 to 1.x and ARC 1: plain, one gzip member per record
or over all, zstd. A record whose length is wrong ends where the next one begins; damage ends one record
and not the file. (Our own archive has a stricter and faster reader, `tasks.archive.warc`.)
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import zstandard

CHUNK_BYTES = 1 << 18
MAX_BLOCK_BYTES = 64_000_000  # of one record; the rest of a larger one is skipped
_VERSION = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
_NEXT = re.compile(rb"(?:\r?\n){1,2}(?=WARC/\d+\.\d+[ \t]*\r?\n[A-Za-z-]+[ \t]*:)")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_ARC_LINE = re.compile(rb"(\S+) \S+ (\d{14}) (\S+) (?:\S+ )*(\d+)\r?\n")
_ZSTD_MAGIC = (b"\x28\xb5\x2f\xfd", *(bytes([n]) + b"\x2a\x4d\x18" for n in range(0x50, 0x60)))


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """One record; `problem` says why its block is not whole."""

    number: int  # from 1
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    block: bytes = b""
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class _Segment:
    """Decompressed bytes without a break; `is_damaged` when they end before their container does."""

    chunks: Iterator[bytes]
    state: list[bool]  # filled when the chunks are exhausted: whether they end in damage


def looks_like_warc(path: Path) -> bool:
    """Say whether a file is WARC or ARC by its first bytes; an empty file is. Raises OSError."""
    with path.open("rb") as file:
        is_empty = not file.read(1)
        file.seek(0)
        start = b"" if is_empty else next(_segments(file).__next__().chunks, b"")
    return is_empty or bool(_VERSION.search(start[:100_000]) or start.startswith(b"filedesc://"))


def read_records(path: Path) -> Iterator[ForeignRecord]:
    """Yield the records of a file; a damaged one has a problem. Raises OSError when it cannot be read."""
    number = 0
    with path.open("rb") as file:
        for segment in _segments(file):
            for headers, block, problem in _parse(segment):
                number += 1
                yield ForeignRecord(number, headers, block, problem)


# --- containers ------------------------------------------------------------------------------


def _segments(file: BinaryIO) -> Iterator[_Segment]:
    start = file.read(4)
    file.seek(0)
    if start[:2] == b"\x1f\x8b":
        reader = _GzipReader(file)
        while not reader.is_at_end:
            yield _Segment(reader.chunks(), reader.damage)
    elif start in _ZSTD_MAGIC:
        damage: list[bool] = []
        yield _Segment(_zstd_chunks(file, damage), damage)
    else:
        yield _Segment(iter(lambda: file.read(CHUNK_BYTES), b""), [])


class _GzipReader:
    """The content of a gzip file; `chunks` ends at damage, and the next call continues behind it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._data = b""
        self.is_at_end = False
        self.damage: list[bool] = []

    def chunks(self) -> Iterator[bytes]:
        self.damage.clear()
        decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
        is_started = False
        while True:
            data = self._data or self._file.read(CHUNK_BYTES)
            self._data = b""
            if not data:
                self.is_at_end = True
                self.damage.append(is_started)
                return
            try:
                plain = decoder.decompress(data)
            except zlib.error:
                self.damage.append(True)
                self._seek_member(data[1:] if not is_started else data)
                return
            is_started = True
            if plain:
                yield plain
            if decoder.eof:
                self._data = decoder.unused_data.lstrip(b"\0")
                decoder, is_started = zlib.decompressobj(zlib.MAX_WBITS | 16), False

    def _seek_member(self, data: bytes) -> None:
        """Keep the data from the next gzip magic on."""
        while data:
            at = data.find(b"\x1f\x8b\x08")
            if at >= 0:
                self._data = data[at:]
                return
            more = self._file.read(CHUNK_BYTES)
            data = data[-2:] + more if more else b""
        self.is_at_end = True


def _zstd_chunks(file: BinaryIO, damage: list[bool]) -> Iterator[bytes]:
    reader = zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
    try:
        while chunk := reader.read(CHUNK_BYTES):
            yield chunk
    except zstandard.ZstdError:
        damage.append(True)


# --- records ---------------------------------------------------------------------------------


class _Buffer:
    """Bytes read ahead of a segment."""

    def __init__(self, segment: _Segment) -> None:
        self._chunks = segment.chunks
        self.data = bytearray()
        self.is_at_end = False

    def fill(self, n_bytes: int) -> bool:
        """Read until the buffer has so many bytes; say whether it has."""
        while len(self.data) < n_bytes and not self.is_at_end:
            chunk = next(self._chunks, None)
            if chunk is None:
                self.is_at_end = True
            else:
                self.data += chunk
        return len(self.data) >= n_bytes

    def find(self, pattern: "re.Pattern[bytes]", start: int, limit: int) -> "re.Match[bytes] | None":
        """Return the first match from `start` on that ends within `limit` bytes, reading as needed."""
        while True:
            match = pattern.search(self.data, start)
            if match is not None or len(self.data) > limit or self.is_at_end:
                return match
            self.fill(len(self.data) + CHUNK_BYTES)

    def drop(self, n_bytes: int) -> None:
        """Remove bytes from the front."""
        del self.data[:n_bytes]


def _parse(segment: _Segment) -> Iterator[tuple[dict[str, str], bytes, str | None]]:
    buffer = _Buffer(segment)
    buffer.fill(CHUNK_BYTES)
    if buffer.data.startswith(b"filedesc://"):
        yield from _parse_arc(buffer)
        return
    while buffer.fill(1):
        match = buffer.find(_VERSION, 0, CHUNK_BYTES)
        if match is None:
            if not buffer.is_at_end:
                buffer.drop(len(buffer.data) - 20)
                continue
            if bytes(buffer.data).strip(b"\0\r\n "):
                yield {}, b"", "bytes that are not a record"
            return
        buffer.drop(match.end())
        yield _parse_record(buffer, segment)


def _parse_record(buffer: _Buffer, segment: _Segment) -> tuple[dict[str, str], bytes, str | None]:
    head_end = buffer.find(_HEAD_END, 0, CHUNK_BYTES)
    if head_end is None:
        buffer.drop(len(buffer.data))
        return {}, b"", "the header of the record is cut"
    headers = _parse_headers(bytes(buffer.data[: head_end.start()]))
    buffer.drop(head_end.end())
    declared = headers.get("content-length", "")
    length = int(declared) if declared.isdecimal() and len(declared) <= 12 else None
    if length is not None and length > MAX_BLOCK_BYTES:
        return headers, b"", _skip(buffer, length)
    if length is not None and _ends_record(buffer, length):
        block = bytes(buffer.data[:length])
        buffer.drop(length)
        return headers, block, None
    following = buffer.find(_NEXT, 0, MAX_BLOCK_BYTES)
    if following is not None:  # the length is wrong: the record ends where the next one begins
        block = bytes(buffer.data[: following.start()])
        buffer.drop(following.start())
        return headers, block, None
    block = bytes(buffer.data)
    buffer.drop(len(block))
    is_cut = length is None or len(block) < length or any(segment.state)
    return headers, block[:length], "the record is cut or damaged" if is_cut else None


def _ends_record(buffer: _Buffer, length: int) -> bool:
    """Say whether a record of this length is followed by another one or the end of an undamaged segment."""
    if not buffer.fill(length + 64):
        rest = bytes(buffer.data[length:])
        is_whole = len(buffer.data) >= length
        return is_whole and (not rest.strip(b"\r\n\0 ") or _VERSION.search(rest) is not None)
    rest = bytes(buffer.data[length : length + 64])
    return rest.lstrip(b"\r\n\0 ").startswith(b"WARC/") or not rest.strip(b"\0\r\n ")


def _skip(buffer: _Buffer, length: int) -> str:
    """Skip a block that is too large to keep."""
    n_left = length
    while n_left > 0 and buffer.fill(1):
        n_bytes = min(n_left, len(buffer.data))
        buffer.drop(n_bytes)
        n_left -= n_bytes
    return f"the record is larger than {MAX_BLOCK_BYTES // 1_000_000} MB"


def _parse_headers(head: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    name = ""
    for line in head.decode("utf-8", "replace").splitlines():
        if line[:1] in {" ", "\t"} and name:
            headers[name] += " " + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            headers[name] = value.strip()
    return headers


def _parse_arc(buffer: _Buffer) -> Iterator[tuple[dict[str, str], bytes, str | None]]:
    """Yield ARC 1 records as WARC ones: a line with URL, IP, time, type and length precedes each block."""
    while buffer.fill(1):
        match = buffer.find(_ARC_LINE, 0, CHUNK_BYTES)
        if match is None:
            return
        url, at, _, length = (value.decode("latin-1") for value in match.groups())
        buffer.drop(match.end())
        is_whole = buffer.fill(int(length))
        block = bytes(buffer.data[: int(length)])
        buffer.drop(len(block))
        kind = "warcinfo" if url.startswith("filedesc:") else "response"
        headers = {"warc-type": kind, "warc-target-uri": url, "warc-date": at}
        yield headers, block, None if is_whole else "the record is cut or damaged"

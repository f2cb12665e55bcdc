"""Records of WARC and ARC files that others wrote, in order, whatever their damage.

Below `tasks.captures.pages`. Reads WARC 0.17 to 1.x (ISO 28500) and ARC 1 and 2 (Internet Archive, 1996). A
record whose length is wrong ends where the next one begins; damage ends one record and not the file. (Our
own archive has a stricter reader, `tasks.archive.warc`.)
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path

from tasks.captures.containers import ContainerError, is_packed, read_stretches
from tasks.errors import ErrorClass
from warehouse.errors import why_unreadable

CHUNK_BYTES = 1 << 18
MAX_BLOCK_BYTES = 64_000_000  # of one record; of a larger one only the beginning is kept
_LARGE_HEAD_BYTES = 1 << 16
_PROBE_BYTES = 64  # after a record, to see whether it ends there
_PROBE_STRETCHES = 8
_BLANK = b"\0\r\n\t "
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_VERSION = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n")
_ARC_LINE = re.compile(
    # URL, IP, time, type, length; version 2 has more fields before the length
    rb"(?m:^)([A-Za-z][A-Za-z0-9+.-]{0,20}:\S{1,4000}) \S{1,60} (\d{8,14}) (\S{1,200}) "
    rb"(?:\S{1,500} ){0,8}(\d{1,15})\r?\n"
)
_GARBAGE = "bytes that are not a record"
_CUT = "the record is cut or damaged"


@dataclass(frozen=True, slots=True)
class ForeignRecord:
    """One record, or a damaged place; `problem` says why the block is not whole."""

    number: int  # in the file, from 1
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    block: bytes = b""
    problem: str | None = None
    error_class: ErrorClass = ErrorClass.OK  # of the problem
    is_short: bool = False  # the block has fewer bytes than the record declares


def looks_like_warc(path: Path) -> bool:
    """Say whether a file is WARC or ARC by its content; an empty file is. Raises OSError.

    A compressed file of which nothing can be read is one by its name.
    """
    with path.open("rb") as file:
        start = file.read(4)
        if not start:
            return True
        file.seek(0)
        is_readable = not is_packed(start)
        for stretch in islice(read_stretches(file, path.name), _PROBE_STRETCHES):
            buffer = _Buffer(stretch)
            buffer.fill(100_000)
            start = bytes(buffer.data[:100_000])
            is_readable = is_readable or bool(start) or buffer.damage is None
            if _VERSION.search(start) or _ARC_LINE.match(start):
                return True
    return not is_readable and has_warc_name(path)


def has_warc_name(path: Path) -> bool:
    """Say whether a file is called .warc or .arc, compressed or not."""
    return re.search(r"\.w?arc(?:\.\w+)?$", path.name.lower()) is not None


def read_records(path: Path) -> Iterator[ForeignRecord]:
    """Yield the records of a file, and one with a problem for each damaged place between them.

    A file that cannot be read to its end, or not at all, ends with a record that says so.
    """
    numbers = count(1)
    try:
        with path.open("rb") as file:
            dialect = _WARC
            for stretch in read_stretches(file, path.name):
                buffer = _Buffer(stretch)
                buffer.fill(CHUNK_BYTES)
                if _ARC_LINE.match(buffer.data):
                    dialect = _ARC
                yield from _read_stretch(buffer, dialect, numbers)
    except OSError as error:
        reason = f"the file cannot be read: {why_unreadable(error)}"
        yield ForeignRecord(next(numbers), problem=reason, error_class=ErrorClass.TRUNCATED)


class _Buffer:
    """Bytes read ahead of a stretch."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.data = bytearray()
        self.is_at_end = False
        self.damage: str | None = None  # at the end

    def fill(self, n_bytes: int) -> bool:
        """Read until the buffer has so many bytes; say whether it has."""
        while len(self.data) < n_bytes and not self.is_at_end:
            try:
                self.data += next(self._chunks)
            except StopIteration:
                self.is_at_end = True
            except ContainerError as error:
                self.is_at_end, self.damage = True, str(error)
        return len(self.data) >= n_bytes

    def find(self, pattern: "re.Pattern[bytes]", limit: int) -> "re.Match[bytes] | None":
        """Return the first match in the next `limit` bytes, reading as needed."""
        start = 0
        while True:
            match = pattern.search(self.data, start)
            if match is not None or len(self.data) > limit or self.is_at_end:
                return match
            start = max(0, len(self.data) - CHUNK_BYTES)
            self.fill(len(self.data) + CHUNK_BYTES)

    def seek(self, pattern: "re.Pattern[bytes]") -> "tuple[re.Match[bytes] | None, bool]":
        """Drop what precedes the next match; return the match, and whether something was dropped.

        Zeros and line ends are nothing.
        """
        is_dropped = False
        while True:
            match = pattern.search(self.data)
            if match is not None or self.is_at_end:
                n_bytes = match.start() if match is not None else len(self.data)
                is_dropped = is_dropped or bool(self.take(n_bytes).strip(_BLANK))
                return (pattern.match(self.data), is_dropped)
            if len(self.data) > 2 * CHUNK_BYTES:
                is_dropped = bool(self.take(CHUNK_BYTES).strip(_BLANK)) or is_dropped
            self.fill(len(self.data) + CHUNK_BYTES)

    def take(self, n_bytes: int) -> bytes:
        """Remove bytes from the front and return them."""
        with memoryview(self.data) as view:
            taken = bytes(view[:n_bytes])
        del self.data[:n_bytes]
        return taken

    def skip(self, n_bytes: int, pattern: "re.Pattern[bytes]") -> None:
        """Remove bytes from the front, up to the next match at most, reading as needed."""
        while n_bytes > 0 and self.fill(1):
            self.fill(2 * _PROBE_BYTES)
            match = pattern.search(self.data)
            n_safe = len(self.data) - (0 if self.is_at_end else _PROBE_BYTES)  # a match may begin in the rest
            n_dropped = min(n_bytes, match.start() if match is not None else n_safe)
            del self.data[:n_dropped]
            n_bytes -= n_dropped
            if match is not None:
                return


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How the records of a format begin, and what their first lines say."""

    start: "re.Pattern[bytes]"
    following: "re.Pattern[bytes]"  # a line end and the start of the next record, quick to search for
    boundary: "re.Pattern[bytes]"  # matches what follows a record of the right length
    read_head: Callable[["_Buffer", "re.Match[bytes]"], tuple[dict[str, str], bool]]


def _read_stretch(buffer: _Buffer, dialect: _Dialect, numbers: Iterator[int]) -> Iterator[ForeignRecord]:
    has_problem = False
    while True:
        match, is_dropped = buffer.seek(dialect.start)
        if is_dropped:
            has_problem = True
            yield _damaged(next(numbers), _GARBAGE)
        if match is None:
            break
        record = _read_record(buffer, dialect, match, next(numbers))
        has_problem = record.problem is not None
        yield record
    if buffer.damage is not None and not has_problem:
        yield _damaged(next(numbers), buffer.damage)


def _damaged(number: int, problem: str) -> ForeignRecord:
    return ForeignRecord(number, problem=problem, error_class=ErrorClass.TRUNCATED)


def _read_record(buffer: _Buffer, dialect: _Dialect, match: "re.Match[bytes]", number: int) -> ForeignRecord:
    headers, is_whole = dialect.read_head(buffer, match)
    if not is_whole:
        problem = "the header of the record is cut"
        return ForeignRecord(number, headers, problem=problem, error_class=ErrorClass.TRUNCATED)
    declared = headers.get("content-length", "")
    length = int(declared) if declared.isdecimal() and len(declared) <= 15 else None
    if length is not None and length > MAX_BLOCK_BYTES:
        buffer.fill(_LARGE_HEAD_BYTES)
        block = bytes(buffer.data[:_LARGE_HEAD_BYTES])
        buffer.skip(length, dialect.following)
        problem = f"the record is larger than {MAX_BLOCK_BYTES // 1_000_000} MB"
        return ForeignRecord(number, headers, block, problem, ErrorClass.TOO_LARGE)
    if length is not None and _ends_record(buffer, length, dialect):
        return ForeignRecord(number, headers, buffer.take(length))
    return _read_to_next(buffer, dialect, ForeignRecord(number, headers), length)


def _ends_record(buffer: _Buffer, length: int, dialect: _Dialect) -> bool:
    """Say whether a record of this length is whole and followed by another one or the end."""
    if not buffer.fill(length):
        return False
    buffer.fill(length + _PROBE_BYTES)
    rest = bytes(buffer.data[length : length + _PROBE_BYTES])
    return not rest.strip(_BLANK) or dialect.boundary.match(rest) is not None


def _read_to_next(
    buffer: _Buffer, dialect: _Dialect, record: ForeignRecord, length: int | None
) -> ForeignRecord:
    """Return the record with what lies before the next one; its declared length is wrong."""
    following = buffer.find(dialect.following, MAX_BLOCK_BYTES)
    if following is not None:
        block = buffer.take(following.start()).removesuffix(b"\r").removesuffix(b"\n").removesuffix(b"\r")
        is_short = length is not None and len(block) < length
        return ForeignRecord(record.number, record.headers, block, is_short=is_short)
    block = buffer.take(len(buffer.data))
    if length is None and buffer.is_at_end and buffer.damage is None:
        return ForeignRecord(record.number, record.headers, block.rstrip(b"\r\n"))
    return ForeignRecord(record.number, record.headers, block[:length], _CUT, ErrorClass.TRUNCATED)


# --- WARC ------------------------------------------------------------------------------------


def _read_warc_head(buffer: _Buffer, version: "re.Match[bytes]") -> tuple[dict[str, str], bool]:
    """Return the fields of a record, names in lower case, and whether all are there."""
    buffer.take(version.end())
    end = buffer.find(_HEAD_END, CHUNK_BYTES)
    if end is None:
        lines = buffer.take(len(buffer.data)).rpartition(b"\n")[0]  # the last line is cut
        return _parse_fields(lines), False
    head = bytes(buffer.data[: end.start()])
    del buffer.data[: end.end()]
    return _parse_fields(head), True


def _parse_fields(head: bytes) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in head.decode("utf-8", "replace").split("\n"):
        if line[:1] in {" ", "\t"} and name:
            fields[name] += " " + line.strip()
        elif ":" in line:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


# --- ARC -------------------------------------------------------------------------------------


def _read_arc_line(buffer: _Buffer, line: "re.Match[bytes]") -> tuple[dict[str, str], bool]:
    """Return the fields that a WARC record would have, out of the line that precedes an ARC block."""
    url, at, content_type, length = (value.decode("latin-1") for value in line.groups())
    buffer.take(line.end())
    fields = {
        "warc-type": "warcinfo" if url.startswith("filedesc:") else "response",
        "warc-target-uri": url,
        "warc-date": at,
        "arc-type": content_type,
        "content-length": length,
    }
    return fields, True


_WARC = _Dialect(
    _VERSION,
    re.compile(rb"\n(?=WARC/\d+\.\d+[ \t]*\r?\n[A-Za-z-]+[ \t]*:)"),
    re.compile(rb"[\0\r\n\t ]*WARC/|\r\n\r\n"),
    _read_warc_head,
)
_ARC = _Dialect(
    _ARC_LINE,
    re.compile(rb"\n(?=" + _ARC_LINE.pattern + rb")"),
    re.compile(rb"[\0\r\n\t ]*[A-Za-z][A-Za-z0-9+.-]*:\S"),
    _read_arc_line,
)

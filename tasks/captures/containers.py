"""The content of a WARC file out of its container: plain, gzip (a member per record or one over all), zstd.

Below `tasks.captures.records`. Damage ends a stretch of content and not the file: the next stretch begins at
the next gzip member or zstd frame that starts a record.
"""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO

import zstandard

CHUNK_BYTES = 1 << 16
_FIRST_BYTES = 1 << 11  # asked of a gzip member first, so that the header of a damaged record is known
_PROBE_BYTES = 1 << 12
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_SKIPPABLE = tuple(bytes([n]) + b"\x2a\x4d\x18" for n in range(0x50, 0x60))
_DICTIONARY = b"\x5d\x2a\x4d\x18"  # IIPC, "WARC compression with Zstandard": a frame with the dictionary
_MAX_DICTIONARY_BYTES = 16_000_000
_ZSTD_STEP = 1 << 9  # 3 bytes can give a block of 128 KiB: 21 MB at worst
_RECORD_STARTS = (b"WARC/", b"filedesc:", b"http:", b"https:", b"dns:")
_BLANK = b"\0\r\n "


class ContainerError(Exception):
    """The content ends here in damage; `str()` says which."""


def read_stretches(file: BinaryIO, name: str) -> Iterator[Iterator[bytes]]:
    """Yield the stretches of content between damage, each as an iterator of chunks.

    A stretch that ends in damage raises ContainerError at its end; read each to its end before the next.
    The container is known by the first bytes of the file, else by its name.
    """
    source = _Input(file)
    packing = _packing_of(source, name)
    if packing is None:
        yield iter(source.read, b"")
        return
    yield _stretch(source, packing)
    while source.skip_to(packing):
        yield _stretch(source, packing)


def is_packed(start: bytes) -> bool:
    """Say whether a file with these first bytes is compressed."""
    return start.startswith((_GZIP_MAGIC, _ZSTD_MAGIC, *_SKIPPABLE))


@dataclass(slots=True)
class _Input:
    """A file, and bytes of it that are read again."""

    file: BinaryIO
    ahead: bytes = b""

    def read(self) -> bytes:
        """Return the next bytes; none at the end of the file."""
        data, self.ahead = self.ahead or self.file.read(CHUNK_BYTES), b""
        return data

    def peek(self, n_bytes: int) -> bytes:
        """Return the next bytes without reading past them; fewer at the end of the file."""
        while len(self.ahead) < n_bytes and (more := self.file.read(CHUNK_BYTES)):
            self.ahead += more
        return self.ahead[:n_bytes]

    def skip_blank(self) -> None:
        """Skip zeros and line ends, which some writers put between members."""
        while self.peek(1):
            self.ahead = self.ahead.lstrip(_BLANK)
            if self.ahead:
                return

    def skip_to(self, packing: "_Packing") -> bool:
        """Skip to the next member that starts a record; say whether there is one."""
        while len(self.peek(_PROBE_BYTES)) >= len(packing.magic):
            at = self.ahead.find(packing.magic)
            if at < 0:
                self.ahead = self.ahead[1 - len(packing.magic) :]
                continue
            self.ahead = self.ahead[at:]
            if packing.starts_record(self.peek(_PROBE_BYTES)):
                return True
            self.ahead = self.ahead[1:]
        return False


@dataclass(frozen=True, slots=True)
class _Packing:
    """How a container's members begin and are unpacked."""

    magic: bytes  # searched for after damage
    magics: tuple[bytes, ...]  # of all members
    starts_record: Callable[[bytes], bool]
    unpack: Callable[[_Input], Iterator[bytes]]


def _packing_of(source: _Input, name: str) -> _Packing | None:
    start, suffix = source.peek(10), name.lower().rpartition(".")[2]
    if start.startswith(_GZIP_MAGIC):
        return _GZIP
    if start.startswith((_ZSTD_MAGIC, *_SKIPPABLE)):
        return _zstd(source)
    if not start or start.startswith(_RECORD_STARTS):
        return None
    if suffix == "zst":
        return _zstd(source)
    return _GZIP if suffix == "gz" else None


def _stretch(source: _Input, packing: _Packing) -> Iterator[bytes]:
    while source.peek(8).startswith(packing.magics):
        yield from packing.unpack(source)
        source.skip_blank()
    if source.peek(1):
        raise ContainerError("bytes that are not compressed content")


# --- gzip (RFC 1952) -------------------------------------------------------------------------


def _gunzip(source: _Input) -> Iterator[bytes]:
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    limit = _FIRST_BYTES
    while not decoder.eof:
        data = decoder.unconsumed_tail or source.read()
        if not data:
            raise ContainerError("the gzip member is cut by the end of the file")
        try:
            plain = decoder.decompress(data, limit)
        except zlib.error as error:
            source.ahead = data if limit == CHUNK_BYTES else data[1:]  # past the magic of this member
            raise ContainerError(f"damaged gzip data ({error})") from error
        limit = CHUNK_BYTES
        if plain:
            yield plain
    source.ahead = decoder.unused_data


def _starts_gzip_record(head: bytes) -> bool:
    try:
        plain = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(head, 16)
    except zlib.error:
        return False
    return plain.startswith(_RECORD_STARTS)


_GZIP = _Packing(_GZIP_MAGIC + b"\x08", (_GZIP_MAGIC,), _starts_gzip_record, _gunzip)


# --- zstd (RFC 8878) -------------------------------------------------------------------------


def _zstd(source: _Input) -> _Packing:
    """Return how to unpack zstd frames, with the dictionary that the file begins with, if it has one."""
    context = zstandard.ZstdDecompressor(dict_data=_dictionary(source))
    unpack = partial(_unzstd, context=context)
    return _Packing(_ZSTD_MAGIC, (_ZSTD_MAGIC, *_SKIPPABLE), _starts_zstd_frame, unpack)


def _unzstd(source: _Input, context: zstandard.ZstdDecompressor) -> Iterator[bytes]:
    decoder, is_started = context.decompressobj(), False
    while data := source.read():
        for start in range(0, len(data), _ZSTD_STEP):
            end = start + _ZSTD_STEP
            try:
                plain = decoder.decompress(data[start:end])
            except zstandard.ZstdError as error:
                source.ahead = data[start:] if is_started else data[1:]  # past the magic of this frame
                raise ContainerError(f"damaged zstd data ({error})") from error
            is_started = True
            if plain:
                yield plain
            if decoder.eof:
                source.ahead = decoder.unused_data + data[end:]
                return
    raise ContainerError("the zstd frame is cut by the end of the file")


def _starts_zstd_frame(head: bytes) -> bool:
    try:
        zstandard.get_frame_parameters(head)
    except zstandard.ZstdError:
        return False
    return True


def _dictionary(source: _Input) -> zstandard.ZstdCompressionDict | None:
    head = source.peek(8)
    n_bytes = int.from_bytes(head[4:8], "little")
    if head[:4] != _DICTIONARY or n_bytes > _MAX_DICTIONARY_BYTES:
        return None
    data = source.peek(8 + n_bytes)[8:]
    source.ahead = source.ahead[8 + n_bytes :]
    if data.startswith(_ZSTD_MAGIC):
        try:
            data = zstandard.ZstdDecompressor().decompress(data, max_output_size=_MAX_DICTIONARY_BYTES)
        except zstandard.ZstdError:
            return None
    return zstandard.ZstdCompressionDict(data)

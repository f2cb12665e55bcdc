"""Content codings decoded within bounds: decompression bombs end at their cap, cut streams are
detected.

urllib3 returns a gzip body that was cut in half as if it were complete, so decoding is done here: at
most the cap in memory, at most two codings, and each stream must reach its end.
"""

import zlib
from collections.abc import Callable, Iterator, Sequence

import brotli
import zstandard

from tasks.errors import ErrorClass
from tasks.http_client.deadline import too_large
from tasks.http_client.errors import Fault
from tasks.http_client.result import Limits

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_MAX_CODINGS = 2
_RATIO_FROM_BYTES = 1_000_000  # smaller documents may have any ratio
_STEP_BYTES = 1 << 16
_ZSTD_WINDOW = 1 << 23  # RFC 9659, section 3: the maximum on the web
_ZSTD_STEP = 64  # a block is 3 bytes at least and 128 KiB at most: 64 bytes give 2.7 MB at worst


def decode(body: bytes, codings: Sequence[str], limits: Limits, *, may_be_cut: bool = False) -> bytes:
    """Return the document inside its content codings, the last applied being removed first.

    With `may_be_cut` (robots.txt, of which only the beginning counts) a cut stream gives what was
    decoded. Raises Fault: CONTENT_ENCODING, TRUNCATED or TOO_LARGE.
    """
    names = [name for raw in codings for name in raw.lower().replace(" ", "").split(",")]
    names = [name for name in names if name not in {"", "identity"}]
    if len(names) > _MAX_CODINGS:
        reason = f"The document has {len(names)} content codings; at most {_MAX_CODINGS} are decoded."
        raise Fault(ErrorClass.CONTENT_ENCODING, reason, can_retry=False)
    decoded = body
    for name in reversed(names):
        decoder = _DECODERS.get(name)
        if decoder is None:
            reason = f"Unknown content coding {name[:40]!a}."
            raise Fault(ErrorClass.CONTENT_ENCODING, reason, can_retry=False)
        if decoded:
            decoded = _bounded(decoder(decoded, may_be_cut), name, len(body), limits)
    return decoded


def has_gzip_magic(body: bytes) -> bool:
    """Say whether a document is itself a gzip file, as sitemaps often are."""
    return body[:3] == b"\x1f\x8b\x08"


def _bounded(parts: Iterator[bytes], name: str, n_wire: int, limits: Limits) -> bytes:
    decoded = bytearray()
    try:
        for part in parts:
            decoded += part
            if len(decoded) > limits.decoded_bytes:
                raise too_large(limits.decoded_bytes)
            if len(decoded) > max(_RATIO_FROM_BYTES, n_wire * limits.expansion_ratio):
                reason = f"The document decompresses to more than {limits.expansion_ratio} times its size."
                raise Fault(ErrorClass.TOO_LARGE, reason, can_retry=False)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        reason = f"The document is not valid {name}: {error}."
        raise Fault(ErrorClass.CONTENT_ENCODING, reason, can_retry=False) from error
    return bytes(decoded)


def _cut(name: str) -> Fault:
    return Fault(ErrorClass.TRUNCATED, f"The {name} stream is truncated.")


def _inflate(body: bytes, may_be_cut: bool, window_bits: int, name: str) -> Iterator[bytes]:
    rest, n_members = body, 0
    while rest:
        decoder = zlib.decompressobj(window_bits)
        try:
            while rest and not decoder.eof:
                yield decoder.decompress(rest, _STEP_BYTES)
                rest = decoder.unconsumed_tail
            while not decoder.eof and (more := decoder.decompress(rest, _STEP_BYTES)):
                yield more
        except zlib.error:
            if n_members and not has_gzip_magic(rest):
                return  # padding after a complete member: gzip, browsers and curl ignore it
            raise
        if not decoder.eof:
            if may_be_cut:
                return
            raise _cut(name)
        n_members += 1
        rest = decoder.unused_data if window_bits > zlib.MAX_WBITS else b""


def _gzip(body: bytes, may_be_cut: bool) -> Iterator[bytes]:
    return _inflate(body, may_be_cut, zlib.MAX_WBITS | 16, "gzip")


def _deflate(body: bytes, may_be_cut: bool) -> Iterator[bytes]:
    # RFC 9110 §8.4.1.2 means the zlib format; many servers send bare deflate.
    has_head = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflate(body, may_be_cut, zlib.MAX_WBITS if has_head else -zlib.MAX_WBITS, "deflate")


def _brotli(body: bytes, may_be_cut: bool) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    yield decoder.process(body, output_buffer_limit=_STEP_BYTES)
    while not decoder.is_finished() and not decoder.can_accept_more_data():
        yield decoder.process(b"", output_buffer_limit=_STEP_BYTES)
    if not decoder.is_finished() and not may_be_cut:
        raise _cut("brotli")


def _zstd(body: bytes, may_be_cut: bool) -> Iterator[bytes]:
    context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    decoder = context.decompressobj()
    start = 0
    while start < len(body):
        if decoder.eof:
            decoder = context.decompressobj()
        end = start + _ZSTD_STEP
        yield decoder.decompress(body[start:end])
        start = min(end, len(body)) - len(decoder.unused_data)
    if not decoder.eof and not may_be_cut:
        raise _cut("zstd")


_DECODERS: dict[str, Callable[[bytes, bool], Iterator[bytes]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}

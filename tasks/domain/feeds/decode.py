"""Bytes of a feed document -> clean text, whatever the headers say of its encoding.

The first step of `parse.parse_feed`. All later checks (entities, depth, truncation) run on the decoded
text, so that no encoding can carry a forbidden construct past them.
"""

import codecs
import gzip
import re
import zlib
from collections.abc import Iterator

from charset_normalizer import from_bytes
from w3lib.encoding import resolve_encoding

from tasks.errors import ErrorClass, FeedFormatError

MAX_BYTES = 52_428_800  # sitemaps.org: at most 50 MiB, uncompressed

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# The first character of a markup document is "<": its zero bytes tell the width (XML 1.0, appendix F).
_WIDE_STARTS = (
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_XML_ENCODING = re.compile(r"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})""")
_HTML_ENCODING = re.compile(r"""<meta[^>]{0,200}?charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.I)
_HEADER_ENCODING = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.I)
_BY_LANGUAGE = {
    "ru": "cp1251", "uk": "cp1251", "bg": "cp1251", "be": "cp1251", "sr": "cp1251", "mk": "cp1251",
    "ja": "cp932", "zh": "gb18030", "ko": "cp949", "el": "cp1253", "tr": "cp1254", "he": "cp1255",
    "ar": "cp1256", "fa": "cp1256", "pl": "cp1250", "cs": "cp1250", "hu": "cp1250", "th": "cp874",
}  # fmt: skip
# Encodings whose text a detector cannot take for a Western one. Detectors take short German text for cp850.
_DETECTABLE = frozenset({
    "cp1251", "koi8_r", "cp1253", "iso8859_7", "cp1255", "cp1256", "cp874",
    "big5", "big5hkscs", "gb18030", "gb2312", "gbk", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949",
})  # fmt: skip
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def decode_document(body: bytes, url: str, content_type: str | None, language: str | None) -> str:
    """Return the document's text without a byte order mark or a character that XML forbids.

    Valid UTF-8 beyond ASCII wins over any declaration of a one-byte encoding: text in such
    an encoding is practically never valid UTF-8. Raises FeedFormatError for a damaged gzip member.
    """
    body = _unzip(body, url)
    text = _decode(body, content_type, language)
    return _ILLEGAL.sub("", text.removeprefix("\ufeff"))


def _unzip(body: bytes, url: str) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    decoder = zlib.decompressobj(wbits=31)
    try:
        plain = decoder.decompress(body, MAX_BYTES)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise FeedFormatError(url, ErrorClass.PARSE, f"The gzip data is damaged: {error}.") from error
    if not plain:
        raise FeedFormatError(url, ErrorClass.PARSE, "The gzip data is truncated.")
    if decoder.unconsumed_tail:
        raise FeedFormatError(
            url, ErrorClass.TOO_LARGE, f"The document is larger than {MAX_BYTES} bytes after decompression."
        )
    return plain


def _decode(body: bytes, content_type: str | None, language: str | None) -> str:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for start, encoding in _WIDE_STARTS:
        if body.lstrip(b" \r\n\t").startswith(start):
            return body.decode(encoding, "replace")
    declared = _declared_encodings(body, content_type)
    for encoding in _in_order(declared, body, language):
        try:
            return body.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return _decode_damaged(body, declared)


def _in_order(declared: list[str], body: bytes, language: str | None) -> Iterator[str]:
    """Yield the encodings to try, the most likely first."""
    is_multibyte = any(_is_multibyte(encoding) for encoding in declared)
    yield from [*declared, "utf-8"] if is_multibyte else ["utf-8", *declared]
    if not _is_mostly_utf8(body):
        yield _BY_LANGUAGE.get((language or "")[:2].lower()) or _detected(body)
        yield "cp1252"


def _decode_damaged(body: bytes, declared: list[str]) -> str:
    if declared and not _is_mostly_utf8(body) and declared[0] != "utf-8":
        return body.decode(declared[0], "replace")
    return body.decode("utf-8" if _is_mostly_utf8(body) else "latin-1", "replace")


def _declared_encodings(body: bytes, content_type: str | None) -> list[str]:
    head = body[:2048].decode("latin-1")
    matches = [
        _HEADER_ENCODING.search(content_type or ""),
        _XML_ENCODING.search(head) or _HTML_ENCODING.search(head),
    ]
    names = [encoding for match in matches if match and (encoding := _known_encoding(match[1]))]
    # RFC 7303 section 3: the header wins. But a header of Western text is a server's default more
    # often than the truth about a document that says otherwise.
    return names[::-1] if len(names) == 2 and names[0] in ("cp1252", "ascii") else names


def _known_encoding(name: str) -> str | None:
    # UTF-7 can write "<" in letters, and no feed uses it; the wide forms are detected by their bytes.
    encoding = resolve_encoding(name)
    if encoding is None or encoding.startswith(("utf-7", "utf-16", "utf-32")):
        return None
    try:
        return encoding if codecs.lookup(encoding)._is_text_encoding else None
    except LookupError:
        return None


def _detected(body: bytes) -> str:
    """Return a guess at an undeclared one-byte or Asian encoding, from the first lines beyond ASCII."""
    lines = [line for line in body.splitlines() if not line.isascii()]
    sample = re.sub(rb"<[^<>]{1,500}>", b" ", b"\n".join(lines)[:8192])
    guess = from_bytes(sample, cp_exclusion=["utf_7", "utf_16", "utf_32"]).best() if sample else None
    return guess.encoding if guess is not None and guess.encoding in _DETECTABLE else "cp1252"


def _is_multibyte(encoding: str) -> bool:
    return encoding.startswith(("gb", "big5", "cp932", "cp949", "euc", "shift", "iso2022", "iso-2022", "hz"))


def _is_mostly_utf8(body: bytes) -> bool:
    """Say whether far more of the bytes beyond ASCII form UTF-8 characters than do not."""
    beyond_ascii = sum(map(len, re.findall(rb"[\x80-\xff]+", body)))
    if not beyond_ascii:
        return True
    n_broken = body.decode("utf-8", "replace").count("\ufffd") - body.count(b"\xef\xbf\xbd")
    return n_broken * 10 < beyond_ascii

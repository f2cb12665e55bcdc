"""The meaning of a response head: its fields, and the faults of its status and content type. Pure."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from tasks.errors import ErrorClass
from tasks.http_client.errors import Fault
from tasks.http_client.result import Document

# Bytes that text does not contain (MIME Sniffing §3), except NUL, which some pages have; a tenth of random
# bytes are of these.
_BINARY = bytes({*range(1, 9), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)})
_MAX_BINARY_RATIO = 0.05

Headers = tuple[tuple[str, str], ...]

MAX_RETRY_AFTER_S = 24 * 3600
DEFAULT_RETRY_AFTER_S = 600  # when Retry-After cannot be parsed
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})

_STATUS_CLASSES = {
    304: ErrorClass.NOT_MODIFIED,
    401: ErrorClass.UNAUTHORISED,
    403: ErrorClass.FORBIDDEN,
    404: ErrorClass.NOT_FOUND,
    410: ErrorClass.GONE,
    429: ErrorClass.RATE_LIMITED,
}
_TEXT_APPLICATIONS = re.compile(r"application/(xhtml\+xml|xml|[\w.-]+\+xml|octet-stream|x-httpd-php)")
_NOT_PAGES = re.compile(r"text/(css|javascript|csv|calendar|vcard|event-stream)")
_MAGIC = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG", "an image"),
    (b"GIF8", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"RIFF", "an image or audio file"),
    (b"PK\x03\x04", "a zip file"),
    (b"ID3", "an audio file"),
    (b"OggS", "an audio file"),
    (b"\xd0\xcf\x11\xe0", "an Office document"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
)


def parse_head(head: bytes) -> Headers:
    """Return a response head's fields in order, as latin-1, folded lines joined (RFC 9112 §5.2)."""
    fields: list[tuple[str, str]] = []
    for line in head.decode("latin-1").split("\n")[1:]:
        line = line.rstrip("\r").replace("\r", " ")
        if not line:
            break
        if line[0] in " \t" and fields:
            name, value = fields[-1]
            fields[-1] = (name, value + " " + line.strip(" \t"))
        elif ":" in line:
            name, value = line.split(":", 1)
            fields.append((name.strip(" \t"), value.strip(" \t")))
    return tuple(fields)


def values_of(headers: Headers, name: str) -> list[str]:
    """Return the values of all fields of that name."""
    return [value for key, value in headers if key.lower() == name]


def retry_after_s(headers: Headers, now: datetime) -> int | None:
    """Return how long a server asks to wait (RFC 9110 §10.2.3), in seconds, at most a day.

    None without the field; ten minutes when it cannot be parsed.
    """
    values = values_of(headers, "retry-after")
    if not values:
        return None
    value = values[0].strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]*)?", value):
        whole = value.partition(".")[0].lstrip("0")
        # Length first: int() refuses numbers of thousands of digits.
        return MAX_RETRY_AFTER_S if len(whole) > 5 else min(int(whole or "0"), MAX_RETRY_AFTER_S)
    try:
        at = parsedate_to_datetime(value)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at
        wait_s = (at - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return DEFAULT_RETRY_AFTER_S
    return int(min(max(wait_s, 0), MAX_RETRY_AFTER_S))


def status_fault(
    host: str, status: int, headers: Headers, *, has_validators: bool, now: datetime
) -> Fault | None:
    """Return the fault that a status stands for, or None when a document follows.

    `NOT_MODIFIED` is returned in the same way, since no document follows it.
    """
    if status == 200 or (201 <= status < 300 and status not in {204, 205, 206}):
        return None
    wait_s = retry_after_s(headers, now) if status in {429, 503} or status >= 500 else None
    said = f"{host} answered {status} {_phrase(status)}".rstrip() + "."
    if status in {204, 205}:
        return Fault(ErrorClass.EMPTY, said, can_retry=False)
    if status == 304 and not has_validators:
        text = f"{host} answered 304 to a request without validators."
        return Fault(ErrorClass.BAD_RESPONSE, text, can_retry=False)
    if status == 429:
        wait_s = DEFAULT_RETRY_AFTER_S if wait_s is None else wait_s
    if 500 <= status < 600:
        return Fault(ErrorClass.SERVER_ERROR, said, retry_after_s=wait_s)
    found = _STATUS_CLASSES.get(status, ErrorClass.HTTP_STATUS)
    return Fault(found, said, can_retry=found is ErrorClass.RATE_LIMITED, retry_after_s=wait_s)


def type_fault(content_type: str | None, document: Document) -> Fault | None:
    """Return the fault of a page whose content type is not a page; other documents are judged by
    content.
    """
    if document is not Document.PAGE or not content_type:
        return None
    mime = content_type.partition(";")[0].partition(",")[0].strip().lower()
    if "/" not in mime or (mime.startswith("text/") and not _NOT_PAGES.fullmatch(mime)):
        return None
    if _TEXT_APPLICATIONS.fullmatch(mime):
        return None
    return Fault(ErrorClass.CONTENT_TYPE, f"The content type is {mime[:80]!a}, not a page.", can_retry=False)


def content_fault(body: bytes, document: Document, content_type: str | None = None) -> Fault | None:
    """Return the fault of an empty document, or of a page whose bytes are a file of another type."""
    if document is Document.ROBOTS:
        return None
    if not body.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        return Fault(ErrorClass.EMPTY, "The document is empty.", can_retry=False)
    if document is not Document.PAGE:
        return None
    for magic, what in _MAGIC:
        if body.startswith(magic):
            return Fault(ErrorClass.CONTENT_TYPE, f"The document is {what}, not a page.", can_retry=False)
    if _is_binary(body[:4096]) and "utf-16" not in (content_type or "").lower():
        return Fault(ErrorClass.CONTENT_TYPE, "The document is binary data, not a page.", can_retry=False)
    return None


def _is_binary(beginning: bytes) -> bool:
    """Say whether bytes are not text in any encoding; UTF-16 is recognised by its byte order mark."""
    if beginning.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    n_binary = len(beginning) - len(beginning.translate(None, _BINARY))
    return n_binary > _MAX_BINARY_RATIO * len(beginning)


def declared_length(headers: Sequence[tuple[str, str]]) -> int | None:
    """Return the Content-Length, or None when it is missing or not a number."""
    values = values_of(tuple(headers), "content-length")
    if not values or not values[0].isascii() or not values[0].isdecimal():
        return None
    return int(values[0]) if len(values[0].lstrip("0")) <= 15 else 10**15


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""

"""The pages of one source in WARC files that others wrote (CC-NEWS among them).

Replaces the indexes of a backfill. Every record is a page, a reject with its reason, or counted by kind.
"""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import idna

from tasks.backfill.walk import Days
from tasks.backfill.warc_stream import ForeignRecord, looks_like_warc, read_records
from tasks.domain.urls.host import registrable_domain
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, ItemError, UsageError, why_unreadable
from tasks.http_client.decode import decode
from tasks.http_client.errors import Fault
from tasks.http_client.response import content_fault, parse_head, type_fault, values_of
from tasks.http_client.result import Document, FetchResult, Limits
from warehouse.records import FeedEntry, FetchReason, PageRequest, Reject, Source, Step

MAX_PAGE_BYTES = 32_000_000
Capture = tuple[PageRequest, FetchResult]

log = logging.getLogger("wirehouse.backfill")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"HTTP/\d(?:\.\d)? +(\d{3})")
_HTML = re.compile(rb"<(?:!doctype +html|html|head|body|article|h1|p)[\s>]", re.IGNORECASE)
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_GZIP_NAMES = frozenset({"gzip", "x-gzip"})


def check_warc(path: Path) -> None:
    """Raise UsageError when a file cannot be read or is neither WARC nor ARC."""
    try:
        is_warc = looks_like_warc(path)
    except OSError as error:
        raise UsageError(f"--warc: '{path}' cannot be read: {why_unreadable(error)}") from error
    if not is_warc:
        raise UsageError(f"--warc: '{path}' is not a WARC file. Name a .warc or .warc.gz file.")


def read_warc(path: Path, source: Source, days: Days) -> Iterator[Capture | Reject]:
    """Yield the pages of a source in a file, each as if it had been fetched when it was captured.

    A page captured before the range is only counted: it cannot have been published in it. Logs how many
    records there were of each kind. Raises UsageError when the file cannot be read.
    """
    domains = frozenset(
        _domain(url) for url in (source.homepage, *(feed.url for feed in source.feeds)) if url
    )
    counts: Counter[str] = Counter()
    captured_at = datetime.now(UTC)
    try:
        for record in read_records(path):
            captured_at = _instant(record.headers.get("warc-date")) or captured_at
            outcome = _read_record(path, record, source, domains, days, captured_at)
            if isinstance(outcome, str):
                counts[outcome] += 1
            else:
                counts["rejects" if isinstance(outcome, Reject) else "pages"] += 1
                yield outcome
    except OSError as error:
        raise UsageError(f"--warc: '{path}' cannot be read: {why_unreadable(error)}") from error
    kinds = ", ".join(f"{n} {kind}" for kind, n in sorted(counts.items()))
    log.info("%s: %d records (%s)", path.name, counts.total(), kinds or "none")


def _read_record(
    path: Path, record: ForeignRecord, source: Source, domains: frozenset[str], days: Days, at: datetime
) -> Capture | Reject | str:
    """Return the page of a record, why there is none, or the kind that it is counted as."""
    kind = record.headers.get("warc-type", "").lower()
    url = record.headers.get("warc-target-uri", "").strip("<> \t")
    if record.problem is not None:
        if kind not in {"", "response", "resource"} or (url and _domain(url) not in domains):
            return "of other kinds"
        reason = f"Record {record.number} of '{path.name}': {record.problem}."
        return _reject(path, record, source, url, ErrorClass.TRUNCATED, reason)
    if kind not in {"response", "resource"}:
        return f"{kind or 'unnamed'} records"
    if not url:
        reason = f"Record {record.number} of '{path.name}' has no URL (WARC-Target-URI)."
        return _reject(path, record, source, url, ErrorClass.BAD_URL, reason)
    if _domain(url) not in domains:
        return "of other sites"
    captured_on = days.day_of(_instant(record.headers.get("warc-date")))
    if captured_on is not None and captured_on < days.since:
        return "captured before the range"
    try:
        return _read_page(record, source, _ascii_url(url), at, is_response=kind == "response")
    except Fault as fault:
        if fault.error_class in {ErrorClass.CONTENT_TYPE, ErrorClass.HTTP_STATUS}:
            return "not HTML" if fault.error_class is ErrorClass.CONTENT_TYPE else "not 200"
        return _reject(path, record, source, url, fault.error_class, fault.reason)
    except ItemError as error:
        return _reject(path, record, source, url, error.error_class, error.reason)


def _read_page(
    record: ForeignRecord, source: Source, url: str, at: datetime, *, is_response: bool
) -> Capture:
    """Return the page of a response or resource record. Raises Fault or ItemError."""
    content_type, body = record.headers.get("content-type", ""), record.block
    if is_response:
        content_type, body = _response(record.block)
    if len(body) > MAX_PAGE_BYTES:
        reason = f"The page is larger than {MAX_PAGE_BYTES // 1_000_000} MB."
        raise Fault(ErrorClass.TOO_LARGE, reason)
    fault = type_fault(content_type, Document.PAGE)
    if fault is not None and not _HTML.search(body[:2048]):
        raise fault
    fault = content_fault(body, Document.PAGE, content_type)
    if fault is not None and fault.error_class is ErrorClass.CONTENT_TYPE:
        raise fault
    request = PageRequest(source.name, url, url_key(url), FeedEntry(url), reason=FetchReason.BACKFILL)
    return request, _result(url, content_type, body, at)


def _response(block: bytes) -> tuple[str, bytes]:
    """Return content type and decoded body of an HTTP response. Raises Fault."""
    end, status = _HEAD_END.search(block), _STATUS.match(block)
    if status is not None and status[1] != b"200":
        raise Fault(ErrorClass.HTTP_STATUS, f"The status is {status[1].decode()}.")
    if end is None or status is None:
        raise Fault(ErrorClass.TRUNCATED, "The headers of the response are cut.")
    headers = parse_head(block[: end.end()])
    body = block[end.end() :]
    if "chunked" in " ".join(values_of(headers, "transfer-encoding")).lower():
        body = _without_chunks(body)
    content_type = next(iter(values_of(headers, "content-type")), "")
    return content_type, _decoded(body, values_of(headers, "content-encoding"))


def _decoded(body: bytes, codings: list[str]) -> bytes:
    """Return a body without its content coding; some writers decode it and keep the header."""
    try:
        return decode(body, codings, Limits(decoded_bytes=MAX_PAGE_BYTES))
    except Fault as fault:
        names = {name.strip().lower() for coding in codings for name in coding.split(",")}
        is_decoded = _HTML.search(body[:2048]) is not None and not body.startswith(b"\x1f\x8b")
        if fault.error_class is ErrorClass.TOO_LARGE or not is_decoded or not names:
            raise
        return body


def _without_chunks(body: bytes) -> bytes:
    """Return a body without chunk framing; some writers remove it and keep the header."""
    parts: list[bytes] = []
    at = 0
    while size := _CHUNK_SIZE.match(body, at):
        n_bytes = int(size[1], 16)
        if not n_bytes:
            return b"".join(parts)
        parts.append(body[size.end() : size.end() + n_bytes])
        at = size.end() + n_bytes
        at += 2 if body[at : at + 2] == b"\r\n" else 1 if body[at : at + 1] == b"\n" else 0
    return b"".join([*parts, body[at:]])


def _result(url: str, content_type: str, body: bytes, at: datetime) -> FetchResult:
    parts = urlsplit(url)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return FetchResult(
        url=url,
        final_url=url,
        error_class=ErrorClass.OK,
        reason="",
        started_at=at,
        status=200,
        headers=(("Content-Type", content_type),),
        body=body,
        wire_body=body,
        request_head=f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode(),
        response_head=head.encode("latin-1", "replace"),
    )


def _reject(
    path: Path, record: ForeignRecord, source: Source, url: str, error_class: ErrorClass, reason: str
) -> Reject:
    where = url or f"{path.as_uri()}#record-{record.number}"
    return Reject(source.name, Step.FETCH, error_class.value, reason, where, at=datetime.now(UTC))


def _ascii_url(url: str) -> str:
    """Return a URL with the ASCII form of its host name; unchanged when it has none."""
    parts = urlsplit(url)
    host = _ascii_host(url)
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=host + port).geturl() if host else url


def _domain(url: str) -> str:
    """Return the registrable domain of a URL, in ASCII; "" when it has no host."""
    host = _ascii_host(url)
    return registrable_domain(host) or host


def _ascii_host(url: str) -> str:
    try:
        parts = urlsplit(url)
        host = unquote(parts.hostname or "").lower()
        _ = parts.port  # raises ValueError for a port that is not a number
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except (ValueError, UnicodeError):
        return ""


def _instant(text: str | None) -> datetime | None:
    """Return a WARC-Date, or the 14 digits of an ARC record, as an instant."""
    digits = re.fullmatch(r"\d{14}", text or "")
    try:
        at = (
            datetime.strptime(digits[0], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            if digits
            else datetime.fromisoformat(text or "")
        )
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)

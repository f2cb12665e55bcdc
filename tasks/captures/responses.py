"""The document of a captured response: HTTP head, chunk framing and content codings taken off.

Below `tasks.captures.pages`. Tolerates what crawlers write: framing or codings that are already removed while
their header fields are kept, wrong lengths, several heads. Content codings are decoded by
`tasks.http_client.decode`, as for pages that are fetched.
"""

import re
from dataclasses import dataclass

from tasks.captures.records import ForeignRecord
from tasks.errors import ErrorClass
from tasks.http_client.decode import decode
from tasks.http_client.errors import Fault
from tasks.http_client.response import Headers, content_fault, parse_head, type_fault, values_of
from tasks.http_client.result import Document, Limits

MAX_PAGE_BYTES = 32_000_000
_LIMITS = Limits(decoded_bytes=MAX_PAGE_BYTES)
_MAX_HEADS = 5
_STATUS = re.compile(rb"(?:HTTP(?:/\d(?:\.\d)?)?|h[23]|ICY)[ \t]+(\d{3})(?!\d)[^\r\n]*", re.IGNORECASE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_HTML = re.compile(rb"<(?:!doctype +html|html|head|body|article|h1|p)[\s>]", re.IGNORECASE)
_END_TAG = re.compile(rb"</(?:html|body)\s*>", re.IGNORECASE)
_FEED = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(?:rss|feed|rdf:RDF|urlset|sitemapindex)[\s>]")
_HTML_TYPES = frozenset({"", "text/html", "application/xhtml+xml"})
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_MAGIC_CODINGS = ((b"\x1f\x8b\x08", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
_SNIFFED_BYTES = 2048
_TRUNCATED = frozenset({"length", "time", "disconnect"})


@dataclass(frozen=True, slots=True)
class CapturedDocument:
    """A captured page without its transport."""

    content_type: str
    body: bytes
    http_date: str | None = None  # the Date field
    truncated: str | None = None  # why the crawler stored the beginning only (WARC 1.1, section 5.13)


def read_document(record: ForeignRecord) -> CapturedDocument:
    """Return the page of a response or resource record.

    Raises Fault: CONTENT_TYPE for what is not HTML, HTTP_STATUS for another status than 200, else why the
    page cannot be used.
    """
    truncated = _truncated(record)
    if _STATUS.match(record.block):
        document = _read_response(record, truncated)
    else:
        document = _read_bare(record, truncated)
    fault = _find_type_fault(document)
    try:
        if fault is not None:
            raise fault
    finally:
        del fault  # it leads to this frame: together they would keep the document until a collection
    if record.error_class is ErrorClass.TOO_LARGE or len(document.body) > MAX_PAGE_BYTES:
        reason = f"The page is larger than {MAX_PAGE_BYTES // 1_000_000} MB."
        raise Fault(ErrorClass.TOO_LARGE, reason, can_retry=False)
    return document


def _truncated(record: ForeignRecord) -> str | None:
    reason = record.headers.get("warc-truncated")
    if reason is None:
        return None
    return reason.lower() if reason.lower() in _TRUNCATED else "unspecified"


def _find_type_fault(document: CapturedDocument) -> Fault | None:
    """Return what is wrong with a document that is not HTML by its type nor by its content."""
    start = document.body[:_SNIFFED_BYTES]
    has_html = _HTML.search(start) is not None and not _FEED.match(start)
    fault = type_fault(document.content_type, Document.PAGE)
    mime = document.content_type.partition(";")[0].strip().lower()
    if fault is None and mime not in _HTML_TYPES and "/" in mime and start:
        fault = Fault(ErrorClass.CONTENT_TYPE, f"The document is {mime[:80]!a}, not HTML.", can_retry=False)
    if fault is not None and not has_html:
        return fault
    fault = content_fault(document.body, Document.PAGE, document.content_type)
    return fault if fault is not None and fault.error_class is ErrorClass.CONTENT_TYPE else None


def _read_bare(record: ForeignRecord, truncated: str | None) -> CapturedDocument:
    """Return the document of a record without an HTTP head, as `resource` records are."""
    record_type = record.headers.get("content-type", "")
    is_http = record_type.lower().startswith("application/http")
    if is_http and not _HTML.search(record.block[:_SNIFFED_BYTES]):
        raise Fault(ErrorClass.TRUNCATED, "The record has no HTTP header.", can_retry=False)
    content_type = "" if is_http else record_type or record.headers.get("arc-type", "")
    body = _decoded(record.block, [], may_be_cut=truncated is not None)
    if record.is_short and truncated is None:
        _assert_whole(body, "the record is shorter than it declares")
    return CapturedDocument(content_type, body, None, truncated)


def _read_response(record: ForeignRecord, truncated: str | None) -> CapturedDocument:
    head, wire = _split_head(record.block)
    headers = parse_head(head)
    content_type = next(iter(values_of(headers, "content-type")), "")
    if record.error_class is ErrorClass.TOO_LARGE:
        return CapturedDocument(content_type, wire)  # the beginning, to see what it is
    body, problem = wire, "the record is shorter than it declares" if record.is_short else None
    if "chunked" in " ".join(values_of(headers, "transfer-encoding")).lower():
        body, is_whole = _without_chunks(wire)
        problem = problem or (None if is_whole else "its last chunk is missing")
    elif _declared_length(headers) > len(wire):
        problem = problem or "it is shorter than its Content-Length"
    decoded = _decoded(body, values_of(headers, "content-encoding"), may_be_cut=truncated is not None)
    if (
        problem is not None and truncated is None and decoded is body
    ):  # a decoder sees whether its stream ends
        _assert_whole(body, problem)
    date = next(iter(values_of(headers, "date")), None)
    return CapturedDocument(content_type, decoded, date, truncated)


def _split_head(block: bytes) -> tuple[bytes, bytes]:
    """Return head and body of the last response in a block. Raises Fault.

    Interim responses (100 Continue) and the answer of a proxy to CONNECT precede it.
    """
    for _ in range(_MAX_HEADS):
        status, end = _STATUS.match(block), _HEAD_END.search(block)
        if status is None:
            break
        is_interim = status[1].startswith(b"1") or b"connection established" in status[0].lower()
        if not is_interim and status[1] != b"200":
            reason = f"The status is {status[1].decode()}."
            raise Fault(ErrorClass.HTTP_STATUS, reason, can_retry=False)
        if end is None:
            break
        if not is_interim:
            return block[: end.end()], block[end.end() :]
        block = block[end.end() :]
    raise Fault(ErrorClass.TRUNCATED, "The headers of the response are cut.", can_retry=False)


def _assert_whole(body: bytes, problem: str) -> None:
    """Raise Fault for a page that seems cut; one that ends in </html> has a wrong length only."""
    if not _END_TAG.search(body[-_SNIFFED_BYTES:]):
        raise Fault(ErrorClass.TRUNCATED, f"The page is cut: {problem}.", can_retry=False)


def _declared_length(headers: Headers) -> int:
    value = next(iter(values_of(headers, "content-length")), "")
    return int(value) if value.isdecimal() and len(value) <= 15 else 0


def _decoded(body: bytes, codings: list[str], *, may_be_cut: bool) -> bytes:
    """Return a body without its content coding; the same object when it has none.

    Some writers decode the body and keep the field, others drop the field and keep the coding.
    """
    try:
        decoded = decode(body, codings, _LIMITS, may_be_cut=may_be_cut) if any(codings) else body
    except Fault as fault:
        if fault.error_class is ErrorClass.TOO_LARGE:
            raise
        if _magic_coding(body) is None and not _is_plain_html(body):
            raise
        decoded = body
    coding = _magic_coding(decoded)
    return decode(decoded, [coding], _LIMITS, may_be_cut=may_be_cut) if coding else decoded


def _is_plain_html(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"<") and bool(_HTML.search(body[:_SNIFFED_BYTES]))


def _magic_coding(body: bytes) -> str | None:
    return next((name for magic, name in _MAGIC_CODINGS if body.startswith(magic)), None)


def _without_chunks(body: bytes) -> tuple[bytes, bool]:
    """Return a body without chunk framing, and whether it is whole.

    Some writers remove the framing and keep the field: a body without a chunk size is whole.
    """
    parts: list[bytes] = []
    at = 0
    while size := _CHUNK_SIZE.match(body, at):
        n_bytes = int(size[1], 16)
        if not n_bytes:
            return b"".join(parts), True
        end = size.end() + n_bytes
        parts.append(body[size.end() : end])
        at = end + (2 if body[end : end + 2] == b"\r\n" else 1 if body[end : end + 1] == b"\n" else 0)
    return (b"".join([*parts, body[at:]]), False) if parts else (body, True)

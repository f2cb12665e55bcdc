"""A backfill from files: a list of URLs, or WARC files written by others (CC-NEWS among them).

Replaces the index pages of a backfill. Pages from WARC files are first written to our own archive, like
every other page, so that a rebuild has them; nothing is requested from the network.
"""

import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import tldextract
from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from tasks.archive.writer import ArchiveWriter
from tasks.backfill.walk import Days, Index, Way
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, ItemError, UsageError, why_unreadable
from tasks.http_client.decode import has_gzip_magic
from tasks.http_client.result import FetchResult
from warehouse.records import FeedEntry, FetchReason, Page, PageRequest, Reject, Source, Step

MAX_PAGE_BYTES = 16_000_000
# The suffix list in the package; by default the library downloads a newer one.
_domain = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def read_urls(path: Path, source: Source) -> Index:
    """Return the pages that a file lists, one URL a line; blank lines and `#` comments are skipped.

    Raises UsageError when the file cannot be read or a line is not a URL.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--urls: '{path}' cannot be read: {why_unreadable(error)}") from error
    requests: dict[str, PageRequest] = {}
    for number, line in enumerate(lines, 1):
        url = line.strip()
        if not url or url.startswith("#"):
            continue
        try:
            key = url_key(url)
        except ItemError as error:
            raise UsageError(
                f"--urls: {path}, line {number}: {error.reason} Correct or remove the line."
            ) from error
        requests.setdefault(key, _request(source, url, key))
    return Index(Way.URLS, str(path), len(requests), tuple(requests.values()), frozenset(requests))


def check_warc(path: Path) -> None:
    """Raise UsageError when a file cannot be read or is not a WARC or ARC file."""
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise UsageError(f"--warc: '{path}' cannot be read: {why_unreadable(error)}") from error
    if has_gzip_magic(start):
        with suppress(zlib.error):
            start = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, 64)
    if not start.startswith((b"WARC/", b"filedesc://")):
        raise UsageError(f"--warc: '{path}' is not a WARC file. Name a .warc or .warc.gz file.")


def read_warc(path: Path, source: Source, days: Days) -> Iterator[tuple[PageRequest, FetchResult] | Reject]:
    """Yield the HTML pages of a source in a WARC file, each as if it had been fetched at its capture time.

    A page captured before the range is skipped: it cannot have been published in it. A cut or damaged
    file gives the pages before the damage and a reject. Raises UsageError when it cannot be opened.
    """
    domains = _domains(source)
    try:
        file = path.open("rb")
    except OSError as error:
        raise UsageError(f"--warc: '{path}' cannot be read: {why_unreadable(error)}") from error
    with file:
        try:
            for record in ArchiveIterator(file):
                capture = _read_record(record, source, domains, days)
                if capture is not None:
                    yield capture
        except (ArchiveLoadFailed, EOFError, ValueError, OSError) as error:
            reason = f"The WARC file is damaged or truncated: {error}. The pages before the damage are used."
            yield Reject(source.name, Step.FETCH, ErrorClass.TRUNCATED.value, reason, path.as_uri())


def store_pages(
    captures: Sequence[tuple[PageRequest, FetchResult]], archive: ArchiveWriter
) -> tuple[Page, ...]:
    """Write pages to our own archive; return them with their places in it."""
    pages = tuple(archive.write(request, result) for request, result in captures)
    archive.sync()
    return pages


def _read_record(
    record: ArcWarcRecord, source: Source, domains: frozenset[str], days: Days
) -> tuple[PageRequest, FetchResult] | None:
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if record.rec_type != "response" or record.http_headers is None or _site(url) not in domains:
        return None
    kind = (record.http_headers.get_header("Content-Type") or "").lower()
    if record.http_headers.get_statuscode() != "200" or "html" not in kind:
        return None
    at = _captured_at(record.rec_headers.get_header("WARC-Date"))
    captured_on = days.day_of(at)
    if captured_on is None or captured_on < days.since:
        return None
    body = record.content_stream().read(MAX_PAGE_BYTES + 1)
    if not body or len(body) > MAX_PAGE_BYTES:
        return None
    try:
        request = _request(source, url, url_key(url))
    except ItemError:
        return None
    return request, _result(url, kind, body, at or datetime.now(UTC))


def _result(url: str, kind: str, body: bytes, at: datetime) -> FetchResult:
    parts = urlsplit(url)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return FetchResult(
        url=url,
        final_url=url,
        error_class=ErrorClass.OK,
        reason="",
        started_at=at,
        status=200,
        headers=(("Content-Type", kind),),
        body=body,
        wire_body=body,
        request_head=f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode(),
        response_head=head.encode("latin-1", "replace"),
    )


def _request(source: Source, url: str, key: str) -> PageRequest:
    return PageRequest(source.name, url, key, FeedEntry(url), reason=FetchReason.BACKFILL)


def _domains(source: Source) -> frozenset[str]:
    urls = [source.homepage, *(feed.url for feed in source.feeds)]
    return frozenset(_site(url) for url in urls if url)


def _site(url: str) -> str:
    """Return the registrable domain of a URL, or its host and port where there is none."""
    parts = _domain(url)
    return parts.top_domain_under_public_suffix or urlsplit(url).netloc.lower()


def _captured_at(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text or "").astimezone(UTC)
    except ValueError:
        return None

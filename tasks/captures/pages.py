"""The pages that a WARC file of others gives: each record is a page, a reject with its reason, or counted.

In place of fetch, before `tasks.captures.store`, which puts the pages into our own archive. CC-NEWS, Common
Crawl, wget, Heritrix, Browsertrix and other crawlers write such files.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

from tasks.captures import account as outcome
from tasks.captures.account import FileAccount, of_type
from tasks.captures.records import ForeignRecord, looks_like_warc, read_records
from tasks.captures.responses import CapturedDocument, read_document
from tasks.domain.articles.imported import source_name
from tasks.domain.urls.host import ascii_host, registrable_domain
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, ItemError, UsageError
from tasks.http_client.errors import Fault
from tasks.http_client.result import FetchResult
from warehouse.errors import why_unreadable
from warehouse.records.feed import FeedEntry
from warehouse.records.outcome import Reject, Step
from warehouse.records.page import FetchReason, PageRequest
from warehouse.records.source import Source

Capture = tuple[PageRequest, FetchResult]

_PAGE_TYPES = frozenset({"response", "resource"})
_COUNTED = {ErrorClass.CONTENT_TYPE: outcome.NOT_HTML, ErrorClass.HTTP_STATUS: outcome.NOT_200}
_DIGITS = re.compile(r"\d{8,14}")
_PART_OF_DATE = re.compile(r"(\d{4})(?:-(\d\d))?")  # WARC 1.1, section 5.4: a year or a month
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class CaptureSelection:
    """Which captures are wanted, and the source of each."""

    sources: Mapping[str, str]  # source names by registrable domain, in ASCII
    takes_unknown: bool = False  # a site that no source has becomes a new source
    hosts: tuple[str, ...] = ()  # in ASCII; each with its sub-domains; none are all
    from_at: datetime | None = None  # a page captured earlier was not published in the range
    fallback: str = "unknown"  # the source of a reject without a URL

    def source_of(self, host: str) -> str | None:
        """Return the source of a host; None when it is not wanted."""
        domain = registrable_domain(host) or host
        name = self.sources.get(domain)
        return source_name("", f"https://{domain}") if name is None and self.takes_unknown else name

    def has_host(self, host: str) -> bool:
        """Say whether the host is one of those wanted, or below one."""
        return not self.hosts or any(host == name or host.endswith(f".{name}") for name in self.hosts)


def domains_of(sources: Mapping[str, Source]) -> dict[str, str]:
    """Return the names of sources by the registrable domains of their homepages, else of their feeds.

    A domain that two sources have belongs to the first whose homepage is there.
    """
    found: dict[str, str] = {}
    for urls in ("homepage", "feeds"):
        for source in sources.values():
            links = [source.homepage] if urls == "homepage" else [feed.url for feed in source.feeds]
            for link in links:
                if host := host_of(link or ""):
                    found.setdefault(registrable_domain(host) or host, source.name)
    return found


def check_warc(path: Path) -> None:
    """Raise UsageError when a file cannot be read or is neither WARC nor ARC."""
    try:
        is_warc = looks_like_warc(path)
    except OSError as error:
        raise UsageError(f"'{path}' cannot be read: {why_unreadable(error)}") from error
    if not is_warc:
        raise UsageError(f"'{path}' is not a WARC file. Name a .warc or .warc.gz file.")


def read_captures(path: Path, wanted: CaptureSelection, account: FileAccount) -> Iterator[Capture | Reject]:
    """Yield the wanted pages of a file, each as if it had been fetched when it was captured.

    Counts all other records in the account, and the number of records.
    """
    reader = _CaptureReader(path, wanted)
    for record in read_records(path):
        account.records += 1
        item = reader.read(record)
        if isinstance(item, str):
            account.add(item)
            continue
        if isinstance(item, Reject):
            account.add(outcome.REJECTED)
        yield item


class _CaptureReader:
    """Reads the records of one file; knows when the record before was captured."""

    def __init__(self, path: Path, wanted: CaptureSelection) -> None:
        self._path = path
        self._wanted = wanted
        self._now = datetime.now(UTC)
        self._last_at: datetime | None = None

    def read(self, record: ForeignRecord) -> Capture | Reject | str:
        """Return the page of a record, why there is none, or the outcome that it is counted as."""
        stated_at = plausible(parse_instant(record.headers.get("warc-date")), self._now)
        self._last_at = stated_at or self._last_at
        kind = record.headers.get("warc-type", "").lower()
        url = record.headers.get("warc-target-uri", "").strip("<> \t")
        is_known = record.problem is None or kind != ""
        if is_known and kind not in _PAGE_TYPES:
            return of_type(kind)
        host = host_of(url)
        if url and not host:
            return outcome.NO_WEB_ADDRESS
        source = self._wanted.source_of(host) if host else self._wanted.fallback
        if source is None:
            return outcome.OTHER_SITE
        if host and not self._wanted.has_host(host):
            return outcome.OTHER_HOST
        from_at = self._wanted.from_at
        if stated_at is not None and from_at is not None and stated_at < from_at:
            return outcome.CAPTURED_EARLIER
        return self._read_page(record, source, url, host, stated_at)

    def _read_page(
        self, record: ForeignRecord, source: str, url: str, host: str, stated_at: datetime | None
    ) -> Capture | Reject | str:
        where = f"Record {record.number} of '{self._path.name}'"
        try:
            if record.error_class is ErrorClass.TRUNCATED:
                raise Fault(ErrorClass.TRUNCATED, f"{where}: {record.problem}.")
            document = read_document(record)
            if not url:
                raise Fault(ErrorClass.BAD_URL, f"{where} has no URL (WARC-Target-URI).")
            at = stated_at or self._guess_instant(record, document)
            return capture_of(source, ascii_url(url, host), document, at)
        except Fault as fault:
            counted = _COUNTED.get(fault.error_class)
            return counted or self._reject(record, source, url, fault.error_class, fault.reason)
        except ItemError as error:
            return self._reject(record, source, url, error.error_class, error.reason)

    def _guess_instant(self, record: ForeignRecord, document: CapturedDocument) -> datetime:
        """Return when a record without a usable WARC-Date was captured.

        It is what the server said, else just after the record before, else the time of the file.
        """
        served_at = plausible(parse_instant(document.http_date), self._now)
        if served_at is not None:
            return served_at
        before = self._last_at or datetime.fromtimestamp(self._path.stat().st_mtime, UTC)
        return before + timedelta(microseconds=record.number)

    def _reject(
        self, record: ForeignRecord, source: str, url: str, error_class: ErrorClass, reason: str
    ) -> Reject:
        where = url or f"{self._path.resolve().as_uri()}#record-{record.number}"
        return Reject(source, Step.FETCH, error_class.value, reason, where, at=self._now)


def capture_of(source: str, url: str, document: CapturedDocument, at: datetime) -> Capture:
    """Return the request and the result of fetching a captured page. Raises ItemError."""
    request = PageRequest(source, url, url_key(url), FeedEntry(url), reason=FetchReason.BACKFILL)
    parts, body = urlsplit(url), document.body
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {document.content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    result = FetchResult(
        url=url,
        final_url=url,
        error_class=ErrorClass.OK,
        reason="",
        started_at=at,
        status=200,
        headers=(("Content-Type", document.content_type),),
        body=body,
        wire_body=body,
        request_head=f"GET {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode(),
        response_head=head.encode("latin-1", "replace"),
        truncated=document.truncated,
    )
    return request, result


# --- addresses and times ---------------------------------------------------------------------


def host_of(url: str) -> str:
    """Return the host of a web address in ASCII; "" for any other address."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for a port that is not a number
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        return ascii_host(host) if parts.scheme.lower() in {"http", "https"} else ""
    except ValueError:  # of which UnicodeError is one
        return ""


def ascii_url(url: str, host: str) -> str:
    """Return a URL with the ASCII form of its host name and without a user name."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=host + port).geturl()


def parse_instant(text: str | None) -> datetime | None:
    """Return a WARC-Date, the digits of an ARC record or an HTTP date as an instant; None when it is none."""
    text = (text or "").strip()
    if part := _PART_OF_DATE.fullmatch(text):
        text = f"{part[1]}-{part[2] or '01'}-01"
    elif _DIGITS.fullmatch(text):
        text = f"{text[:8]}T{text[8:].ljust(6, '0')}"
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = parse(text)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def plausible(at: datetime | None, now: datetime) -> datetime | None:
    """Return an instant between the first web pages and tomorrow; None otherwise."""
    return at if at is not None and _EARLIEST <= at <= now + timedelta(days=1) else None

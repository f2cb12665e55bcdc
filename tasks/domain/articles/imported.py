"""A row of an imported file -> Article; in place of extraction, and again on re-extraction.

The archive keeps the row as JSON, so that later rules apply to imported rows as they do to pages.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from tasks.domain.credits.credit import read_dateline
from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import parse_moment
from tasks.domain.duplicates.fingerprint import fingerprint
from tasks.domain.text.language import count_words, reading_direction
from tasks.domain.urls.key import url_key
from tasks.errors import ErrorClass, ExtractionError
from warehouse.records.article import Article, AuthorKind, Candidate, Moment, Precision
from warehouse.records.feed import FeedEntry
from warehouse.records.page import FetchReason, Page, PageRequest
from warehouse.records.source import BodyFrom

IMPORTED_TYPE = "application/json"
EXTRACTOR = "import 1"
FIELDS = ("url", "title", "body", "published", "source", "language", "authors", "canonical_url")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(?:[-_].*)?$")


def is_imported(page: Page) -> bool:
    """Say whether an archived page is a row of an imported file."""
    return page.request.reason is FetchReason.IMPORT


def import_request(row: Mapping[str, Any], source: str) -> PageRequest:
    """Return the request that a row stands for. Raises ItemError (BAD_URL)."""
    url = _text(row, "url")
    entry = FeedEntry(url=url, title=_text(row, "title") or None)
    return PageRequest(source, url, url_key(url), entry, reason=FetchReason.IMPORT)


def row_payload(row: Mapping[str, Any]) -> bytes:
    """Return the row as JSON, as the archive keeps it."""
    kept = {name: row[name] for name in FIELDS if row.get(name) not in (None, "") and row[name] == row[name]}
    text = json.dumps(kept, ensure_ascii=False, default=_plain, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def parse_imported(row: Mapping[str, Any], page: Page) -> Article:
    """Return the article of a row. Raises ExtractionError when it has no text or an unreadable value."""
    url, body = page.request.url, _text(row, "body").strip()
    for name in ("title", "body", "published", "language"):
        if isinstance(row.get(name), (list, dict)):
            reason = f"{name}: not text but {_plain(row[name])!s:.60}"
            raise ExtractionError(url, ErrorClass.PARSE, reason)
    if not any(char.isalnum() for char in body):
        raise ExtractionError(url, ErrorClass.NO_CONTENT, "The row has no `body`.")
    published = _published(row, url, page.fetched_at)
    first_line = body.split("\n", 1)[0]
    dateline = read_dateline(first_line)
    authors = _authors(row.get("authors"))
    return Article(
        source=page.request.source,
        url=url,
        url_key=page.request.url_key,
        title=_text(row, "title").strip(),
        body=body,
        published=published,
        authors=authors,
        author_kinds=(AuthorKind.PERSON,) * len(authors),
        language=_language(_text(row, "language")),
        source_credit=dateline.agency if dateline else None,
        dateline_place=dateline.place if dateline else None,
        word_count=count_words(body),
        direction="ltr" if body.isascii() else reading_direction(body),
        final_url=url,
        canonical_url=_text(row, "canonical_url") or None,
        origins=_origins(row),
        extractor=EXTRACTOR,
        content_sha256=fingerprint(body).content_sha256,
        fetched_at=page.fetched_at,
        ref=page.ref,
        body_from=BodyFrom.IMPORT,
    )


def parse_imported_page(payload: bytes, page: Page) -> Article:
    """Return the article of a row as the archive keeps it. Raises ExtractionError."""
    try:
        row = json.loads(payload)
    except ValueError as error:
        raise ExtractionError(
            page.request.url, ErrorClass.PARSE, f"The stored row is not valid JSON: {error}."
        ) from error
    return parse_imported(row, page)


def source_name(title: str, url: str) -> str:
    """Return a source key, [a-z0-9-], made of the source's title or, without one, of the URL's host."""
    for text in (title, urlsplit(url).hostname or "", "unknown"):
        plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
        name = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        if name:
            return name[:100]
    return "unknown"


def _published(row: Mapping[str, Any], url: str, now: datetime) -> Moment | None:
    raw = _text(row, "published").strip()
    if not raw:
        return None
    context = DateContext(now, language=_text(row, "language") or None)
    moment = _iso_moment(raw) or parse_moment(raw, context, origin="import")
    if moment is None:
        raise ExtractionError(url, ErrorClass.PARSE, f"published: {raw[:60]!r} is not a readable date.")
    return moment


def _iso_moment(raw: str) -> Moment | None:
    """Return an ISO 8601 moment, the form of most files; ten times faster than `parse_moment`."""
    try:
        parsed = datetime.fromisoformat(raw) if _INSTANT.match(raw) or _DAY.match(raw) else None
        if parsed is None:
            return None
        if _DAY.match(raw):
            return Moment(None, parsed.date(), None, None, Precision.DAY, "import", None, raw)
        offset = parsed.utcoffset()
        local = parsed.replace(tzinfo=None)
        if offset is None:
            return Moment(None, parsed.date(), local, None, Precision.MINUTE, "import", None, raw)
        minutes = int(offset.total_seconds() // 60)
        return Moment(
            parsed.astimezone(UTC), parsed.date(), local, minutes, Precision.MINUTE, "import", "page", raw
        )
    except (ValueError, OverflowError):
        return None


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None or value != value:  # NaN: how pandas writes a missing value
        return ""
    return value if isinstance(value, str) else str(_plain(value))


def _plain(value: object) -> object:
    """Return a date, time or number of a Parquet file as text, and bytes, of a column without a text type."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    isoformat = getattr(value, "isoformat", None)
    return isoformat() if isoformat else str(value)


def _authors(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, (list, tuple)) else [value] if isinstance(value, str) else []
    return tuple(name.strip() for name in names if isinstance(name, str) and name.strip())


def _language(text: str) -> str | None:
    text = text.strip()
    return re.split(r"[-_]", text)[0].lower() if _LANGUAGE.match(text) else None


def _origins(row: Mapping[str, Any]) -> tuple[Candidate, ...]:
    fields = ("title", "published", "language")
    values = ((name, _text(row, name)) for name in fields)
    return tuple(Candidate(name, v[:500], "import", f"{name}: {v}"[:200], True) for name, v in values if v)

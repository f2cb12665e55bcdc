"""The archive's metadata record of a page: its request, feed entry and response facts, as JSON.

With it the whole warehouse can be rebuilt from the archive alone. Unknown keys are ignored when read, so that
an older version reads what a newer one wrote.
"""

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from warehouse.records.feed import FeedEntry
from warehouse.records.page import ArchiveRef, FetchReason, Page, PageRequest

_ENTRY_FIELDS = tuple(field.name for field in fields(FeedEntry))


@dataclass(frozen=True, slots=True)
class Capture:
    """The content of a metadata record: the request, and the response it got."""

    request: PageRequest
    final_url: str
    status: int
    fetched_at: datetime  # aware UTC
    content_type: str | None
    body_sha256: str  # of the decoded body
    n_bytes: int  # as received
    duration_ms: int
    hops: tuple[str, ...] = ()  # URLs that redirected, in order
    etag: str | None = None  # validators as sent
    last_modified: str | None = None


def to_json(capture: Capture) -> bytes:
    """Return the metadata record's block."""
    fields: dict[str, Any] = {
        "wirehouse": 1,
        "source": capture.request.source,
        "feed_url": capture.request.feed_url,
        "url": capture.request.url,
        "url_key": capture.request.url_key,
        "reason": capture.request.reason.value,
        "n_attempts": capture.request.n_attempts,
        "entry": {name: getattr(capture.request.entry, name) for name in _ENTRY_FIELDS},
        "final_url": capture.final_url,
        "status": capture.status,
        "fetched_at": capture.fetched_at,
        "content_type": capture.content_type,
        "body_sha256": capture.body_sha256,
        "n_bytes": capture.n_bytes,
        "duration_ms": capture.duration_ms,
        "hops": capture.hops,
        "etag": capture.etag,
        "last_modified": capture.last_modified,
    }
    # ASCII escapes carry lone surrogates, which UTF-8 cannot.
    return json.dumps(fields, default=_iso, separators=(",", ":")).encode("ascii")


def parse_json(block: bytes) -> Capture:
    """Return the capture that a metadata record holds. Raises ValueError when a field is missing."""
    try:
        fields = json.loads(block)
        return Capture(
            request=_request(fields),
            final_url=fields["final_url"],
            status=fields["status"],
            fetched_at=datetime.fromisoformat(fields["fetched_at"]),
            content_type=fields["content_type"],
            body_sha256=fields["body_sha256"],
            n_bytes=fields["n_bytes"],
            duration_ms=fields["duration_ms"],
            hops=tuple(fields["hops"]),
            etag=fields.get("etag"),
            last_modified=fields.get("last_modified"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(
            f"a field of the metadata record is missing or has the wrong type: {error}"
        ) from error


def page_of(capture: Capture, ref: ArchiveRef) -> Page:
    """Return a captured page as the fetch step passes it to extract; `ref` is its place in the archive."""
    return Page(
        request=capture.request,
        final_url=capture.final_url,
        status=capture.status,
        fetched_at=capture.fetched_at,
        ref=ref,
        body_sha256=capture.body_sha256,
        content_type=capture.content_type,
        n_bytes=capture.n_bytes,
        duration_ms=capture.duration_ms,
        etag=capture.etag,
        last_modified=capture.last_modified,
    )


def _request(fields: dict[str, Any]) -> PageRequest:
    return PageRequest(
        source=fields["source"],
        url=fields["url"],
        url_key=fields["url_key"],
        entry=_entry(fields["entry"]),
        feed_url=fields["feed_url"],
        reason=FetchReason(fields["reason"]),
        n_attempts=fields["n_attempts"],
    )


def _entry(fields: dict[str, Any]) -> FeedEntry:
    known = {name: fields[name] for name in FeedEntry.__slots__ if name in fields}
    for name in ("published_at", "updated_at"):
        if known.get(name):
            known[name] = datetime.fromisoformat(known[name])
    known["authors"] = tuple(known.get("authors") or ())
    return FeedEntry(**known)


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be stored in a metadata record")

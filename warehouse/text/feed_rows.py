"""Rows of a query as entries of a feed: by the names of their columns. Pure.

For `wirehouse sql --format atom`, the questions of browse, and the feeds of searches.toml.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from warehouse.text.syndication import OutgoingEntry
from warehouse.text.web_links import web_link

REQUIRED = ("title", "url")
_EVENTS = ("seen_at", "gone_at")  # what happened to an article: each time is a separate entry
_UPDATED = (
    "updated_at",
    "last_changed_at",
    *_EVENTS,
    "published_at",
    "sort_at",
    "first_seen_at",
    "published_on",
)
_SUMMARIES = ("snippet", "lead", "description")


def missing_column(columns: Sequence[str]) -> str | None:
    """Return a column that a feed needs and the rows lack; None when they have all."""
    return next((name for name in REQUIRED if name not in columns), None)


def entries_of_rows(
    rows: Sequence[Mapping[str, Any]], fallback_at: datetime, browse_url: str | None = None
) -> list[OutgoingEntry]:
    """Return the rows that have an address as entries.

    Used when present: article_id, source, language, published_at, an instant of the last change, a summary
    and body. An entry without any instant was updated at `fallback_at`. Where `url` may not be a link, the
    link leads to the article's page in browse. Ids are unique (RFC 4287, 4.1.1): of rows with the same one
    the first is taken.
    """
    entries: dict[str, OutgoingEntry] = {}
    for row in rows:
        entry = _entry(row, fallback_at, browse_url)
        if entry is not None:
            entries.setdefault(entry.id, entry)
    return list(entries.values())


def _entry(row: Mapping[str, Any], fallback_at: datetime, browse_url: str | None) -> OutgoingEntry | None:
    article_id, address = str(row.get("article_id") or ""), str(row["url"] or "")
    page = f"{browse_url}article/{article_id}" if browse_url and article_id else ""
    url = web_link(address) or page
    if not url:
        return None
    instants = [at for name in _UPDATED if (at := as_instant(row.get(name)))]
    return OutgoingEntry(
        id=f"urn:uuid:{_id(article_id, address, row)}",
        title=str(row["title"] or url),
        url=url,
        published_at=as_instant(row.get("published_at")),
        updated_at=next(iter(instants), fallback_at),
        summary=str(next((row[name] for name in _SUMMARIES if row.get(name)), "")),
        source=str(row.get("source_title") or row.get("source") or ""),
        language=str(row["language"]) if row.get("language") else None,
        body=str(row.get("body") or ""),
    )


def _id(article_id: str, address: str, row: Mapping[str, Any]) -> str:
    """Return an id that a rebuilt warehouse gives again: the article's is made of its URL."""
    try:
        subject = UUID(article_id)
    except ValueError:
        subject = uuid5(NAMESPACE_URL, article_id or address)
    event_at = next((at for name in _EVENTS if (at := as_instant(row.get(name)))), None)
    return str(uuid5(subject, event_at.isoformat()) if event_at else subject)


def as_instant(value: object) -> datetime | None:
    """Return a value as an aware instant; a day is its first moment in UTC, other types are None."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None

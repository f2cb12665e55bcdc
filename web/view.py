"""What a page is given and gives: one value from which HTML, JSON, CSV and Atom are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import duckdb

from warehouse.reading.find import Hit
from warehouse.text.syndication import OutgoingEntry, OutgoingFeed
from web.asks import Parameters
from web.settings import WebSettings
from web.texts import web_link


class Form(StrEnum):
    """How a page can be had; the value is the ending of its address."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    ATOM = "atom"


@dataclass(frozen=True, slots=True)
class Ask:
    """One request, on one snapshot."""

    con: duckdb.DuckDBPyConnection
    parameters: Parameters
    path: Mapping[str, str]
    query: str
    base_url: str  # http://127.0.0.1:8484/
    published_at: datetime  # of the snapshot
    settings: WebSettings


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows."""

    template: str
    values: Mapping[str, Any]  # of the template
    data: Any  # of the JSON form
    rows: Sequence[Any] = ()  # of the CSV form: dataclasses of one type, or tuples with `columns`
    row_type: type | None = None
    feed: OutgoingFeed | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    columns: Sequence[str] = ()  # of rows that are tuples


def feed_of_hits(ask: Ask, title: str, path: str, hits: Sequence[Hit]) -> OutgoingFeed:
    """Return a feed of articles; `path` is the page that lists them, with its query."""
    page, _, query = path.partition("?")
    feed_path = ("search" if page == "" else page) + ".atom" + (f"?{query}" if query else "")
    return OutgoingFeed(
        id=f"{ask.base_url}{feed_path}",
        title=title,
        feed_url=f"{ask.base_url}{feed_path}",
        page_url=f"{ask.base_url}{path}",
        updated_at=max((hit.first_seen_at for hit in hits), default=ask.published_at),
        entries=[entry_of_hit(ask, hit) for hit in hits],
    )


def entry_of_hit(ask: Ask, hit: Hit) -> OutgoingEntry:
    """Return an article as an entry; its link leads to the page itself where that may be a link."""
    return OutgoingEntry(
        id=f"urn:uuid:{hit.article_id}",
        title=hit.title,
        url=web_link(hit.url) or f"{ask.base_url}article/{hit.article_id}",
        published_at=hit.sort_at,
        updated_at=max(hit.sort_at, hit.first_seen_at),
        summary=hit.lead,
        source=hit.source_title,
        language=hit.language,
    )

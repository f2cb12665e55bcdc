"""What a page is given and gives: one value from which all forms are written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import duckdb

from warehouse.reading.find import Hit
from warehouse.reading.hit_entries import entries_of_hits
from warehouse.text.syndication import OutgoingFeed
from web.parameters import Parameters
from web.settings import WebSettings


class Form(StrEnum):
    """The format of an answer; the value is the ending of its address."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    ATOM = "atom"
    JSON_FEED = "feed.json"


FEED_FORMS = (Form.ATOM, Form.JSON_FEED)


@dataclass(frozen=True, slots=True)
class RequestContext:
    """One request and the snapshot that answers it."""

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


def feed_of_hits(context: RequestContext, title: str, path: str, hits: Sequence[Hit]) -> OutgoingFeed:
    """Return a feed of articles; `path` is the page that lists them, with its query."""
    page, _, query = path.partition("?")
    feed_path = ("search" if page == "" else page) + ".atom" + (f"?{query}" if query else "")
    return OutgoingFeed(
        id=f"{context.base_url}{feed_path}",
        title=title,
        feed_url=f"{context.base_url}{feed_path}",
        page_url=f"{context.base_url}{path}",
        updated_at=max((hit.first_seen_at for hit in hits), default=context.published_at),
        entries=entries_of_hits(hits, context.base_url),
    )

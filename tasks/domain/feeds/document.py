"""Items of a feed document, as a reader finds them and as `normalise` makes them usable.

The document itself is `warehouse.records.FeedDocument` throughout: of `RawItem` behind the readers
(`markup.reader`, `json_feed`, `sitemap`, `listing`), of `FeedItem` behind `normalise`, of `FeedEntry`
behind `parse.parse_feed`. A `FeedItem` may lack a link; a `FeedEntry` never does.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from warehouse.records import FeedDocument, Moment


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as a reader found it: text untouched, links not yet joined to their base."""

    title: str | None = None
    is_markup: bool = True  # the title may hold HTML (RSS, Atom type="html"); False: plain text
    link: str | None = None
    original_link: str | None = None  # feedburner:origLink, where the link itself is a counter
    fallback_link: str | None = None  # an id that is a URL: used when there is no link
    base: str | None = None  # xml:base in force, absolute or relative to the document's URL
    guid: str | None = None
    published_raw: str | None = None
    updated_raw: str | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One usable item: plain title, absolute http(s) link or none, dates read."""

    title: str | None = None
    link: str | None = None  # as the format names it; relative only when no base is known
    url: str | None = None  # what to fetch: absolute http(s), past a counting redirect
    guid: str | None = None
    published: Moment | None = None
    published_raw: str | None = None
    updated_at: datetime | None = None
    summary: str | None = None
    authors: tuple[str, ...] = ()
    language: str | None = None


RawFeed: TypeAlias = FeedDocument[RawItem]

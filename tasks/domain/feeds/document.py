"""Items of a feed document, as a reader finds them and as `normalise` makes them usable.

The document itself is `warehouse.records.feed.FeedDocument` throughout: of `RawItem` after the readers
(`markup.reader`, `json_feed`, `sitemap`, `listing`), of `FeedItem` after `normalise`, of `FeedEntry`
after `parse.parse_feed`. A `FeedItem` may lack a link; a `FeedEntry` never does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from warehouse.records.article import Moment
from warehouse.records.feed import FeedDocument


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
    summary: str | None = None  # the content where there is no summary
    teaser: str | None = None  # the summary alone
    content: str | None = None  # HTML of what the item carries beside its summary
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
    content: str | None = None  # HTML of the whole article, where the feed carries it


RawFeed: TypeAlias = FeedDocument[RawItem]

Source = TypeVar("Source")
Result = TypeVar("Result")


def read_each(
    sources: Iterable[Source], read: Callable[[Source], Result]
) -> tuple[tuple[Result, ...], tuple[str, ...]]:
    """Return what `read` gives for each item, and a sentence for each item that it fails on.

    One item that cannot be read never costs the others.
    """
    results: list[Result] = []
    problems: list[str] = []
    for number, source in enumerate(sources, 1):
        try:
            results.append(read(source))
        except MemoryError:
            raise
        except Exception as error:  # a reader must outlive any item; the class of the fault is kept
            problems.append(
                f"Item {number} cannot be read ({type(error).__name__}: {error}); it is skipped."[:300]
            )
    return tuple(results), tuple(problems)

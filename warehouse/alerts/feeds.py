"""Feeds out: the latest matches of a saved search, or the rows of a question or a SQL file, as a feed.

Read on a session of the snapshot; `warehouse.text.syndication` writes them. Ids are made of names and URLs:
a rebuilt warehouse gives the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import duckdb

from warehouse.alerts.saved_feed import SavedFeed
from warehouse.alerts.saved_search import Each, SavedSearch
from warehouse.reading.find import Hit, ResultQuery, find_articles_page, find_stories_page
from warehouse.reading.hit_entries import entries_of_hits
from warehouse.text.feed_rows import entries_of_rows, missing_column
from warehouse.text.syndication import OutgoingFeed

MAX_ENTRIES = 100


class FeedUnavailable(Exception):
    """A feed cannot be made; the message says of which, why, and what to change."""


@dataclass(frozen=True, slots=True)
class FeedPlace:
    """Where a feed is read."""

    feed_url: str = ""  # of its Atom form; empty: a file without an address
    page_url: str = ""  # the page that shows the same; empty: none
    browse_url: str | None = None


def find_search_feed(
    con: duckdb.DuckDBPyConnection, search: SavedSearch, place: FeedPlace, published_at: datetime
) -> OutgoingFeed:
    """Return the latest matches of a saved search, one entry a story or an article, as it reports them."""
    find = find_stories_page if search.each is Each.STORY else find_articles_page
    hits = find(con, ResultQuery(search.selection, limit=MAX_ENTRIES)).hits
    return search_feed(search, hits, place, published_at)


def search_feed(
    search: SavedSearch, hits: Sequence[Hit], place: FeedPlace, published_at: datetime
) -> OutgoingFeed:
    """Return matches of a saved search as a feed."""
    entries = entries_of_hits(hits, place.browse_url)
    return OutgoingFeed(
        id=feed_id(f"searches/{search.name}"),
        title=f"wirehouse: {search.name}",
        feed_url=place.feed_url,
        page_url=place.page_url,
        updated_at=max((entry.updated_at for entry in entries), default=published_at),
        entries=entries,
    )


def find_sql_feed(
    con: duckdb.DuckDBPyConnection, feed: SavedFeed, place: FeedPlace, published_at: datetime
) -> OutgoingFeed:
    """Return the first rows of a statement, in its order. Raises FeedUnavailable.

    Needs the columns title and url; `entries_of_rows` says which others are used.
    """
    if feed.problem:
        raise FeedUnavailable(feed.problem)
    try:
        result = con.execute(feed.sql, dict(feed.parameters) or None)
        columns = [column[0] for column in result.description or ()]
        rows = [dict(zip(columns, row, strict=True)) for row in result.fetchmany(MAX_ENTRIES)]
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        raise FeedUnavailable(
            f"feed '{feed.name}': {str(error).splitlines()[0]}. Correct its SQL."
        ) from error
    if missing := missing_column(columns):
        raise FeedUnavailable(
            f"feed '{feed.name}': its SQL has no column '{missing}' (needed: title, url). Add it."
        )
    entries = entries_of_rows(rows, published_at, place.browse_url)
    return OutgoingFeed(
        id=feed_id(f"feeds/{feed.name}"),
        title=feed.title,
        feed_url=place.feed_url,
        page_url=place.page_url,
        updated_at=max((entry.updated_at for entry in entries), default=published_at),
        entries=entries,
    )


def feed_id(path: str) -> str:
    """Return a feed's id, whatever address it is read at."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'wirehouse:{path}')}"

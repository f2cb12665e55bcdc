"""When the text of a feed's entry stands in for its page, and how it is archived.

Apart from `full_text`, which reads it, so that the fetch step loads no extraction. A publisher that took a
page away (404, 410, a redirect to the home page) is followed: nothing stands in for it.
"""

import html

from tasks.errors import ErrorClass
from warehouse.records.feed import FeedEntry
from warehouse.records.page import FetchReason, Page
from warehouse.records.source import BodyFrom, Source

FEED_PAGE_TYPE = "text/html; charset=utf-8"

_PAGE_NOT_HAD = frozenset(
    {
        ErrorClass.ROBOTS,
        ErrorClass.FORBIDDEN,
        ErrorClass.UNAUTHORISED,
        ErrorClass.PAYWALL,
        ErrorClass.CONSENT,
        ErrorClass.HTTP_STATUS,
        ErrorClass.REDIRECTS,
        ErrorClass.CONTENT_TYPE,
        ErrorClass.CONTENT_ENCODING,
        ErrorClass.TOO_LARGE,
        ErrorClass.EMPTY,
        ErrorClass.NO_CONTENT,
    }
)


def is_from_feed(page: Page) -> bool:
    """Say whether an archived page is the text of its feed's entry."""
    return page.request.reason is FetchReason.FEED


def stands_in(entry: FeedEntry, error_class: ErrorClass) -> bool:
    """Say whether the entry's text is used for a page that failed so.

    A failure that may pass (500, time-out) is tried again instead.
    """
    return entry.content is not None and error_class in _PAGE_NOT_HAD


def prefers_feed(entry: FeedEntry, source: Source) -> bool:
    """Say whether the source's articles are read from the feed, and this entry carries the whole one."""
    return entry.content is not None and source.article.body_from is BodyFrom.FEED


def feed_page(entry: FeedEntry) -> bytes:
    """Return the entry's article as a page of HTML in UTF-8, as it is archived."""
    title, language = html.escape(entry.title or ""), html.escape(entry.language or "")
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><article><h1>{title}</h1>{entry.content}</article></body></html>"
    ).encode("utf-8", "replace")

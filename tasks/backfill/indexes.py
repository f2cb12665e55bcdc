"""The index pages of one source's past, by kind (sitemap, archived feed, dated or numbered list),
newest first.

Replaces poll in a backfill: what the indexes name goes through fetch, extract and load as usual. They
are read lazily, so that a dry run and a stopped run request no more than they need.
"""

import logging
from collections.abc import Callable, Iterator

from tasks.backfill.plan import (
    PageSeen,
    day_urls,
    next_paged_url,
    page_urls,
    sitemaps_for,
    why_stop,
)
from tasks.backfill.walk import Index, Walk, Way
from tasks.errors import UsageError
from warehouse.records.feed import ParsedFeed
from warehouse.records.source import Feed, FeedKind, ListingRules, Source

MAX_INDEXES = 500  # sitemaps read by one backfill

log = logging.getLogger("wirehouse.backfill")
_SYNDICATION = (FeedKind.AUTO, FeedKind.RSS, FeedKind.ATOM, FeedKind.JSON)


def find_ways(source: Source, via: str | None) -> tuple[Way, ...]:
    """Return the ways to a source's past, in the order to try them.

    Raises UsageError when the source does not have the requested one.
    """
    is_available = {
        Way.ARCHIVE: True,
        Way.SITEMAP: bool(_sitemaps(source)) or source.homepage is not None,
        Way.RFC5005: any(feed.kind in _SYNDICATION for feed in source.feeds),
        Way.DATED: source.archive.day_url is not None,
        Way.PAGED: source.archive.page_url is not None or bool(_pageable(source)),
    }
    if via is None:
        return tuple(way for way, is_there in is_available.items() if is_there)
    names = ", ".join(way for way, is_there in is_available.items() if is_there)
    if via not in is_available:
        raise UsageError(f"--via: unknown way '{via}'. Source '{source.name}' has: {names}.")
    if not is_available[Way(via)]:
        raise UsageError(f"--via: source '{source.name}' has no '{via}' ({_FIX[Way(via)]}). It has: {names}.")
    return (Way(via),)


_FIX = {
    Way.SITEMAP: "set archive.sitemap or homepage in sources.toml",
    Way.RFC5005: "add an RSS, Atom or JSON feed",
    Way.DATED: "set archive.day_url in sources.toml",
    Way.PAGED: "set archive.page_url, or add a feed",
}


def read_indexes(walk: Walk, ways: tuple[Way, ...]) -> Iterator[Index]:
    """Yield the index pages of these ways; `archive` (pages already stored) has none."""
    for way in ways:
        walk.is_past_range = False
        if way is Way.SITEMAP:
            yield from _read_sitemaps(walk)
        elif way is Way.RFC5005:
            yield from _read_archived_feeds(walk)
        elif way is Way.DATED:
            yield from _read_days(walk)
        elif way is Way.PAGED:
            yield from _read_pages(walk)


# --- sitemaps --------------------------------------------------------------------------------


def _sitemaps(source: Source) -> list[str]:
    named = [source.archive.sitemap] if source.archive.sitemap else []
    return named + [feed.url for feed in source.feeds if feed.kind is FeedKind.SITEMAP]


def _read_sitemaps(walk: Walk) -> Iterator[Index]:
    waiting = _sitemaps(walk.source)
    if not waiting:
        robots = walk.read_robots(Way.SITEMAP)
        if robots.reject is not None:
            yield robots
        waiting = list(robots.sitemaps)
    while waiting and len(walk.visited) < MAX_INDEXES:
        url = waiting.pop(0)
        if url in walk.visited:
            continue
        index, parsed = walk.read(Way.SITEMAP, url)
        yield index
        if parsed is not None:
            children = sitemaps_for(parsed.sitemaps, walk.days.since, walk.days.until)
            waiting += [child.url for child in children]


# --- chains of pages -------------------------------------------------------------------------


def _read_archived_feeds(walk: Walk) -> Iterator[Index]:
    for feed in walk.source.feeds:
        if feed.kind in _SYNDICATION:
            yield from _follow(walk, Way.RFC5005, feed.url, feed, _next_linked)


def _read_days(walk: Walk) -> Iterator[Index]:
    listing = _listing(walk.source)
    for url in day_urls(walk.source.archive.day_url or "", walk.days.since, walk.days.until):
        if listing is not None:
            yield walk.read(Way.DATED, url, listing)[0]
        else:
            # Without selectors: the links below the day's own URL, such as /2022/01/10/a-story/
            every_link = Feed(url, FeedKind.LISTING, ListingRules("a[href]"))
            yield walk.read(Way.DATED, url, every_link, below=url)[0]


def _read_pages(walk: Walk) -> Iterator[Index]:
    pattern = walk.source.archive.page_url
    if pattern is not None:
        numbered = page_urls(pattern)
        yield from _follow(walk, Way.PAGED, next(numbered), _listing(walk.source), lambda *_: next(numbered))
        return
    for feed in _pageable(walk.source):
        following = _next_paged if feed.kind in _SYNDICATION else _next_linked
        yield from _follow(walk, Way.PAGED, feed.url, feed, following)


def _pageable(source: Source) -> list[Feed]:
    """Return the feeds that may have further pages; sitemaps are read by their own way."""
    return [feed for feed in source.feeds if feed.kind is not FeedKind.SITEMAP]


def _next_linked(_: str, parsed: ParsedFeed) -> str | None:
    return parsed.next_url


def _next_paged(url: str, parsed: ParsedFeed) -> str | None:
    return next_paged_url(url, parsed.next_url)


def _listing(source: Source) -> Feed | None:
    """Return the source's listing feed, whose selectors read its listing pages, if any."""
    return next((feed for feed in source.feeds if feed.listing), None)


def _follow(
    walk: Walk, way: Way, start: str, feed: Feed | None, following: Callable[[str, ParsedFeed], str | None]
) -> Iterator[Index]:
    """Yield a chain of index pages until one fails, names nothing new or is older than the range."""
    pages: list[PageSeen] = []
    url: str | None = start
    while url is not None and not walk.is_past_range:
        index, parsed = walk.read(way, url, feed)
        if index.reject is not None and url != start:
            return  # after the last page, sites answer 404 or their front page
        yield index
        if parsed is None:
            return
        next_url = following(url, parsed)
        pages.append(PageSeen(url, index.keys, parsed.entries, next_url))
        reason = why_stop(pages, walk.days.since)
        if reason is not None:
            log.info("%s ends at %s: %s", way, url, reason)
        url = next_url if reason is None else None

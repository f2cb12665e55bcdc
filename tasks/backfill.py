"""The past of one source: the ways to it, and the index pages of each, read from the newest back.

Takes the place of poll in a backfill: what it finds goes through fetch, extract and load as
ever. Indexes are read lazily, so that a dry run and a stopped run ask for no more than they need.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from tasks.backfill_walk import Index, Walk, Way
from tasks.errors import UsageError
from tasks.http_result import Document, policy_for
from warehouse.records import Feed, FeedKind, ListingRules, ParsedFeed, Source

MAX_INDEXES = 500  # index pages that one way reads
_SYNDICATION = (FeedKind.AUTO, FeedKind.RSS, FeedKind.ATOM, FeedKind.JSON)


def find_ways(source: Source, via: str | None) -> tuple[Way, ...]:
    """Return the ways into a source's past, in the order to try them.

    Raises UsageError when the source does not have the one that was asked for.
    """
    has = {
        Way.ARCHIVE: True,
        Way.SITEMAP: bool(_sitemaps(source)) or source.homepage is not None,
        Way.RFC5005: any(feed.kind in _SYNDICATION for feed in source.feeds),
        Way.DATED: source.archive.day_url is not None,
        Way.PAGED: source.archive.page_url is not None or bool(source.feeds),
    }
    if via is None:
        return tuple(way for way, there in has.items() if there)
    names = ", ".join(way for way, there in has.items() if there)
    if via not in has:
        raise UsageError(f"--via {via}: no such way. '{source.name}' has: {names}.")
    if not has[Way(via)]:
        raise UsageError(f"source '{source.name}' has no way '{via}': {_WAY_OUT[Way(via)]}. It has: {names}.")
    return (Way(via),)


_WAY_OUT = {
    Way.SITEMAP: "set archive.sitemap or homepage in sources.toml",
    Way.RFC5005: "it needs an RSS, Atom or JSON feed",
    Way.DATED: "set archive.day_url in sources.toml",
    Way.PAGED: "set archive.page_url, or give it a feed",
}


def read_indexes(walk: Walk, ways: tuple[Way, ...]) -> Iterator[Index]:
    """Yield the index pages of these ways; our own archive is no index and is left out."""
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
    waiting = _sitemaps(walk.source) or _announced_sitemaps(walk)
    while waiting and len(walk.visited) < MAX_INDEXES:
        url = waiting.pop(0)
        if url in walk.visited:
            continue
        index, parsed = walk.read(Way.SITEMAP, url)
        yield index
        if parsed is not None and parsed.kind is FeedKind.SITEMAP:
            waiting += [
                child for child in parsed.feed_urls if may_hold(child, walk.days.since, walk.days.until)
            ]


def _announced_sitemaps(walk: Walk) -> list[str]:
    """Return what robots.txt names (sitemaps.org, "Informing search engine crawlers")."""
    home = urlsplit(walk.source.homepage or "")
    url = urlunsplit((home.scheme, home.netloc, "/robots.txt", "", ""))
    result = walk.client.fetch(url, policy_for(walk.source), document=Document.ROBOTS)
    lines = result.body.decode("utf-8", "replace").splitlines() if result.is_ok else []
    return [line.split(":", 1)[1].strip() for line in lines if line.strip().lower().startswith("sitemap:")]


_MONTH_IN_URL = re.compile(r"(?<!\d)(19\d\d|20\d\d)[-_/]?(0[1-9]|1[0-2])(?!\d)|(?<!\d)(19\d\d|20\d\d)(?!\d)")


def may_hold(url: str, since: date, until: date) -> bool:
    """Say whether a sitemap can name pages of the range, by the year or month in its address."""
    found = _MONTH_IN_URL.search(urlsplit(url).path + "?" + urlsplit(url).query)
    if found is None:
        return True
    year, month, only_year = found.groups()
    if only_year:
        return since.year <= int(only_year) <= until.year
    return (since.year, since.month) <= (int(year), int(month)) <= (until.year, until.month)


# --- chains of pages -------------------------------------------------------------------------


def _read_archived_feeds(walk: Walk) -> Iterator[Index]:
    for feed in walk.source.feeds:
        if feed.kind in _SYNDICATION:
            yield from _follow(walk, Way.RFC5005, feed.url, feed, lambda _, parsed: parsed.next_url)


def _read_days(walk: Walk) -> Iterator[Index]:
    pattern = walk.source.archive.day_url or ""
    listing = _listing(walk.source)
    for day in walk.days.each():
        url = pattern.replace("{YYYY}", f"{day:%Y}").replace("{MM}", f"{day:%m}").replace("{DD}", f"{day:%d}")
        if listing is not None:
            yield walk.read(Way.DATED, url, listing)[0]
        else:
            # Without selectors, the links that lie below the day's own address: /2022/01/10/a-story/
            every_link = Feed(url, FeedKind.LISTING, ListingRules("a[href]"))
            yield walk.read(Way.DATED, url, every_link, below=url)[0]


def _read_pages(walk: Walk) -> Iterator[Index]:
    pattern = walk.source.archive.page_url
    if pattern is not None:
        numbers = iter(range(2, MAX_INDEXES + 1))

        def numbered(_: str, __: ParsedFeed) -> str | None:
            return pattern.replace("{n}", str(next(numbers)))

        yield from _follow(walk, Way.PAGED, pattern.replace("{n}", "1"), _listing(walk.source), numbered)
        return
    for feed in walk.source.feeds:
        following = following_page if feed.kind in _SYNDICATION else linked_page
        yield from _follow(walk, Way.PAGED, feed.url, feed, following)


def linked_page(_: str, parsed: ParsedFeed) -> str | None:
    return parsed.next_url


def following_page(url: str, parsed: ParsedFeed) -> str | None:
    """Return the following page of a feed: the one it links, else WordPress's `?paged=N`."""
    if parsed.next_url:
        return parsed.next_url
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    number = int(query["paged"]) if query.get("paged", "").isdecimal() else 1
    query["paged"] = str(number + 1)
    return urlunsplit(parts._replace(query=urlencode(query)))


def _listing(source: Source) -> Feed | None:
    """Return how the source's listing pages are read: as its listing feed, if it has one."""
    return next((feed for feed in source.feeds if feed.listing), None)


def _follow(
    walk: Walk, way: Way, start: str, feed: Feed | None, following: Callable[[str, ParsedFeed], str | None]
) -> Iterator[Index]:
    """Yield a chain of index pages until one fails, names nothing new or lies before the range."""
    url: str | None = start
    named: set[str] = set()
    for _ in range(MAX_INDEXES):
        if url is None or (way, url) in walk.chained or walk.is_past_range:
            return
        walk.chained.add((way, url))
        index, parsed = walk.read(way, url, feed)
        if index.reject is not None and url != start:
            return  # past the last page, sites answer 404 or their front page
        yield index
        gave_nothing = index.keys <= named
        named |= index.keys
        if parsed is None or gave_nothing or walk.is_older(parsed):
            return
        url = following(url, parsed)

"""Items as a reader found them -> usable items: the same rules for every format.

Between the readers and `parse.parse_feed`: plain titles, absolute links, dates read.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.feed import MAX_LENGTH, feed_moment
from tasks.domain.dates.parse import find_moments, parse_moment
from tasks.domain.feeds.document import FeedItem, RawFeed, RawItem
from tasks.domain.feeds.full_text import whole_article
from tasks.domain.feeds.links import absolute_link, has_other_scheme, is_web_url, unescaped
from tasks.domain.feeds.titles import plain_title
from warehouse.records.article import Moment
from warehouse.records.feed import FeedDocument, SitemapLink
from warehouse.records.source import FeedKind

MAX_TITLE = 2_000  # characters, as the following
MAX_GUID = 2_000
MAX_AUTHOR = 200
MAX_AUTHORS = 50
MAX_SUMMARY = 20_000
MAX_PROBLEMS = 50  # sentences about single items
MAX_BAD_LINKS = 1_000
MAX_LINK = 8_192


DateReader = Callable[[str | None, DateContext], Moment | None]


def normalise(raw: RawFeed, url: str, context: DateContext) -> FeedDocument[FeedItem]:
    """Return the document with usable items and its problems as sentences; `url` is the document's."""
    read_date = printed_moment if raw.kind is FeedKind.LISTING else feed_moment
    base = _link_base(raw, url)
    feed_authors = _authors(raw.authors)
    items = tuple(_normalise_item(item, base, context, read_date, feed_authors) for item in raw.entries)
    sitemaps = tuple(_sitemaps(raw, url, context))
    feed_urls = [absolute_link(link, None, url) for link in raw.feed_urls] + [s.url for s in sitemaps]
    next_url = absolute_link(raw.next_url, None, url)
    return FeedDocument(
        raw.kind,
        items,
        title=plain_title(raw.title, is_markup=True),
        language=raw.language.strip() or None if raw.language else None,
        ttl_s=raw.ttl_s,
        next_url=next_url if next_url and is_web_url(next_url) else None,
        feed_urls=tuple(dict.fromkeys(link for link in feed_urls if link and is_web_url(link))),
        problems=(*raw.problems, *_problems(raw.entries, items)),
        sitemaps=sitemaps,
        generator=raw.generator,
        bad_links=tuple(_bad_links(raw.entries, items)),
    )


def _bad_links(raw_items: tuple[RawItem, ...], items: tuple[FeedItem, ...]) -> Iterator[str]:
    """Yield the links that are not http(s) URLs, as written, each once."""
    unusable = (raw.link for raw, item in zip(raw_items, items, strict=True) if item.url is None)
    written = dict.fromkeys(link.strip()[:MAX_LINK] for link in unusable if link and link.strip())
    yield from islice(written, MAX_BAD_LINKS)


def _sitemaps(raw: RawFeed, url: str, context: DateContext) -> Iterator[SitemapLink]:
    for sitemap in raw.sitemaps:
        link = absolute_link(sitemap.url, None, url)
        if link and is_web_url(link):
            yield SitemapLink(link, _instant(sitemap.updated_raw, context), sitemap.updated_raw)


def _normalise_item(
    item: RawItem, base: str, context: DateContext, read_date: DateReader, feed_authors: tuple[str, ...]
) -> FeedItem:
    link = absolute_link(item.link, item.base, base)
    if link and has_other_scheme(link):
        link = None
    original = absolute_link(item.original_link, item.base, base)
    fallback = absolute_link(item.fallback_link, item.base, base)
    candidates = [each for each in (original, link, fallback) if each and is_web_url(each)]
    return FeedItem(
        title=_cut(plain_title((item.title or "")[: 4 * MAX_TITLE], is_markup=item.is_markup)),
        link=link,
        url=unescaped(candidates[0]) if candidates else None,
        guid=item.guid.strip()[:MAX_GUID] or None if item.guid else None,
        published=_date_or_none(read_date, item.published_raw, context),
        published_raw=item.published_raw,
        updated_at=_instant(item.updated_raw, context),
        summary=item.summary[:MAX_SUMMARY] if item.summary else None,
        authors=_authors(item.authors) or feed_authors,
        language=item.language,
        content=whole_article(item.content, item.teaser),
    )


def _link_base(raw: RawFeed, url: str) -> str:
    """Return what relative links are relative to where no xml:base is in force.

    The document's URL, unless the feed names a page on another host: then the feed is served by somebody
    else (feeds.feedburner.com), and its links are those of the site.
    """
    home = absolute_link(raw.home_url, None, url)
    if home is None or not is_web_url(home):
        return url
    return home if url and _host(home) != _host(url) else url


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _authors(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return author names as plain text, each once."""
    plain = (plain_title(name[: 4 * MAX_AUTHOR], is_markup="<" in name) for name in names[:MAX_AUTHORS])
    return tuple(dict.fromkeys(name[:MAX_AUTHOR] for name in plain if name))


def _date_or_none(read_date: DateReader, raw: str | None, context: DateContext) -> Moment | None:
    """Return the moment of a date; None for one that breaks its reader: it costs no more than itself."""
    try:
        return read_date(raw, context)
    except (ValueError, ArithmeticError):
        return None


def _cut(title: str | None) -> str | None:
    return title[:MAX_TITLE].rstrip() if title else None


def _problems(raw_items: tuple[RawItem, ...], items: tuple[FeedItem, ...]) -> list[str]:
    """Return what is wrong with the items, as sentences; of many the first ones."""
    problems = [
        problem
        for number, (raw, item) in enumerate(zip(raw_items, items, strict=True), 1)
        for problem in _item_problems(number, raw, item)
    ]
    shown = problems[:MAX_PROBLEMS]
    n_more = len(problems) - len(shown)
    more = [f"{n_more} more problem{'s' * (n_more > 1)} of single items."] if n_more else []
    return [*shown, *more, *_problems_of_all(items)]


def _item_problems(number: int, raw: RawItem, item: FeedItem) -> Iterator[str]:
    name = f"Item {number}" + (f" ({item.title[:60]})" if item.title else "")
    if item.url is None:
        fault = f'its link "{raw.link[:100]}" is not an http(s) URL' if raw.link else "it has no link"
        yield f"{name}: {fault}; it is skipped."
    if raw.published_raw and raw.published_raw.strip() and item.published is None:
        yield f'{name}: its date "{raw.published_raw.strip()[:60]}" cannot be read.'


def _problems_of_all(items: tuple[FeedItem, ...]) -> Iterator[str]:
    n_without_zone = sum(1 for i in items if i.published and i.published.local and i.published.at is None)
    if n_without_zone:
        dates = "1 date names" if n_without_zone == 1 else f"{n_without_zone} dates name"
        yield f"{dates} no zone: set the source's timezone to make them instants."
    links_of: dict[str, set[str | None]] = {}
    for item in items:
        if item.guid:
            links_of.setdefault(item.guid, set()).add(item.link)
    n_shared = sum(1 for links in links_of.values() if len(links) > 1)
    if n_shared:
        guids = "1 guid is" if n_shared == 1 else f"{n_shared} guids are"
        yield f"{guids} shared by items with different links; the links are used."


def _instant(raw: str | None, context: DateContext) -> datetime | None:
    """Return when something was updated; None unless day, time and zone are known."""
    moment = _date_or_none(feed_moment, raw, context)
    return moment.at if moment else None


def printed_moment(raw: str | None, context: DateContext) -> Moment | None:
    """Return the date of a listing's item, which is written for people: "2 hours ago", "Politics, 10 Jan"."""
    text = (raw or "").strip()[:MAX_LENGTH]
    if not text:
        return None
    moment = parse_moment(text, context, origin="feed")
    if moment is not None:
        return moment
    dates = find_moments(text, context, origin="feed")
    return dates[0].moment if dates else None

"""Items as a reader found them -> items that can be used: the same rules for every format.

Between the readers and `feed.parse_feed`: plain titles, absolute links, dates understood.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from tasks.domain.dates.feed import MAX_LENGTH, feed_moment
from tasks.domain.dates.parse import find_moments, parse_moment
from tasks.domain.feeds.document import FeedDocument, FeedItem, RawFeed, RawItem
from tasks.domain.feeds.links import absolute_link, has_other_scheme, is_web_url, unescaped
from tasks.domain.feeds.titles import plain_title
from warehouse.records import FeedKind, Moment, SitemapLink

MAX_TITLE = 2_000  # characters, as the following
MAX_GUID = 2_000
MAX_AUTHOR = 200
MAX_AUTHORS = 50
MAX_SUMMARY = 20_000
MAX_PROBLEMS = 50  # sentences about single items
MAX_BAD_LINKS = 1_000
MAX_LINK = 8_192


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known around a document: its address, and how its source writes dates."""

    url: str
    zone: str | None
    date_order: str | None
    language: str | None
    now: datetime


DateReader = Callable[[str | None, Reading], Moment | None]


def finish_document(raw: RawFeed, reading: Reading) -> FeedDocument:
    """Return the document with every item finished and its problems as sentences."""
    read_date = _printed_moment if raw.kind is FeedKind.LISTING else _moment
    items = tuple(_finish_item(item, reading, read_date) for item in raw.items)
    sitemaps = tuple(_sitemaps(raw, reading))
    feed_urls = [absolute_link(link, None, reading.url) for link in raw.feed_urls] + [s.url for s in sitemaps]
    next_url = absolute_link(raw.next_url, None, reading.url)
    return FeedDocument(
        raw.kind,
        items,
        title=plain_title(raw.title, is_markup=True),
        language=raw.language.strip() or None if raw.language else None,
        ttl_s=raw.ttl_s,
        next_url=next_url if next_url and is_web_url(next_url) else None,
        feed_urls=tuple(dict.fromkeys(url for url in feed_urls if url and is_web_url(url))),
        problems=(*raw.problems, *_problems(raw.items, items)),
        sitemaps=sitemaps,
        bad_links=tuple(_bad_links(raw.items, items)),
    )


def _bad_links(raw_items: tuple[RawItem, ...], items: tuple[FeedItem, ...]) -> Iterator[str]:
    """Yield the links that give no article, as written, each once."""
    unusable = (raw.link for raw, item in zip(raw_items, items, strict=True) if item.url is None)
    written = dict.fromkeys(link.strip()[:MAX_LINK] for link in unusable if link and link.strip())
    yield from islice(written, MAX_BAD_LINKS)


def _sitemaps(raw: RawFeed, reading: Reading) -> Iterator[SitemapLink]:
    for link, updated_raw in raw.sitemaps:
        url = absolute_link(link, None, reading.url)
        if url and is_web_url(url):
            yield SitemapLink(url, _instant(updated_raw, reading))


def _finish_item(item: RawItem, reading: Reading, read_date: DateReader) -> FeedItem:
    link = absolute_link(item.link, item.base, reading.url)
    if link and has_other_scheme(link):
        link = None
    original = absolute_link(item.original_link, item.base, reading.url)
    candidates = [url for url in (original, link, item.fallback_link) if url and is_web_url(url)]
    return FeedItem(
        title=_cut(plain_title((item.title or "")[: 4 * MAX_TITLE], is_markup=item.is_markup)),
        link=link,
        url=unescaped(candidates[0]) if candidates else None,
        guid=item.guid.strip()[:MAX_GUID] or None if item.guid else None,
        published=read_date(item.published_raw, reading),
        published_raw=item.published_raw,
        updated_at=_instant(item.updated_raw, reading),
        summary=item.summary[:MAX_SUMMARY] if item.summary else None,
        authors=tuple(" ".join(name.split())[:MAX_AUTHOR] for name in item.authors[:MAX_AUTHORS]),
        language=item.language,
    )


def _cut(title: str | None) -> str | None:
    return title[:MAX_TITLE].rstrip() if title else None


def _problems(raw_items: tuple[RawItem, ...], items: tuple[FeedItem, ...]) -> list[str]:
    """Return what is wrong with the items, as sentences; of many of a kind the first ones."""
    found = [
        problem
        for number, (raw, item) in enumerate(zip(raw_items, items, strict=True), 1)
        for problem in _item_problems(number, raw, item)
    ]
    shown = found if len(found) <= MAX_PROBLEMS else found[:MAX_PROBLEMS]
    more = [f"{len(found) - len(shown)} more problems of single items."] if len(found) > len(shown) else []
    return [*shown, *more, *_problems_of_all(items)]


def _item_problems(number: int, raw: RawItem, item: FeedItem) -> Iterator[str]:
    name = f"Item {number}" + (f" ({item.title[:60]})" if item.title else "")
    if item.url is None:
        found = f'its link "{raw.link[:100]}" is not an http(s) address' if raw.link else "it has no link"
        yield f"{name}: {found}; it gives no article."
    if raw.published_raw and raw.published_raw.strip() and item.published is None:
        yield f'{name}: its date "{raw.published_raw.strip()[:60]}" could not be read.'


def _problems_of_all(items: tuple[FeedItem, ...]) -> Iterator[str]:
    n_without_zone = sum(1 for i in items if i.published and i.published.local and i.published.at is None)
    if n_without_zone:
        yield f"{n_without_zone} dates name no zone: without the source's timezone they are no instants."
    links_of: dict[str, set[str | None]] = {}
    for item in items:
        if item.guid:
            links_of.setdefault(item.guid, set()).add(item.link)
    n_shared = sum(1 for links in links_of.values() if len(links) > 1)
    if n_shared:
        yield f"{n_shared} guids are shared by items with different links; the links count."


def _instant(raw: str | None, reading: Reading) -> datetime | None:
    """Return when something was updated, if day, time and zone are known."""
    moment = _moment(raw, reading)
    return moment.at if moment else None


def _moment(raw: str | None, reading: Reading) -> Moment | None:
    return feed_moment(raw, zone=reading.zone, date_order=reading.date_order, now=reading.now)


def _printed_moment(raw: str | None, reading: Reading) -> Moment | None:
    """Return the date of a listing's item, which is written for people: "2 hours ago", "Politics, 10 Jan"."""
    text = (raw or "").strip()[:MAX_LENGTH]
    if not text:
        return None
    zone, order, language, now = reading.zone, reading.date_order, reading.language, reading.now
    moment = parse_moment(text, zone=zone, date_order=order, language=language, now=now, origin="feed")
    if moment is not None:
        return moment
    found = find_moments(text, zone=zone, date_order=order, language=language, now=now, origin="feed")
    return found[0].moment if found else None

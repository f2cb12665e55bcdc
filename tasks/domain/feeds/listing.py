"""Reads an HTML page: a listing by CSS selectors, or a home page for the feeds that it names.

One of the readers behind `parse.parse_feed`.
"""

from urllib.parse import urljoin

import soupsieve
from bs4 import BeautifulSoup, Tag
from soupsieve import SelectorSyntaxError

from tasks.domain.feeds.document import RawFeed, RawItem, read_each
from tasks.domain.feeds.home_page import base_of, feed_links, page_language, page_title, soup_of
from tasks.errors import ErrorClass, FeedFormatError
from warehouse.records.feed import FeedDocument
from warehouse.records.source import FeedKind, ListingRules

MAX_ITEMS = 2000  # a page that shows more is not a listing; selectors cost 0.4 ms an item
MAX_DEPTH = 250  # pages have 30 to 60


def read_listing(text: str, url: str, rules: ListingRules) -> RawFeed:
    """Return what the selectors find, in document order, and the link to the following page.

    Raises FeedFormatError when a selector is invalid or matches no item.
    """
    soup = soup_of(text)
    if is_deep(soup):
        reason = f"The page is nested more than {MAX_DEPTH} elements deep."
        raise FeedFormatError(url, ErrorClass.PARSE, reason)
    base = base_of(soup, url)
    try:
        elements = soup.select(rules.item, limit=MAX_ITEMS + 1)
        _check_selectors(rules)
        items, bad_items = read_each(elements[:MAX_ITEMS], lambda item: _read_item(item, rules, base))
        following = soup.select_one(rules.next) if rules.next else soup.select_one('[rel~="next"][href]')
    except SelectorSyntaxError as error:
        raise FeedFormatError(
            url, ErrorClass.PARSE, f"A selector of the listing is invalid: {error}."
        ) from error
    if not items:
        reason = f'The selector "{rules.item}" matches nothing on the page; its markup may have changed.'
        raise FeedFormatError(url, ErrorClass.EMPTY, reason)
    cut = (f"Only the first {MAX_ITEMS} items are read.",) if len(elements) > MAX_ITEMS else ()
    return FeedDocument(
        FeedKind.LISTING,
        items,
        title=page_title(soup),
        language=page_language(soup),
        next_url=_joined(base, _href(following)),
        feed_urls=_feed_urls(soup, base),
        problems=(*cut, *bad_items),
    )


def read_home_page(text: str, url: str) -> RawFeed:
    """Return an HTML page's declared feeds (`<link rel=alternate>`), without items.

    Raises FeedFormatError when the page names none.
    """
    soup = soup_of(text)
    feed_urls = _feed_urls(soup, base_of(soup, url))
    if not feed_urls:
        raise FeedFormatError(url, ErrorClass.NOT_A_FEED, "The document is an HTML page that names no feed.")
    return FeedDocument(
        FeedKind.LISTING,
        (),
        title=page_title(soup),
        language=page_language(soup),
        feed_urls=feed_urls,
        problems=("The document is an HTML page, not a feed; it names feeds (feed_urls).",),
    )


def _check_selectors(rules: ListingRules) -> None:
    for selector in (rules.link, rules.title, rules.date):
        if selector:
            soupsieve.compile(selector)  # raises SelectorSyntaxError


def is_deep(soup: BeautifulSoup) -> bool:
    """Say whether the page is nested so deep that selectors would take minutes (a hostile page)."""
    stack: list[tuple[Tag, int]] = [(soup, 0)]
    while stack:
        element, depth = stack.pop()
        if depth > MAX_DEPTH:
            return True
        stack.extend((child, depth + 1) for child in element.children if isinstance(child, Tag))
    return False


def _read_item(item: Tag, rules: ListingRules, base: str) -> RawItem:
    link = _pick(item, rules.link)
    title = item.select_one(rules.title) if rules.title else link
    date = item.select_one(rules.date) if rules.date else None
    return RawItem(
        title=_visible_text(title),
        is_markup=False,
        link=_href(link),
        base=base,
        published_raw=_date_text(date),
    )


def _pick(item: Tag, selector: str) -> Tag | None:
    element = item.select_one(selector)
    # `item` itself may be the link: <a class="card"> around picture and headline.
    return element if element is not None or not item.get("href") else item


def _date_text(element: Tag | None) -> str | None:
    if element is None:
        return None
    machine = element.get("datetime") or element.get("content")
    return machine if isinstance(machine, str) and machine.strip() else _visible_text(element)


def _visible_text(element: Tag | None) -> str | None:
    if element is None:
        return None
    text = " ".join(element.get_text(" ").split())
    label = element.get("title")
    return text or (label.strip() if isinstance(label, str) else None) or None


def _href(element: Tag | None) -> str | None:
    if element is None:
        return None
    if not element.get("href"):
        inner = element.find("a", href=True)
        element = inner if isinstance(inner, Tag) else element
    href = element.get("href")
    return href if isinstance(href, str) else None


def _joined(base: str, href: str | None) -> str | None:
    if not href:
        return None
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return None


def _feed_urls(soup: BeautifulSoup, base: str) -> tuple[str, ...]:
    return tuple(link.url for link in feed_links(soup, base))

"""A site's home page -> what it says of the site: name, language, feeds.

Used when a source is added (`tasks.inspection.discover`).
"""

import warnings
from dataclasses import dataclass
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Tag

from tasks.domain.feeds.decode import decode_document
from tasks.domain.feeds.links import is_web_url

FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a page names."""

    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class HomePage:
    """What a home page says of its site."""

    title: str | None = None
    language: str | None = None  # ISO 639-1 or -2
    feeds: tuple[FeedLink, ...] = ()


def parse_home_page(body: bytes, url: str, content_type: str | None) -> HomePage:
    """Return what a page says of its site; empty for a document that is not HTML.

    Raises FeedFormatError for damaged gzip data.
    """
    soup = soup_of(decode_document(body, url, content_type, None))
    return HomePage(_site_name(soup), _language(soup), feed_links(soup, base_of(soup, url)))


def soup_of(text: str) -> BeautifulSoup:
    """Return a page's tree; XHTML is read as HTML."""
    with warnings.catch_warnings():
        # XHTML is parsed as HTML on purpose, and a text that looks like a file name is still a text.
        warnings.simplefilter("ignore")
        return BeautifulSoup(text, "lxml")


def base_of(soup: BeautifulSoup, url: str) -> str:
    """Return the base of a page's links: `<base href>`, else its own URL."""
    element = soup.find("base", href=True)
    return _joined(url, element.get("href")) or url if isinstance(element, Tag) else url


def feed_links(soup: BeautifulSoup, base: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page declares (`<link rel=alternate>`), each once, readers' comments last."""
    links: dict[str, FeedLink] = {}
    for link in soup.find_all("link", href=True):
        url = _joined(base, link.get("href")) if isinstance(link, Tag) and _is_feed_link(link) else None
        if url and is_web_url(url):
            title = link.get("title")
            links.setdefault(url, FeedLink(url, _folded(title)))
    return tuple(sorted(links.values(), key=_is_of_comments))  # a stable sort: the page's order within


def page_title(soup: BeautifulSoup) -> str | None:
    """Return the text of `<title>`."""
    return _folded(soup.title.get_text(" ")) if soup.title else None


def page_language(soup: BeautifulSoup) -> str | None:
    """Return the language that the root element names."""
    html = soup.find("html")
    return _folded(html.get("lang") or html.get("xml:lang")) if isinstance(html, Tag) else None


def _site_name(soup: BeautifulSoup) -> str | None:
    for name in ("og:site_name", "application-name"):
        meta = soup.find("meta", attrs={"property": name}) or soup.find("meta", attrs={"name": name})
        text = _folded(meta.get("content")) if isinstance(meta, Tag) else None
        if text:
            return text
    return page_title(soup)


def _language(soup: BeautifulSoup) -> str | None:
    language = (page_language(soup) or "").replace("_", "-").partition("-")[0].lower()
    return language if language.isascii() and language.isalpha() and 2 <= len(language) <= 3 else None


def _is_feed_link(link: Tag) -> bool:
    rel = link.get("rel")
    words = {word.lower() for word in (rel.split() if isinstance(rel, str) else rel or ())}
    kind = str(link.get("type") or "").partition(";")[0].strip().lower()
    return bool(words & {"alternate", "feed"}) and kind in FEED_TYPES


def _is_of_comments(link: FeedLink) -> bool:
    # "/comments/feed/" of WordPress, and titles in languages with the same word.
    return "comment" in link.url.lower() or "comment" in (link.title or "").lower()


def _joined(base: str, href: object) -> str | None:
    if not isinstance(href, str) or not href.strip():
        return None
    try:
        return urljoin(base, href.strip())
    except ValueError:
        return None


def _folded(text: object) -> str | None:
    return " ".join(text.split()) or None if isinstance(text, str) else None

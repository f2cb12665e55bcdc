"""The format of a feed document, detected by its content alone.

After `decode`, before the readers. Headers and file names are wrong too often to be used: feeds come as
text/html, home pages as application/xml.
"""

import re

from warehouse.records.source import FeedKind

_ELEMENT = re.compile(r"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<(?:[\w.-]+:)?([A-Za-z][\w-]*)(?=[\s>/])", re.S)
_ROOTS = {
    "rss": FeedKind.RSS,
    "rdf": FeedKind.RSS,
    "channel": FeedKind.RSS,  # CDF, the format before RSS; also RSS without its root
    "feed": FeedKind.ATOM,
    "entry": FeedKind.ATOM,  # RFC 4287 section 2: an entry may stand alone
    "urlset": FeedKind.SITEMAP,
    "sitemapindex": FeedKind.SITEMAP,
    "html": FeedKind.LISTING,
}
_URL_LINES = re.compile(r"(?:\s*#[^\n]*\n){0,50}\s*https?://\S+\s*(?:\n|\Z)")  # also after comments
_HTML_WORDS = re.compile(r"<!doctype html|<(?:head|body|title|meta|div|p|a|table|h1|ul)[\s>]", re.I)
_SEARCHED = 65_536  # characters in which the root stands, however long the comment before it


def sniff_kind(text: str) -> FeedKind | None:
    """Return the format of a decoded document, or None when it is not supported.

    RDF counts as RSS; any HTML page as a listing; a text file of URLs as a sitemap.
    """
    start = text[:_SEARCHED].lstrip()
    if start.startswith(("{", "[")):
        return FeedKind.JSON
    if _URL_LINES.match(start):
        return FeedKind.SITEMAP
    for match in _ELEMENT.finditer(start):
        kind = _ROOTS.get((match[1] or "").lower())
        if kind:
            return kind
    return FeedKind.LISTING if _HTML_WORDS.search(start) else None

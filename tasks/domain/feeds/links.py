"""An item's link as the document writes it -> an absolute http(s) URL, or a reason why not.

After the readers, part of `normalise`.
"""

import re
from urllib.parse import quote, urljoin, urlsplit

_LINE_BREAK = re.compile(r"[\t\r\n]+\s*")
_ENDS = "".join(map(chr, range(0x21))) + "\x85\xa0\u200b\u2028\u2029\u3000\ufeff"
_WHITE_SPACE = re.compile(r"\s")
_AMPERSAND = re.compile(r"&(?:amp|#0*38|#[xX]0*26);")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
# A URL that joining would not change: most links, and a sitemap has 50,000.
_WHOLE = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]+)?/(?:[^\s./#\\<>]+[./])*[^\s./#\\<>]*")
_ONLY_SCHEME = re.compile(r"https?:/*", re.I)
_NO_SCHEME = re.compile(r"www\.[\w-]+\.\w", re.I)


def absolute_link(href: str | None, base: str | None, url: str) -> str | None:
    """Return the link joined to its xml:base and the document's URL (RFC 3986 section 5), or None.

    Without an absolute base a relative link stays relative. White space around it is removed, white
    space inside is percent-encoded; nothing else of the link is changed.
    """
    cleaned = _LINE_BREAK.sub("", (href or "").strip(_ENDS))
    if not cleaned:
        return None
    if _WHOLE.fullmatch(cleaned):
        return cleaned
    if _ONLY_SCHEME.fullmatch(cleaned):
        return cleaned  # joined, it would become the document's own URL
    if _NO_SCHEME.match(cleaned):
        cleaned = "http://" + cleaned  # "www.news.example/a" is never meant as a relative path
    try:
        joined = urljoin(urljoin(url, base or ""), cleaned)
        urlsplit(joined)
    except ValueError:
        return None
    return _WHITE_SPACE.sub(lambda space: quote(space[0]), joined)


def unescaped(link: str) -> str:
    """Return a link that was escaped twice with `&amp;` and `&#038;` as "&"."""
    return _AMPERSAND.sub("&", link) if "&" in link else link


def is_web_url(link: str) -> bool:
    """Say whether the link is absolute http(s) with a host."""
    if _WHOLE.fullmatch(link):
        return True
    try:
        parts = urlsplit(link)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def has_other_scheme(link: str) -> bool:
    """Say whether the link names a scheme that is neither http nor https."""
    match = _SCHEME.match(link)
    return match is not None and match[0].lower() not in ("http:", "https:")

"""Images and outgoing links of an article's body, absolute, in page order."""

from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from tasks.domain.pages.lines import inner_text
from tasks.domain.text.normalise import squeeze
from warehouse.records.article import Link

_MAX_LINKS = 300
_LAZY = ("data-src", "data-original", "data-lazy-src", "data-url", "src")


def read_links(root: HtmlElement, body: str, base: str) -> tuple[Link, ...]:
    """Return the links and images in or between the paragraphs that the body was read from."""
    paragraphs = _paragraphs_of(root, body)
    if not paragraphs:
        return ()
    links: dict[tuple[str, str], Link] = {}
    for element in _around(paragraphs).iter("a", "img"):
        if len(links) == _MAX_LINKS:
            break
        link = _image(element, base) if element.tag == "img" else _outgoing(element, base)
        if link:
            links.setdefault((link.kind, link.url), link)
    return tuple(links.values())


def _paragraphs_of(root: HtmlElement, body: str) -> list[HtmlElement]:
    heads = {line[:40] for line in body.split("\n") if len(line) > 40}
    if not heads:
        return []
    for tags in (("p",), ("div", "td", "li")):
        elements = [e for e in root.iter(*tags) if len(e) < 40 and squeeze(_head(e))[:40] in heads]
        if elements:
            return elements
    return []


def _head(element: HtmlElement) -> str:
    if len(element) == 0:
        return element.text or ""
    text = ""
    for piece in element.itertext():
        text += piece
        if len(text) > 120:
            break
    return text


def _around(elements: list[HtmlElement]) -> HtmlElement:
    first, last = elements[0], elements[-1]
    if first is last:
        parent = first.getparent()
        return parent if parent is not None else first
    ancestors = {first, *first.iterancestors()}
    return next((a for a in last.iterancestors() if a in ancestors), first)


def _image(element: HtmlElement, base: str) -> Link | None:
    if element.get("width") in ("1", "0") or element.get("height") in ("1", "0"):
        return None
    address = next((v for name in _LAZY if (v := element.get(name)) and not v.startswith("data:")), None)
    url = _absolute(base, address)
    return Link("image", url, squeeze(element.get("alt")) or None) if url else None


def _outgoing(element: HtmlElement, base: str) -> Link | None:
    url = _absolute(base, element.get("href"))
    if not url or url.split("#")[0] == base.split("#")[0]:
        return None
    return Link("link", url, squeeze(inner_text(element))[:200] or None)


def _absolute(base: str, address: str | None) -> str | None:
    if not address or address.startswith("#"):
        return None
    try:
        url = urljoin(base, address.strip())
        parts = urlsplit(url)
        return url[:2000] if parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None

"""A page's own headings: their words, with and without the kicker that stands inside them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import is_date_line
from tasks.domain.pages.lines import lines_of
from tasks.domain.text.normalise import squeeze, word_set

_KICKER_CLASS = re.compile(
    r"kicker|overline|topline|eyebrow|dachzeile|spitzmarke|supertitle|pre-?title|roofline|label|"
    r"category|badge|"
    r"flag|visually-hidden|sr-only|screen-reader|rubri|date|time|meta",
    re.IGNORECASE,
)
_SPACED_TAGS = word_set("br div span p small time")
_FULL_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b\d{1,2}\.\d{1,2}\.\d\d\b")
_UNSEEN = word_set("script style svg button noscript")
_FRONT_PAGES = frozenset(["", "index.html", "index.htm", "index.php", "en", "de", "home"])
_MAX_HEADINGS = 15
_HALF = 0.5
_MAX_DEPTH = 30  # of markup inside a heading


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the page: all its words, and those outside a kicker or badge."""

    whole: str
    bare: str
    tag: str


def read_headings(root: HtmlElement) -> list[Heading]:
    """Return the page's own headings: its h1 elements without the site's name; without any, h2 and h3."""
    for tags in (("h1",), ("h2", "h3")):
        elements = [element for element in islice(root.iter(*tags), 40) if not _is_other(element)]
        headings = [_read_heading(element, tags[0]) for element in elements]
        if worded := [heading for heading in headings if heading.whole][:_MAX_HEADINGS]:
            return worded
    return []


def _is_other(element: HtmlElement) -> bool:
    """Say whether a heading is the site's name, or an entry of a list (the last of the breadcrumbs)."""
    parent = element.getparent()
    return is_branding(element) or (parent is not None and parent.tag == "li" and element.tag == "h1")


def _read_heading(element: HtmlElement, tag: str) -> Heading:
    whole, bare = _spaced(element, skip=False), _undated(element)
    # A kicker stands in front: what is left out behind the words, and is longer, is the headline.
    is_kicker_left = whole.startswith(bare) and len(bare) < _HALF * len(whole)
    return Heading(whole, whole if is_kicker_left else bare, tag)


def is_branding(element: HtmlElement) -> bool:
    """Say whether a heading is the site's name: all of it one link to the front page.

    A link by query or fragment, or without address (`?p=123`, `index.php?id=5`, `#top`), leads to the page.
    """
    link = next(element.iter("a"), None)
    if link is None or len(squeeze(element.text_content())) > len(squeeze(link.text_content())):
        return False
    try:
        address = urlsplit((link.get("href") or "").strip())
    except ValueError:
        return False
    if address.query or (not address.path and not address.netloc):
        return False
    return address.path.strip("/").lower() in _FRONT_PAGES


def _spaced(element: HtmlElement, *, skip: bool) -> str:
    """Return an element's words, blocks set apart; `skip` leaves kickers and badges out."""
    words = squeeze("".join(_pieces(element, skip, 0)))
    return words.strip(" |:–-") if skip else words


def _pieces(element: HtmlElement, skip: bool, depth: int) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if depth < _MAX_DEPTH and child.tag not in _UNSEEN and not (skip and _is_kicker(child)):
            space = " " if child.tag in _SPACED_TAGS else ""
            yield space
            yield from _pieces(child, skip, depth + 1)
            yield space
        yield child.tail or ""


def _is_kicker(element: HtmlElement) -> bool:
    return _KICKER_CLASS.search(f"{element.get('class', '')} {element.get('data-testid', '')}") is not None


def _undated(element: HtmlElement) -> str:
    """Return a heading's words without lines and parts that are only a date."""
    lines = [squeeze("".join(part.itertext())) for part in element if part.tag in _SPACED_TAGS]
    dates = [text for text in (*lines_of(element), *lines) if is_date_line(text) and _FULL_DATE.search(text)]
    text = _spaced(element, skip=True)
    for date in dates:
        text = text.removeprefix(date).removesuffix(date).strip(" |:–-")
    return text

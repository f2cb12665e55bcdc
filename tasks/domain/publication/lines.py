"""The visible lines around a page's headline, nearest first: where a date is printed for readers.

Read by `visible`. The tree is walked from the headline outwards in document order, both ways, and only as
far as a date line can stand; a whole page is never read. Lines inside comments, side columns, lists of
other articles, navigation and footers are skipped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from tasks.domain.text.normalise import word_set

MAX_LINES_BEFORE = 15
MAX_LINES_AFTER = 30
MAX_CHARS_BEFORE = 800
MAX_CHARS_AFTER = 3000
MAX_NODES = 1500
_BLOCKS = word_set(
    """
    address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody td th thead tr ul
"""
)
_UNSEEN = word_set("script style noscript template svg select textarea iframe object nav button option")
# Names of parts that belong to other articles or to readers. Page builders put "widget" or "card" into the
# names of harmless parts ("elementor-widget", "card-author"), hence the exceptions.
_ELSEWHERE = re.compile(
    r"(?<![a-z])(?:comments?|disqus|related|side-?bar|recommend\w*|most-?(?:read|popular|viewed)|popular"
    r"|latest|trending|newest|more-?(?:news|stories|articles)|promo|newsletter|carousel|slider|swiper|ticker"
    r"|upcoming|archives?|lateral|(?<!elementor-)(?<!container-)widgets?(?!-content)"
    r"|(?:cards?|teasers?)(?![-_]{1,2}(?:author|meta|date|time|info|text)))"
    r"(?![a-z])",
    re.IGNORECASE,
)
_DATE_ATTRIBUTES = word_set(
    """
    datetime data-datetime data-date data-time data-timestamp data-published data-publish-date
    data-pubdate data-utc
"""
)
_OTHER_PARTS = frozenset(["footer", "aside"])
_OWN_PART = re.compile(r"entry|article|post|node|meta|byline|author|detail", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """One visible line and its place: -1 is the line just before the headline, 1 the one just after."""

    text: str
    place: int
    parts: tuple[tuple[int, HtmlElement], ...]  # where in the text each element's own text starts

    def element_at(self, offset: int) -> HtmlElement:
        """Return the element whose own text stands at an offset of the line."""
        return next(element for start, element in reversed(self.parts) if start <= max(offset, 0))

    @property
    def longest(self) -> HtmlElement:
        """Return the element with most of the line's text."""
        ends = [start for start, _ in self.parts[1:]] + [len(self.text)]
        return max(zip(self.parts, ends, strict=True), key=lambda part: part[1] - part[0][0])[0][1]

    @property
    def has_time(self) -> bool:
        """Say whether an element with a date in an attribute is part of the line."""
        return any(dated_attribute(element) for _, element in self.parts)


# A run of text, or the edge of a block (text None), and its element.
_Piece = tuple[str | None, HtmlElement]


def dated_attribute(element: HtmlElement) -> str | None:
    """Return the value of an attribute made for dates: `<time datetime>`, `<span data-timestamp>`."""
    names = element.keys()  # without the values: few elements have such an attribute
    if _DATE_ATTRIBUTES.isdisjoint(names):
        return None
    return next(str(element.get(name)) for name in names if name in _DATE_ATTRIBUTES)


def lines_after(headline: HtmlElement) -> Iterator[Line]:
    """Yield the lines after the headline, nearest first."""
    return _lines(_pieces_after(headline), 1, MAX_LINES_AFTER, MAX_CHARS_AFTER)


def lines_before(headline: HtmlElement) -> Iterator[Line]:
    """Yield the lines before the headline, nearest first."""
    return _lines(_pieces_before(headline), -1, MAX_LINES_BEFORE, MAX_CHARS_BEFORE)


def lines_within(element: HtmlElement) -> Iterator[Line]:
    """Yield the lines of an element from its start."""
    return _lines(_subtree_forward(element), 1, MAX_LINES_AFTER, MAX_CHARS_AFTER)


def _lines(pieces: Iterator[_Piece], step: int, max_lines: int, max_chars: int) -> Iterator[Line]:
    """Yield pieces joined into lines; pieces that come backwards are put in reading order."""
    parts: list[_Piece] = []
    place = n_chars = 0
    for piece in islice(pieces, MAX_NODES):
        if piece[0] is not None:
            parts.append(piece)
            continue
        line = _line(parts[::step], place + step) if parts else None
        parts = []
        if line is not None:
            place += step
            n_chars += len(line.text)
            yield line
            if abs(place) >= max_lines or n_chars > max_chars:
                return
    line = _line(parts[::step], place + step)
    if line is not None:
        yield line


def _line(pieces: list[_Piece], place: int) -> Line | None:
    text = ""
    parts: list[tuple[int, HtmlElement]] = []
    for piece, element in pieces:
        squeezed = " ".join((piece or "").split())
        if squeezed or dated_attribute(element):
            text += " " if text else ""
            parts.append((len(text) if parts else 0, element))
            text += squeezed
    return Line(text, place, tuple(parts)) if parts else None


def _is_seen(element: HtmlElement, tag: str) -> bool:
    if tag in _UNSEEN or not isinstance(tag, str):
        return False
    names = (element.get("class") or "") + " " + (element.get("id") or "")
    if tag in _OTHER_PARTS and not _OWN_PART.search(names):
        return False
    return len(names) < 2 or not names_elsewhere(names)


@lru_cache(maxsize=20_000)
def names_elsewhere(names: str) -> bool:
    """Say whether class and id are those of a part that belongs to other articles or to readers."""
    return _ELSEWHERE.search(names) is not None


def _pieces_after(start: HtmlElement) -> Iterator[_Piece]:
    """Yield everything after an element in document order."""
    yield None, start
    element = start
    while (parent := element.getparent()) is not None and element.tag != "body":
        if tail := element.tail:
            yield tail, parent
        for sibling in element.itersiblings():
            yield from _subtree_forward(sibling)
            if tail := sibling.tail:
                yield tail, parent
        yield None, parent
        element = parent


def _pieces_before(start: HtmlElement) -> Iterator[_Piece]:
    """Yield everything before an element, last piece first."""
    yield None, start
    element = start
    while (parent := element.getparent()) is not None and element.tag != "body":
        for sibling in element.itersiblings(preceding=True):
            if tail := sibling.tail:
                yield tail, parent
            yield from _subtree_backward(sibling)
        if text := parent.text:
            yield text, parent
        yield None, parent
        element = parent


def _subtree_forward(root: HtmlElement) -> Iterator[_Piece]:
    walk = iterwalk(root, events=("start", "end"))
    for event, item in walk:
        tag = item.tag
        if event == "end":
            if tag in _BLOCKS:
                yield None, item
            if item is not root and (tail := item.tail):
                yield tail, item.getparent()
        elif not _is_seen(item, tag):
            yield None, item
            walk.skip_subtree()
        else:
            if tag in _BLOCKS:
                yield None, item
            if (text := item.text) or dated_attribute(item):
                yield text or "", item


def _subtree_backward(root: HtmlElement) -> Iterator[_Piece]:
    stack: list[HtmlElement | _Piece] = [root]
    while stack:
        item = stack.pop()
        if isinstance(item, tuple):
            yield item
            continue
        tag = item.tag
        if not _is_seen(item, tag):
            yield None, item
            continue
        if tag in _BLOCKS:
            yield None, item
            stack.append((None, item))
        if (text := item.text) or dated_attribute(item):
            stack.append((text or "", item))
        for child in item:
            stack.append(child)
            if tail := child.tail:
                stack.append((tail, item))

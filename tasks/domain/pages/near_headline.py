"""The short lines around an article's headline: where date, byline and source stand as plain text.

Walks the tree outward from the heading in document order, so it works in any layout: divs, tables,
markup that a parser had to mend.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from tasks.domain.text.normalise import comparison_key, squeeze, word_set

_SKIPPED = word_set("script style noscript template svg select option button iframe nav")
_INLINE = word_set("a abbr b bdi bdo cite em font i mark q s small span strong sub sup time u label")
_LABEL = 24  # characters
_BY = word_set("by von par por di door av af")
_HEADLINE_TAGS = (
    ("h1",),
    ("h2", "h3"),
    ("h4", "h5", "h6", "td", "p", "div", "span", "font", "b", "strong", "big", "a", "center", "dt"),
)
_HEADINGS = (("h1",), ("h2", "h3"), ("h4", "h5", "h6"))
_MORE = 50  # characters beside the headline in its block
_MAX_TEXTS = 160  # text nodes walked to each side


@dataclass(frozen=True, slots=True)
class NearLines:
    """Lines before the headline (nearest first) and after it (nearest first)."""

    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def nearest(self, n_before: int, n_after: int) -> list[str]:
        """Return the nearest lines of both sides, those after the headline first."""
        return [*_labelled(self.after[:n_after]), *_labelled(self.before[:n_before][::-1])[::-1]]


def _labelled(lines: Sequence[str]) -> list[str]:
    """Return lines in page order, a label that stands alone (`Source:`) in one line with what follows it."""
    pairs = pairwise([*lines, ""])
    return [
        f"{line} {after}" if len(line) <= _LABEL and (line.endswith(":") or line.lower() in _BY) else line
        for line, after in pairs
    ]


def find_headline(root: HtmlElement, titles: Sequence[str]) -> HtmlElement | None:
    """Return the element that shows the headline: a heading, else any block with just these words.

    The first of the titles is the chosen one: a heading that shows it goes before one that shows another.
    """
    chosen = {comparison_key(title) for title in titles[:1]} - {""}
    keys = {key for key in map(comparison_key, titles) if key}
    exact, _ = _shown(root, chosen, _HEADINGS)
    if exact is not None:
        return exact
    exact, with_more = _shown(root, keys, _HEADLINE_TAGS)
    found = exact if exact is not None else with_more
    return found if found is not None else next(iter(root.iter("h1")), None)


def _shown(
    root: HtmlElement, keys: set[str], levels: Sequence[tuple[str, ...]]
) -> tuple[HtmlElement | None, HtmlElement | None]:
    """Return the first element with just the words of a title, and the first with a little more."""
    longest = 2 * max(map(len, keys), default=0) + _MORE
    with_more = None  # the headline with a date or a kicker in the same block
    for tags in levels if keys else ():
        for element in root.iter(*tags):
            text = comparison_key(_short_text(element, longest)) if len(element) <= 6 else ""
            if text in keys:
                return element, with_more
            if with_more is None and any(key in text and len(text) < len(key) + _MORE for key in keys):
                with_more = element
    return None, with_more


def _short_text(element: HtmlElement, longest: int) -> str:
    texts = list(islice(element.itertext(), 12))
    text = "".join(texts)
    return squeeze(text) if len(texts) < 12 and len(text.strip()) <= longest else ""


def read_near_lines(headline: HtmlElement, *, limit: int = 16) -> NearLines:
    """Return up to `limit` lines on each side of the headline."""
    after = islice(_lines(_texts_after(headline)), limit)
    before = islice(_lines(_texts_before(headline)), limit)
    return NearLines(tuple(before), tuple(after))


def _lines(pieces: Iterator[tuple[str, bool]]) -> Iterator[str]:
    """Join pieces of text to lines; a piece says whether a new line begins with it."""
    line = ""
    for text, begins in islice(pieces, _MAX_TEXTS):
        if begins and line and (done := squeeze(line)):
            yield done
            line = ""
        line = f"{line}{text}"
    if done := squeeze(line):
        yield done


def _texts_after(element: HtmlElement) -> Iterator[tuple[str, bool]]:
    node: HtmlElement | None = element
    while node is not None and node.tag != "body":
        yield node.tail or "", True
        for sibling in node.itersiblings():
            yield from _texts_in(sibling)
        node = node.getparent()


def _texts_in(element: HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield an element's texts in document order, with whether each begins a line, and its tail."""
    walk = iterwalk(element, events=("start", "end"))
    skipped: HtmlElement | None = None
    # Between elements that nothing but markup sets apart: <span>Ann Lee</span><span>3 May</span>.
    gap = ""
    for event, node in walk:
        tag = node.tag
        if event == "end":
            is_skipped, skipped = node is skipped, None
            gap = "" if node.tail else " "
            yield node.tail or "", is_skipped or tag not in _INLINE
        elif isinstance(tag, str) and tag not in _SKIPPED:
            yield f"{gap}{node.text or ''}", tag not in _INLINE
            gap = ""
        else:
            skipped = node
            walk.skip_subtree()


def _texts_before(element: HtmlElement) -> Iterator[tuple[str, bool]]:
    """Yield whole lines before an element, nearest first."""
    node: HtmlElement | None = element
    while node is not None and node.tag != "body":
        for sibling in node.itersiblings(preceding=True):
            lines = list(_lines(islice(_texts_in(sibling), _MAX_TEXTS)))
            for line in reversed(lines):
                yield line, True
        node = node.getparent()
        if node is not None and squeeze(node.text):
            yield node.text or "", True

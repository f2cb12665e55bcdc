"""Lines of the article that a reading left out, put back where they stand on the page.

trafilatura drops sub-headings and lists that it takes for links, ends a text before its last short
paragraphs, and misses a lead that stands beside the headline instead of in the text's element. After the
choice of the reading, before the cleaning of lines. A line is put back only if pruning has left it.
"""

import html
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import (
    ends_sentence,
    is_boilerplate_line,
    is_byline,
    is_footer,
    is_label,
    is_prose,
)
from tasks.domain.pages.lines import INLINE, TextLine
from tasks.domain.text.normalise import comparison_key, squeeze, word_set
from tasks.domain.text.patterns import ALSO_READ, COMMENTS

_START = 40  # characters by which a line of a reading is found on the page
_FAR = 200  # lines: what stands farther behind the last line is another text with the same words
_KEY = 60  # characters by which a line of the page is found in a reading
_GAP = 60  # lines between two lines of a reading
_PARAGRAPHS = 2  # of an element that holds the text
_PARAGRAPH = 60  # characters
_TAIL = 40  # lines behind the reading
_LEAD_LINES = 14  # from the headline to the text
_LEADS = 2  # paragraphs
_TEXT_BLOCKS = word_set("p h2 h3 h4 h5 h6 blockquote pre dd dt li")
_WRAPPERS = word_set("ul ol li blockquote dl")
_HEADINGS = word_set("h2 h3 h4 h5 h6")
_NO_TEXT = word_set("figure figcaption aside nav")


@dataclass(frozen=True, slots=True)
class _Block:
    """The block that holds a line, and the element that holds the block, lists and quotations aside."""

    tag: str
    holder: HtmlElement | None


def add_left_out(
    text: str, lines: Sequence[TextLine], root: HtmlElement, titles: Iterable[str], authors: Iterable[str]
) -> str:
    """Return the reading with the lines that it left out: its lead, what stands between its lines, its end.

    `lines` are those of the whole page; `root` is the pruned tree, from which boilerplate is gone.
    """
    parts = text.split("\n")
    places = _places(parts, lines)
    holders = _holders(lines[place] for place in places if place is not None)
    known = "".join(map(_without_spaces, parts))
    filled: list[str] = []
    last: int | None = None
    for part, place in zip(parts, places, strict=True):
        if place is not None and last is not None and place - last <= _GAP:
            filled += _fitting(lines[last + 1 : place], holders, root, known)
        filled.append(part)
        last = place if place is not None else last
    if last is not None:
        filled += _fitting(_before_end(lines[last + 1 : last + _TAIL]), holders, root, known)
    return "\n".join([*_lead(lines, places, root, titles, authors, known), *filled])


def _places(parts: Sequence[str], lines: Sequence[TextLine]) -> list[int | None]:
    """Return where on the page each line of a reading begins, in page order; None for one not found."""
    starts: dict[str, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        starts[line.text[:_START]].append(number)
    places: list[int | None] = []
    position = -1
    for part in parts:
        start = squeeze(part).removeprefix("- ")[:_START]
        place = next((number for number in starts.get(start, ()) if number > position), None)
        if place is not None and (position < 0 or place - position < _FAR):
            position = place
            places.append(place)
        else:
            places.append(None)
    return places


def _holders(lines: Iterable[TextLine]) -> set[HtmlElement]:
    """Return the elements that hold at least two paragraphs of a reading."""
    counts: dict[HtmlElement, int] = defaultdict(int)
    for line in lines:
        block = _block_of(line)
        if block is not None and block.holder is not None and len(line.text) >= _PARAGRAPH:
            counts[block.holder] += 1
    return {holder for holder, count in counts.items() if count >= _PARAGRAPHS}


def _block_of(line: TextLine) -> _Block | None:
    element = line.start
    while element is not None and element.tag in INLINE:
        element = element.getparent()
    if element is None or element.tag not in _TEXT_BLOCKS:
        return None
    holder = element.getparent()
    while holder is not None and holder.tag in _WRAPPERS:
        holder = holder.getparent()
    return _Block(element.tag, holder)


def _fitting(
    lines: Sequence[TextLine], holders: Collection[HtmlElement], root: HtmlElement, known: str
) -> list[str]:
    """Return the lines that stand in one of the elements that hold the text and are not in a reading."""
    fitting: list[str] = []
    for line in lines:
        block = _block_of(line) if not line.is_linked else None
        if block is None or block.holder not in holders or _is_known(line, known):
            continue
        if not is_label(line.text) and not is_boilerplate_line(line.text) and _is_in(line.start, root):
            fitting.append(f"- {line.text}" if block.tag == "li" else line.text)
    return fitting


def _before_end(lines: Sequence[TextLine]) -> list[TextLine]:
    """Return the lines before the comments, a next article or a footer; the last one is no heading."""
    end = next((number for number, line in enumerate(lines) if _is_end(line)), len(lines))
    kept = list(lines[:end])
    while kept and (block := _block_of(kept[-1])) is not None and block.tag in _HEADINGS:
        kept.pop()
    return kept


def _is_end(line: TextLine) -> bool:
    text = line.text
    return line.tag == "h1" or any(p.match(text) for p in (COMMENTS, ALSO_READ)) or is_footer(text)


def _lead(
    lines: Sequence[TextLine],
    places: Sequence[int | None],
    root: HtmlElement,
    titles: Iterable[str],
    authors: Iterable[str],
    known: str,
) -> list[str]:
    """Return the paragraphs between the headline and the text: the lead in an element of its own.

    A sentence about the author is none.
    """
    keys = set(map(comparison_key, titles)) - {""}
    start = next(_text_places(lines, places, keys), 0)
    nearest = max(0, start - _LEAD_LINES)
    heads = [
        number
        for number in range(nearest, start)
        if comparison_key(lines[number].text) in keys and not lines[number].is_linked
    ]
    if not heads:
        return []
    leads = (
        line.text for line in lines[heads[-1] + 1 : start] if _is_lead(line, root, known, tuple(authors))
    )
    return list(leads)[:_LEADS]


def _text_places(lines: Sequence[TextLine], places: Sequence[int | None], titles: set[str]) -> Iterator[int]:
    """Yield the places of a reading's lines without the headline and short lines above the text."""
    for number, place in enumerate(places):
        if place is None:
            continue
        is_title = number < 3 and comparison_key(lines[place].text) in titles
        if not is_title:
            yield place


def _is_lead(line: TextLine, root: HtmlElement, known: str, authors: tuple[str, ...]) -> bool:
    text = line.text
    if line.linked or not is_prose(line) or not ends_sentence(text) or _is_known(line, known):
        return False
    if is_label(text) or is_boilerplate_line(text) or is_byline(text) or text.startswith(authors):
        return False
    return _is_in(line.start, root)


def _is_known(line: TextLine, known: str) -> bool:
    """Say whether a reading, given without its spaces, holds the beginning or the end of a line."""
    text = html.unescape(line.text) if "&" in line.text else line.text
    text = _without_spaces(text.rstrip("#¶ "))
    return text[:_KEY] in known or text[-_KEY:] in known


def _without_spaces(text: str) -> str:
    return "".join(squeeze(text).split())


def _is_in(element: HtmlElement | None, root: HtmlElement) -> bool:
    """Say whether an element is in the tree, outside of figures, side columns and menus."""
    while element is not None and element is not root:
        if element.tag in _NO_TEXT:
            return False
        element = element.getparent()
    return element is root

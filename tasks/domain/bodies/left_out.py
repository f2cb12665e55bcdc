"""Lines of the article that a reading left out, put back where they stand on the page.

trafilatura drops sub-headings and lists that it takes for links, ends a text before its last short
paragraphs, and misses a lead that stands beside the headline instead of in the text's element. After the
choice of the reading, before the cleaning of lines. A line is put back only if pruning has left it.
"""

import html
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import (
    ends_sentence,
    has_weight,
    is_boilerplate_line,
    is_byline,
    is_footer,
    is_label,
    is_prose,
)
from tasks.domain.pages.lines import INLINE, TextLine
from tasks.domain.text.normalise import comparison_key, has_key, squeeze, word_set
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
_HEAD = 4  # lines of a reading above its first paragraph
_MOST_PLACES = 4  # of the same words in a reading
_SHORT = 40  # characters: a shorter line may be the beginning of another
_TEXT_BLOCKS = word_set("p h2 h3 h4 h5 h6 blockquote pre dd dt li")
_WRAPPERS = word_set("ul ol li blockquote dl")
_HEADINGS = word_set("h2 h3 h4 h5 h6")
_NO_TEXT = word_set("figure figcaption aside nav")


@dataclass(frozen=True, slots=True)
class _Block:
    """The block that holds a line, and what holds the block, lists, quotations and boxes of one aside."""

    tag: str
    holder: HtmlElement | None
    is_boxed: bool  # a box that holds it alone stands between the two


@dataclass(frozen=True, slots=True)
class _Known:
    """The lines of a reading without their spaces."""

    lines: str
    joined: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "joined", self.lines.replace("\n", ""))


_Starts = dict[str, list[int]]  # which lines of the page begin as a line of a reading does
# Parent, tag and classes of an element, whether its paragraphs are boxed: entries of a live blog share them.
_Kind = tuple[HtmlElement | None, str, str, bool]


@dataclass(frozen=True, slots=True)
class _Holders:
    """The elements that hold a reading's text, and the kinds of elements that hold it together."""

    elements: frozenset[tuple[HtmlElement, bool]]  # with whether each paragraph is in a box of its own
    kinds: frozenset[_Kind]

    def hold(self, block: _Block) -> bool:
        """Say whether a block stands in one of them."""
        holder = block.holder
        if holder is None:
            return False
        return (holder, block.is_boxed) in self.elements or _kind_of(holder, block.is_boxed) in self.kinds


def add_left_out(
    text: str, lines: Sequence[TextLine], root: HtmlElement, titles: Iterable[str], authors: Iterable[str]
) -> str:
    """Return the reading with the lines that it left out: its lead, what stands between its lines, its end.

    `lines` are those of the whole page; `root` is the pruned tree, from which boilerplate is gone.
    """
    parts: Sequence[str] = text.split("\n")
    starts = _find_starts(parts, lines)
    parts = _in_page_order(parts, starts)
    places = _places(parts, starts)
    holders = _find_holders(lines[place] for place in places if place is not None)
    known = _Known("\n".join(map(_without_spaces, parts)))
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


def _find_starts(parts: Iterable[str], lines: Iterable[TextLine]) -> _Starts:
    starts: _Starts = {_start_of(part): [] for part in parts}
    for number, line in enumerate(lines):
        if (numbers := starts.get(line.text[:_START])) is not None:
            numbers.append(number)
    return starts


def _start_of(part: str) -> str:
    return squeeze(part).removeprefix("- ")[:_START]


def _in_page_order(parts: Sequence[str], starts: _Starts) -> Sequence[str]:
    """Return the lines of a reading in the order of the page's paragraphs; short lines stay beside them.

    trafilatura appends paragraphs that stand outside of the element that it has chosen, a lead above it too.
    """
    numbers = [starts[_start_of(part)] if has_weight(part, _PARAGRAPH) else [] for part in parts]
    known = [places[0] if len(places) == 1 else None for places in numbers]
    paragraphs = [place for place in known if place is not None]
    if all(a <= b for a, b in pairwise(paragraphs)):
        return parts
    order: list[int] = []
    for number, place in enumerate(known):
        if place is None and not parts[number].startswith("- ") and not ends_sentence(parts[number]):
            place = next(
                (following for following in known[number:] if following is not None), None
            )  # a heading
        order.append(place if place is not None else order[-1] if order else -1)
    return [parts[number] for number in sorted(range(len(parts)), key=order.__getitem__)]


def _places(parts: Sequence[str], starts: _Starts) -> list[int | None]:
    """Return where on the page each line of a reading begins, in page order; None for one not found."""
    places: list[int | None] = []
    position = -1
    for part in parts:
        numbers = starts[_start_of(part)]
        following = bisect_right(numbers, position)
        place = numbers[following] if following < len(numbers) else None
        if place is not None and (position < 0 or place - position < _FAR):
            position = place
            places.append(place)
        else:
            places.append(None)
    return places


def _find_holders(lines: Iterable[TextLine]) -> _Holders:
    """Return what holds at least two paragraphs of a reading."""
    elements: Counter[tuple[HtmlElement, bool]] = Counter()
    kinds: Counter[_Kind] = Counter()
    for line in lines:
        block = _block_of(line) if has_weight(line.text, _PARAGRAPH) else None
        if block is not None and block.holder is not None:
            elements[block.holder, block.is_boxed] += 1
            kinds[_kind_of(block.holder, block.is_boxed)] += 1
    return _Holders(
        frozenset(element for element, count in elements.items() if count >= _PARAGRAPHS),
        frozenset(kind for kind, count in kinds.items() if count >= _PARAGRAPHS),
    )


def _kind_of(element: HtmlElement, is_boxed: bool) -> _Kind:
    return element.getparent(), str(element.tag), element.get("class") or "", is_boxed


def _block_of(line: TextLine) -> _Block | None:
    element = line.start
    while element is not None and element.tag in INLINE:
        element = element.getparent()
    if element is None or element.tag not in _TEXT_BLOCKS:
        return None
    holder = element.getparent()
    is_boxed = False
    while holder is not None:
        is_box = _is_box_of_one(holder)
        if not is_box and holder.tag not in _WRAPPERS:
            break
        is_boxed = is_boxed or is_box
        holder = holder.getparent()
    return _Block(element.tag, holder, is_boxed)


def _is_box_of_one(element: HtmlElement) -> bool:
    """Say whether an element holds one block and nothing else: some systems put each paragraph in a box."""
    return element.tag == "div" and len(element) == 1 and not (element.text or "").strip()


def _fitting(lines: Sequence[TextLine], holders: _Holders, root: HtmlElement, known: _Known) -> list[str]:
    """Return the lines that stand in one of the elements that hold the text and are not in a reading."""
    fitting: list[str] = []
    for line in lines:
        block = _block_of(line) if not line.is_linked else None
        if block is None or not holders.hold(block) or _is_known(line, known, block.tag):
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
    known: _Known,
) -> list[str]:
    """Return the paragraphs between the headline and the text: the lead in an element of its own.

    A sentence about the author is none.
    """
    keys = set(map(comparison_key, titles)) - {""}
    first, start = _start_of_text(lines, places, keys)
    nearest = max(0, first - _LEAD_LINES)
    heads = [
        number
        for number in range(nearest, start)
        if has_key(lines[number].text, keys) and _is_headline(lines[number])
    ]
    if not heads:
        return []
    leads = (
        line.text for line in lines[heads[-1] + 1 : start] if _is_lead(line, root, known, tuple(authors))
    )
    return list(leads)[:_LEADS]


def _is_headline(line: TextLine) -> bool:
    """Say whether a line that repeats a title is a headline: no link, or an h1 that links to its own page."""
    return not line.is_linked or line.tag == "h1"


def _start_of_text(
    lines: Sequence[TextLine], places: Sequence[int | None], titles: set[str]
) -> tuple[int, int]:
    """Return the places of a reading's first line beside the headline, and of its first paragraph."""
    known = [
        place
        for number, place in enumerate(places)
        if place is not None and not (number < _HEAD and has_key(lines[place].text, titles))
    ]
    first = known[0] if known else 0
    return first, next((place for place in known[:_HEAD] if is_prose(lines[place])), first)


def _is_lead(line: TextLine, root: HtmlElement, known: _Known, authors: tuple[str, ...]) -> bool:
    text = line.text
    if line.linked or not is_prose(line) or not ends_sentence(text) or _is_known(line, known):
        return False
    if is_label(text) or is_boilerplate_line(text) or is_byline(text) or text.startswith(authors):
        return False
    return _is_in(line.start, root)


def _is_known(line: TextLine, known: _Known, tag: str = "p") -> bool:
    """Say whether a reading holds a line, or the beginning or end of a longer one; `tag` is its block."""
    text = html.unescape(line.text) if "&" in line.text else line.text
    text = _without_spaces(text.rstrip("#¶ "))
    if len(text) < _SHORT and tag in _HEADINGS:
        return _stands_apart(text, known.lines)
    return text[:_KEY] in known.joined or text[-_KEY:] in known.joined


def _stands_apart(text: str, lines: str) -> bool:
    """Say whether a heading is among the lines, or glued to one, not the same words in a sentence."""
    place = -1
    for _ in range(_MOST_PLACES):
        place = lines.find(text, place + 1)
        if place < 0:
            break
        before, after = lines[max(0, place - 1) : place], lines[place + len(text) : place + len(text) + 1]
        if not before.isalnum() and not after.islower():
            return True
    return False


def _without_spaces(text: str) -> str:
    return "".join(squeeze(text).split())


def _is_in(element: HtmlElement | None, root: HtmlElement) -> bool:
    """Say whether an element is in the tree, outside of figures, side columns and menus."""
    while element is not None and element is not root:
        if element.tag in _NO_TEXT:
            return False
        element = element.getparent()
    return element is root

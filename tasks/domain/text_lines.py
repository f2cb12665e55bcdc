"""The lines of text that an element shows: blocks and `br` begin new ones, inline markup does not."""

from collections.abc import Iterator

from lxml.etree import iterwalk
from lxml.html import HtmlElement

from tasks.domain.words import squeeze

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "acronym",
        "b",
        "bdi",
        "bdo",
        "big",
        "cite",
        "code",
        "data",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "ins",
        "kbd",
        "label",
        "mark",
        "nobr",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strike",
        "strong",
        "sub",
        "sup",
        "time",
        "tt",
        "u",
        "var",
        "wbr",
        "img",
    ]
)
_CELLS = frozenset({"td", "th"})


def lines_of(element: HtmlElement) -> list[str]:
    """Return the element's lines in page order, white space squeezed, empty ones left out."""
    return [text for line in _raw_lines(element) if (text := squeeze(line))]


def _raw_lines(element: HtmlElement) -> Iterator[str]:
    pieces: list[str] = []
    for event, node in iterwalk(element, events=("start", "end")):
        is_inline = node.tag in _INLINE
        if not is_inline:
            yield "".join(pieces)
            pieces = []
        if event == "start":
            pieces.append(node.text or "")
        elif node is not element:
            pieces.append(node.tail or "")
    yield "".join(pieces)

"""Headings and links behind the last paragraph of a text: they belong to what follows on the page.

After the cleaning of lines. No article ends with a heading, and a line that is nothing but a link leads to
another article, a form or a shop.
"""

from collections.abc import Sequence

from tasks.domain.bodies.line_kinds import ends_sentence
from tasks.domain.pages.lines import INLINE, TextLine
from tasks.domain.text.normalise import word_set

_LINKED = 0.95  # of the line's characters
_HEADINGS = word_set("h2 h3 h4 h5 h6")


def drop_loose_end(text: str, lines: Sequence[TextLine]) -> str:
    """Return the text without headings and links behind its last paragraph; `lines` are the page's.

    Its first line stays.
    """
    parts = text.split("\n")
    shown = {line.text: line for line in lines}
    while len(parts) > 1 and _is_loose(shown.get(parts[-1].removeprefix("- "))):
        parts.pop()
    return "\n".join(parts)


def _is_loose(line: TextLine | None) -> bool:
    if line is None:
        return False
    is_link = line.linked >= _LINKED * len(line.text.replace(" ", "")) and not ends_sentence(line.text)
    return is_link or _is_heading(line)


def _is_heading(line: TextLine) -> bool:
    element = line.start
    while element is not None and element.tag in INLINE:
        element = element.getparent()
    return element is not None and element.tag in _HEADINGS

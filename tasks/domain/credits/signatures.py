"""Authors who sign their text: a full name alone in a paragraph before its first or behind its last sentence.

Asked last, where no other place of the page names a person. The name is set in bold, italics or to the right,
and its paragraph stands among those of the text.
"""

import re
from collections.abc import Sequence

from lxml.html import HtmlElement

from tasks.domain.credits.author import is_full_name
from tasks.domain.credits.byline_lines import PrintedPlace
from tasks.domain.pages.lines import TextLine

_SET_APART = frozenset({"strong", "b", "em", "i"})
_TO_THE_RIGHT = re.compile(r"text-align\s*:\s*right", re.IGNORECASE)
_LEAST_PROSE = 80  # characters
_LEAST_PARAGRAPHS = 2  # of prose beside the signature's
_LONGEST = 80  # characters
_LEVELS = 5  # from a line's words up to its paragraph
_WORD = re.compile(r"[^\W\d_]+")
_SEVERAL = re.compile(r"\s*/\s*|\s+(?:and|und|et|y|e|og|och)\s+|\s*,\s+")


def find_signature(lines: Sequence[TextLine]) -> list[PrintedPlace]:
    """Return the names that sign the text that `lines` show; empty where none does."""
    words: set[str] | None = None
    prose = [i for i, line in enumerate(lines) if len(line.text) >= _LEAST_PROSE and not line.is_linked]
    homes = [_home(lines[i]) for i in prose]
    for index, line in enumerate(lines):
        if len(line.text) > _LONGEST or line.linked or not _is_set_apart(line) or not _are_names(line.text):
            continue
        home = _home(line)
        beside = [i for i, other in zip(prose, homes, strict=True) if home is not None and other is home]
        is_edge = index + 1 in beside[:1] or index - 1 in beside[-1:]
        if not is_edge or len(beside) < _LEAST_PARAGRAPHS or not _is_alone(lines, index):
            continue
        words = words if words is not None else _small_words(lines)
        # "Executive Summary" has words that the text uses in small letters; a person's name has none.
        if words.isdisjoint(word.lower() for word in _WORD.findall(line.text) if len(word) > 2):
            return [PrintedPlace((line.text,), "visible_text", line.text)]
    return []


def _small_words(lines: Sequence[TextLine]) -> set[str]:
    return {word for line in lines for word in _WORD.findall(line.text) if word.islower()}


def _is_alone(lines: Sequence[TextLine], index: int) -> bool:
    """Say whether a line is all of its paragraph: a letter to the editor has its writer's town below."""
    around = (*lines[max(0, index - 1) : index], *lines[index + 1 : index + 2])
    return all(_paragraph(line) is not _paragraph(lines[index]) for line in around)


def _are_names(text: str) -> bool:
    return all(is_full_name(part) for part in _SEVERAL.split(text))


def _paragraph(line: TextLine) -> HtmlElement | None:
    element = line.start
    for _ in range(_LEVELS):
        if element is None or element.tag in ("p", "div"):
            return element
        element = element.getparent()
    return None


def _home(line: TextLine) -> HtmlElement | None:
    """Return the element that holds a line's paragraph."""
    paragraph = _paragraph(line)
    return paragraph.getparent() if paragraph is not None and paragraph.tag == "p" else None


def _is_set_apart(line: TextLine) -> bool:
    paragraph, element = _paragraph(line), line.start
    while element is not None and element is not paragraph:
        if element.tag in _SET_APART:
            return True
        element = element.getparent()
    return paragraph is not None and _TO_THE_RIGHT.search(paragraph.get("style") or "") is not None

"""Headings and links of a text that belong to something else: what follows on the page, a shop, a form.

After the cleaning of lines. No article ends with a heading or the label of a list of links, and a line that
is nothing but a link is rarely part of it; only lists of links and addresses within a text are.
"""

import re
from collections.abc import Sequence
from itertools import zip_longest

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import ends_sentence
from tasks.domain.bodies.pointers import linked_share
from tasks.domain.pages.lines import INLINE, TextLine
from tasks.domain.text.normalise import comparison_key, has_key, word_set

_LINKED = 0.95  # of the line's characters
_BUTTON = 40  # characters of a link that stands alone within a text ("Buy this issue")
_BUTTONS = 3  # with more such lines, they are the article's own links
_LABEL = 40  # characters of a line that may head a list of links
_ABOVE = 5  # lines of a text that may stand above the headline
_PARAGRAPH = 60  # characters
_START = 40  # characters by which a line of the text is found on the page
_BUTTON_CLASS = re.compile(r"(?:^|[\s_-])(?:btn|button)(?:$|[\s_-])", re.IGNORECASE)
_HEADINGS = word_set("h2 h3 h4 h5 h6")


def drop_loose_lines(text: str, lines: Sequence[TextLine]) -> str:
    """Return the text without headings and links at its end, and without single short links within it.

    `lines` are the page's. The text's first line stays.
    """
    parts = text.split("\n")
    wanted = {part.removeprefix("- ") for part in parts}.union(parts)
    own = [(line, after) for line, after in zip_longest(lines, lines[1:]) if line.text in wanted]
    # Lines of the text are not links: a tag below the text may repeat the words of a heading.
    shown = {line.text: line for line, _ in sorted(own, key=lambda pair: -pair[0].linked)}
    following = {line.text: after for line, after in own if after is not None}
    while len(parts) > 1:
        last = parts[-1].removeprefix("- ")
        if not _is_loose(shown.get(last)) and not _heads_links(last, following.get(last)):
            break
        parts.pop()
    buttons = {part for part in parts[1:] if _is_button(shown.get(part))}
    if not 0 < len(buttons) <= _BUTTONS:
        return "\n".join(parts)
    return "\n".join(part for part in parts if part not in buttons)


def drop_above_headline(text: str, lines: Sequence[TextLine], titles: Sequence[str]) -> str:
    """Return the text without the labels that the page shows above its headline: a kicker, a link back.

    `lines` are the page's.
    """
    parts = text.split("\n")
    n_short = next((n for n, part in enumerate(parts[:_ABOVE]) if _is_paragraph(part)), 0)
    if n_short == 0:
        return text
    start = parts[n_short].removeprefix("- ")[:_START]
    first = next((n for n, line in enumerate(lines) if line.text.startswith(start)), 0)
    keys = set(map(comparison_key, titles)) - {""}
    headline = next((n for n in range(first - 1, -1, -1) if has_key(lines[n].text, keys)), 0)
    above = {line.text for line in lines[:headline]}.difference(line.text for line in lines[headline:first])
    return "\n".join([part for part in parts[:n_short] if part not in above] + parts[n_short:])


def _is_paragraph(part: str) -> bool:
    return len(part) >= _PARAGRAPH or ends_sentence(part)


def _is_loose(line: TextLine | None) -> bool:
    if line is None or _is_bare_link(line):
        return line is not None
    block = _block_of(line)
    return block is not None and block.tag in _HEADINGS


def _heads_links(text: str, following: TextLine | None) -> bool:
    """Say whether a line is a label and the page goes on with a link that is an entry of a list."""
    if len(text) > _LABEL or ends_sentence(text) or following is None or not _is_bare_link(following):
        return False
    block = _block_of(following)
    return block is not None and block.tag == "li"


def _is_button(line: TextLine | None) -> bool:
    if line is None or len(line.text) > _BUTTON or "://" in line.text or not _is_bare_link(line):
        return False
    block = _block_of(line)
    if block is None or block.tag == "li" or block.tag in _HEADINGS:
        return False
    if (
        line.start is not None
        and line.start.tag == "a"
        and _BUTTON_CLASS.search(line.start.get("class") or "")
    ):
        return True
    return linked_share(block) >= _LINKED  # nothing but links, whether one or two side by side


def _is_bare_link(line: TextLine) -> bool:
    return line.linked >= _LINKED * len(line.text.replace(" ", "")) and not ends_sentence(line.text)


def _block_of(line: TextLine) -> HtmlElement | None:
    """Return the block that holds the line's first words."""
    element = line.start
    while element is not None and element.tag in INLINE:
        element = element.getparent()
    return element

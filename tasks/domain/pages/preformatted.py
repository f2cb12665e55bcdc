"""Paragraphs of `pre` elements without the line breaks of a fixed width, which agencies and mail lists use.

After parsing, before every reader of the page. A break is one of the width where the first word of the next
line would not have fit into the line; the breaks of a poem, a list or a table are not.
"""

import re

from lxml.html import HtmlElement

_LEAST_WIDTH, _MOST_WIDTH = 45, 110  # characters of the longest line
_LEAST_BREAKS = 3
_MOST_CHARACTERS = 500_000
_ENTRY = re.compile(r"\s|[-*•|]\s|\d{1,3}[.)]\s")


def join_wrapped_lines(root: HtmlElement) -> None:
    """Join the lines of wrapped paragraphs in `pre` elements, in place."""
    for element in root.iter("pre"):
        text = element.text
        if text and len(element) == 0 and len(text) <= _MOST_CHARACTERS:
            element.text = _joined(text)


def _joined(text: str) -> str:
    lines = text.splitlines()
    width = max(map(len, lines), default=0)
    if not _LEAST_WIDTH <= width <= _MOST_WIDTH:
        return text
    joined: list[str] = []
    n_breaks = 0
    last = ""  # the line before, where it has words
    for line in lines:
        words = line.strip()
        if last and words and not _ENTRY.match(line) and len(last) + 1 + _first(words) > width:
            joined[-1] = f"{joined[-1].rstrip()} {words}"
            n_breaks += 1
        else:
            joined.append(line)
        last = line.rstrip()
    return "\n".join(joined) if n_breaks >= _LEAST_BREAKS else text


def _first(line: str) -> int:
    """Return the length of a line's first word."""
    return len(line.split(maxsplit=1)[0])

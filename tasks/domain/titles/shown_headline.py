"""The headline of a page whose head does not name it and that has no h1: the line above its text.

Old layouts show it as a cell, a bold line or a block of its own, and call every page by the site's name.
The longest run of prose is the article; the headline is the line before it that is set apart from the rest.
"""

import re
from collections.abc import Sequence

from tasks.domain.bodies.line_kinds import is_date_line, is_label, is_prose, is_sentence, n_wide
from tasks.domain.credits.credit import source_line
from tasks.domain.pages.lines import TextLine
from tasks.domain.text.normalise import compact_key
from tasks.domain.text.patterns import ALSO_READ, BYLINE, COMMENTS

_BEFORE = 9  # lines above the first paragraph
_GAP = 2  # short lines that may stand between two paragraphs
_LEAST = 1.0
_SURE = 2.7  # where no date stands beside the line: it is bold or a heading, and close to the text
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_BOLD = frozenset(["b", "strong", "big"])
_NAMED = re.compile(r"title|head|hdr|zag|caption|nazv|titul|titel|(?:^|[\s_-])(?:hd|tit|name)", re.IGNORECASE)
_BIG = re.compile(r"font-size|font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_SIZE = re.compile(r"^(?:\+\d|[4-7])$")
_SENTENCE_END = re.compile(r"[.…;,:。।۔።；，：]$")
_MASTHEAD_WORDS = 4
_MASTHEAD_CHARACTERS = 40


def find_shown_headline(lines: Sequence[TextLine], known_sites: set[str], titles: set[str]) -> str | None:
    """Return the line that heads the page's text; None when no line is set apart there.

    None too when the page shows one of its other `titles` (compact keys) as a line that is no link.
    """
    start = _start_of_text(lines)
    if start is None or any(not line.linked and compact_key(line.text) in titles for line in lines):
        return None
    rated = [
        (_rating(line, start - place), -place)
        for place, line in enumerate(lines[: start + 1])
        if place >= start - _BEFORE and compact_key(line.text) not in known_sites
    ]
    rating, place = max(rated, default=(0.0, 0))
    if rating < (_LEAST if _has_date_beside(lines, -place) else _SURE):
        return None
    return lines[-place].text


def find_headline_below_masthead(
    lines: Sequence[TextLine], masthead: str, known_sites: set[str]
) -> str | None:
    """Return the heading of the text when a short h1, the site's name, stands well above it.

    Between the two must be links and no paragraph: an article's own h1 is followed by its text, and the box
    of another article in it has a heading, too.
    """
    if len(masthead.split()) > _MASTHEAD_WORDS or len(masthead) > _MASTHEAD_CHARACTERS:
        return None
    start = _start_of_text(lines)
    top = next((place for place, line in enumerate(lines) if line.text == masthead), None)
    if start is None or top is None:
        return None
    for place in range(start, max(top, start - _BEFORE), -1):
        line = lines[place]
        if line.tag in _HEADINGS and _rating(line, start - place) >= _LEAST:
            between = lines[top + 1 : place]
            is_apart = any(other.is_linked for other in between) and not any(map(is_prose, between))
            is_apart = is_apart and _has_date_beside(lines, place)
            return line.text if is_apart and compact_key(line.text) not in known_sites else None
    return None


def _has_date_beside(lines: Sequence[TextLine], place: int) -> bool:
    """Say whether one of the lines around the headline is a date or names a source."""
    near = [line.text for line in (*lines[max(0, place - 3) : place], *lines[place + 1 : place + 5])]
    return any(is_date_line(text) or source_line(text) for text in near)


def _start_of_text(lines: Sequence[TextLine]) -> int | None:
    """Return where the page's longest run of paragraphs begins."""
    best, best_length = None, 0
    start, length, gap = None, 0, 0
    for place, line in enumerate(lines):
        if is_prose(line) or (start is not None and is_sentence(line)):
            start = place if start is None else start
            length += len(line.text)
            gap = 0
        elif start is not None:
            gap += 1
            if gap > _GAP or line.is_linked:
                start, length, gap = None, 0, 0
        if length > best_length:
            best, best_length = start, length
    return best


def _rating(line: TextLine, distance: int) -> float:
    """Return how much a line looks like the headline of the text that begins `distance` lines below."""
    text = line.text
    is_named = 11 < len(text) + n_wide(text) < 250 and (len(text.split()) > 2 or not text.isascii())
    if not is_named or is_label(text) or any(kind.match(text) for kind in (COMMENTS, ALSO_READ, BYLINE)):
        return 0.0
    weight = _weight(line)
    if weight < 3 and (line.is_linked or (distance == 0 and _SENTENCE_END.search(text))):
        return 0.0
    if weight == 0 and (distance == 0 or _SENTENCE_END.search(text)):
        return 0.0
    return 1.5 + weight - 0.2 * distance


def _weight(line: TextLine) -> float:
    """Return how far a line is set apart: a heading 3, large 2.5, bold or named as a title 2, else 0."""
    element = line.start
    for _ in range(4):
        if element is None or len("".join(element.itertext()).strip()) > 1.4 * len(line.text) + 10:
            return 0.0
        names = f"{element.get('class') or ''} {element.get('id') or ''}"
        if element.tag in _HEADINGS:
            return 3.0
        is_large = element.tag == "font" and _SIZE.match(element.get("size") or "")
        is_styled = _BIG.search(element.get("style") or "")
        if element.tag in _BOLD or is_large or is_styled or _NAMED.search(names):
            is_whole = len("".join(element.itertext()).strip()) > 0.8 * len(line.text)
            return (2.5 if is_large else 2.0) if is_whole else 0.0
        element = element.getparent()
    return 0.0

"""How likely a date printed near the headline is the article's: its line, its label, its place.

Part of `visible`. A date scores by what stands beside it (a label, a clock, nothing else), by the class of
its element, and by its distance from the headline; a date inside a sentence scores nothing.
"""

import re
from dataclasses import dataclass

from tasks.domain.bodies.line_kinds import has_weight
from tasks.domain.credits.credit import source_line
from tasks.domain.dates.interpret import DateReading
from tasks.domain.publication.elsewhere import is_of_another
from tasks.domain.publication.labels import has_class, strange_words
from tasks.domain.publication.lines import Line
from warehouse.records.article import Precision

SURE = 3.0  # from here on it is a date line
HEADLINE_LINK = 15  # characters
SEPARATORS = frozenset("|:•·–—/,;()[]<>«»-−")
# A cheap filter for lines that can hold a full date: a year, or short numbers with something between.
HAS_DATE = re.compile(
    r"\d{4}|\d{1,2}[\W_]{1,3}\w{1,12}[\W_]{1,3}\d{2}(?!\d)|[〇零一二三四五六七八九十元\d]年"
)
_FAR = 5  # lines from the headline
_DATE_CLASS = re.compile(r"dat[eu]|time|publi|posted|meta|byline|info|stamp|fecha|datum|dt-", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in a line near the headline, with its score."""

    reading: DateReading
    score: float
    is_modified: bool
    is_labelled: bool
    line: Line
    is_time: bool = False  # from the attribute of a <time> in the line
    is_behind: bool = False  # behind the text, without a label


def score_of(line: Line, start: int, reading: DateReading, rest: int, kind: str | None) -> float:
    """Return the score of a date: from 3 on it is a date line, below 0.5 a date in some other text."""
    element = line.element_at(start)
    score = 4.0 - 0.2 * abs(line.place) - 0.05 * max(0, rest - 20) - 0.1 * max(0, rest - 60)
    score += {"published": 3.0, "as of": 1.5}.get(kind or "", 0.0)
    score += 1.5 if reading.moment is not None and reading.moment.precision is Precision.MINUTE else 0.0
    score += 1.5 if line.has_time or has_class(element, _DATE_CLASS) else 0.0
    score -= 3.0 if is_of_another(element, is_bare=rest <= 10) else 0.0
    score -= 1.5 if abs(line.place) > _FAR and holds_headline_link(line) else 0.0
    return score


def holds_headline_link(line: Line) -> bool:
    """Say whether a line belongs to a list: the headline of another article with its date."""
    ends = [*(start for start, _ in line.parts[1:]), len(line.text)]
    return any(
        has_weight(line.text[start:end], HEADLINE_LINK)
        and not HAS_DATE.search(line.text[start:end])
        and (part.tag == "a" or next(part.iterancestors("a"), None) is not None)
        for (start, part), end in zip(line.parts, ends, strict=True)
    )


def is_all_of_element(line: Line, start: int, end: int) -> bool:
    """Say whether a date stands in an element of its own at the edge of a line: a date in a heading."""
    starts = [part for part, _ in line.parts]
    first = max((part for part in starts if part <= start), default=0)
    last = min((part for part in starts if part >= end), default=len(line.text))
    if (first, last) == (0, len(line.text)) or (first > 0 and last < len(line.text)):
        return False
    return not any(strange_words(line.text[first:start] + " " + line.text[end:last], []))


def letters_beside(text: str, start: int, end: int) -> int:
    """Return how many letters of other words may stand in a line with a date; more makes it a sentence.

    Fewer where words touch the date on both sides, more where marks set it apart.
    """
    before, after = text[:start].strip(), text[end:].strip()
    if source_line(after) is not None:
        return 60
    is_apart_before = not before or before[-1] in SEPARATORS or not any(strange_words(before, []))
    is_apart_after = not after or after[0] in SEPARATORS or not any(strange_words(after, []))
    if is_apart_before and is_apart_after:
        return 60
    if is_apart_before or is_apart_after:
        return 45 if text[-1] not in ".!?" else 30
    return 15

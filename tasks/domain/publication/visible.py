"""Dates printed near the headline, as candidates: which line is the date line, and what it says.

Part of `signals`. A line scores by what stands beside the date (a label, a clock, nothing else), by the
class of its element, and by its distance from the headline; a date inside a sentence scores nothing.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise, takewhile

from lxml.html import HtmlElement

from tasks.domain.credits.credit import source_line
from tasks.domain.dates.interpret import DateReading, Frame, find, read
from tasks.domain.dates.relative import may_be_relative
from tasks.domain.dates.vocabulary import (
    plain_word,
    weekdays,
)
from tasks.domain.pages.metadata import PageReading
from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.clocks import FoundDate, dates_with_clocks, names_time
from tasks.domain.publication.elsewhere import is_in_list, is_of_another, is_outside_article, is_prose
from tasks.domain.publication.labels import (
    has_class,
    has_modified_class,
    label_of,
    names_change,
    shows_change,
    strange_words,
)
from tasks.domain.publication.lines import (
    MAX_LINES_AFTER,
    Line,
    dated_attribute,
    find_headline,
    lines_after,
    lines_before,
    lines_within,
)
from tasks.domain.text.patterns import COMMENTS
from warehouse.records import Precision

MAX_EVIDENCE_CHARS = 200
_MAX_DATE_LINE_CHARS = 200
_MAX_RELATIVE_CHARS = 48
_FAR = 5  # lines from the headline
_HEADLINE_LINK = 15  # characters
_LABEL_CHARS = 30
_DATELINE_CHARS = 80
_MAX_DATELINE_PLACE = 4
_SEPARATORS = frozenset("|:•·–—/,;()[]<>«»-−")
_HAS_DIGIT = re.compile(r"\d|[一二三四五六七八九十]")
# A cheap filter for lines that can hold a full date: a year, or short numbers with something between.
_HAS_DATE = re.compile(
    r"\d{4}|\d{1,2}[\W_]{1,3}\w{1,12}[\W_]{1,3}\d{2}(?!\d)|[〇零一二三四五六七八九十元\d]年"
)
_DATE_CLASS = re.compile(r"dat[eu]|time|publi|posted|meta|byline|info|stamp|fecha|datum|dt-", re.IGNORECASE)
_WEEKDAYS = weekdays()
_WORDS = re.compile(r"[^\W\d_]+")
_SURE = 3.0
_LEAST = 0.5
_BEHIND_LOSS = 2.5  # behind the text stand the dates of other articles, and of readers
_MASTHEAD_LOSS = 6.0
_ENTRY_LETTERS = 10


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date in a line near the headline, with its score."""

    reading: DateReading
    score: float
    is_modified: bool
    is_labelled: bool
    line: Line
    is_time: bool = False  # from the attribute of a <time> in the line


def find_visible(page: PageReading, frame: Frame, headline: str | None) -> list[DatedCandidate]:
    """Return the dates printed near the headline, the likeliest first."""
    element = find_headline(page, headline)
    lines = _lines_around(page, element)
    dates = _believed(list(_printed(lines, frame)))
    printed = sorted(_of_this_article(dates, lines, frame, element), key=lambda date: -date.score)
    return [_candidate(date, has_headline=element is not None) for date in printed if date.score >= _LEAST]


def _lines_around(page: PageReading, headline: HtmlElement | None) -> list[Line]:
    """Return the lines near the headline in reading order; without one, those from the article's start.

    The longest line of the headline has place 0, others inside it count as beside it.
    """
    if headline is None:
        return list(lines_within(next(page.root.iter("article", "main", "body"), page.root)))
    inside = list(lines_within(headline))
    longest = max((len(line.text) for line in inside), default=0)
    inside = [replace(line, place=0 if len(line.text) == longest else 1) for line in inside]
    # After the heading of the comments every date is a reader's: `Ivan 29.11.2021, 02:09`.
    after = takewhile(lambda line: not COMMENTS.match(line.text), lines_after(headline))
    return [*reversed(list(lines_before(headline))), *inside, *after]


def _of_this_article(
    dates: list[PrintedDate], lines: Sequence[Line], frame: Frame, headline: HtmlElement | None
) -> Iterator[PrintedDate]:
    """Yield the dates; those of other articles are left out, those of lists and the masthead lose score."""
    before = [date for date in dates if date.line.place < 0 and not date.is_labelled]
    places = [line.place for line in lines if line.place > 0 and is_prose(line.text)]
    text, end = places[0] if places else 0, places[1] if len(places) > 1 else MAX_LINES_AFTER
    has_rival = any(0 < date.line.place < text and names_time(date.reading) for date in dates)
    following = {line.place: after for line, after in pairwise(lines)}
    for date in dates:
        element = date.line.element_at(0)
        is_behind = date.line.place > end and not date.is_labelled
        if is_behind and (is_in_list(element) or _is_event(date)):
            continue
        loss = _BEHIND_LOSS if is_behind else 0.0
        if date in before:
            heads = following.get(date.line.place)
            heads_link = heads is not None and is_of_another(heads.element_at(0), is_bare=False)
            loss += 2.0 if heads_link or len(before) > 2 else 0.0
            loss += _masthead_loss(date, frame, headline, has_rival=has_rival)
        yield replace(date, score=date.score - loss)


def _is_event(date: PrintedDate) -> bool:
    """Say whether a date begins an entry of a list: "16.03. Concert in the hall"."""
    parents = islice(date.line.element_at(0).iterancestors(), 3)
    in_entry = date.line.element_at(0).tag == "li" or any(parent.tag == "li" for parent in parents)
    text = date.line.text.replace(date.reading.moment.raw if date.reading.moment else "", "")
    return in_entry and len("".join(strange_words(text, []))) > _ENTRY_LETTERS


def _masthead_loss(
    date: PrintedDate, frame: Frame, headline: HtmlElement | None, *, has_rival: bool
) -> float:
    """Return what a date above the headline loses when it is today's, which a masthead shows.

    Near the headline too, where another date and time stands between headline and text (`has_rival`). One
    without a clock outside of the article's own element is the masthead's beyond doubt.
    """
    moment = date.reading.moment
    assert moment is not None
    is_today = abs((moment.on - frame.context.now.date()).days) <= 1
    if not frame.context.is_fetch_time or not is_today:
        return 0.0
    has_clock = names_time(date.reading)
    if not has_clock and headline is not None and is_outside_article(date.line.element_at(0), headline):
        return _MASTHEAD_LOSS
    has_weekday = any(word in _WEEKDAYS for word in map(plain_word, _WORDS.findall(date.line.text)))
    is_near = date.line.place >= (-1 if has_weekday and not has_clock else -2)
    return 2.5 if has_rival or not is_near else 0.0


def _believed(dates: list[PrintedDate]) -> list[PrintedDate]:
    """Return the dates; a class "updated" counts only beside a publication: WordPress puts it on both."""
    if any(not date.is_modified and date.score >= _SURE for date in dates):
        return dates
    return [
        date if date.is_labelled else replace(date, is_modified=False, score=date.score - 1.0)
        for date in dates
    ]


def _candidate(date: PrintedDate, *, has_headline: bool) -> DatedCandidate:
    moment = date.reading.moment
    assert moment is not None
    trust = Trust.VISIBLE_TEXT if date.score >= _SURE and has_headline else Trust.VISIBLE_FAR
    if date.is_time:
        moment = replace(moment, origin="time_element")
        trust = Trust.TIME_NEAR if trust is Trust.VISIBLE_TEXT else Trust.TIME_IN_ARTICLE
    return DatedCandidate(
        moment,
        trust,
        f"line {date.line.place:+d}: {date.line.text}"[:MAX_EVIDENCE_CHARS],
        date.is_modified,
        date.reading.other,
    )


def _printed(lines: Sequence[Line], frame: Frame) -> Iterator[PrintedDate]:
    for index, line in enumerate(lines):
        if len(line.text) > _MAX_DATE_LINE_CHARS:
            yield from _dateline(line, frame)
            continue
        if line.has_time:
            yield from _time_elements(line, _label_line(lines, index), frame)
        if not _HAS_DATE.search(line.text):
            yield from _relative_dates(line, frame)
            continue
        label = _label_line(lines, index)
        found = list(_dates_of(line, dates_with_clocks(lines, index, frame), label))
        yield from found
        if not found:
            yield from _relative_dates(line, frame)


def _dateline(line: Line, frame: Frame) -> Iterator[PrintedDate]:
    """Yield the date in an agency's dateline: "BERLIN, 10 January 2022 (dpa) - The ministers ...".

    It is believed only where no date line is found.
    """
    if not 0 < line.place <= _MAX_DATELINE_PLACE:
        return
    for reading, start, end in find(line.text[:_DATELINE_CHARS], frame):
        is_cut_off = line.text[end:].lstrip()[:1] in _SEPARATORS
        if reading.moment is not None and start <= _DATELINE_CHARS / 2 and is_cut_off:
            yield PrintedDate(reading, _SURE - 1.0, False, False, line)
            return


def _time_elements(line: Line, label: str, frame: Frame) -> Iterator[PrintedDate]:
    """Yield the dates of attributes made for dates."""
    for start, element in line.parts:
        reading = read(dated_attribute(element) or "", frame)
        if reading.moment is None:
            continue
        kind = label_of(f"{label} {line.text[:start]}"[-60:], "")
        is_modified = kind == "modified" or (kind is None and has_modified_class(element))
        is_modified = is_modified or shows_change(line.text, reading.moment, frame)
        rest = len("".join(strange_words(line.text, [])))
        yield PrintedDate(
            reading,
            _score(line, start, reading, rest, kind),
            is_modified,
            kind is not None,
            line,
            is_time=True,
        )


def _label_line(lines: Sequence[Line], index: int) -> str:
    """Return the line before when it can be a label of its own: "Published"."""
    before = lines[index - 1].text if index else ""
    return before if len(before) <= _LABEL_CHARS and not _HAS_DIGIT.search(before) else ""


def _dates_of(line: Line, found: list[FoundDate], label: str) -> Iterator[PrintedDate]:
    rest = len("".join(strange_words(line.text, found)))
    previous = 0
    alone = rest
    for index, (reading, start, end) in enumerate(found):
        rest = 0 if _is_all_of_element(line, start, end) else alone
        before = (label + " " if previous == 0 else "") + line.text[previous:start]
        previous = end
        kind = label_of(before[-60:], line.text[end:])
        is_first_of_two = kind is None and index == 0 and names_change(line.text, found[1:])
        has_class = kind is None and not is_first_of_two and has_modified_class(line.element_at(start))
        is_modified = kind == "modified" or has_class
        score = _score(line, start, reading, rest, kind)
        if kind is None and rest > _letters_beside(line.text, start, end):
            score -= 4.0  # in a sentence
        if line.place == 0 and line.element_at(start) is line.longest:
            score -= 3.0  # in the words of the headline itself
        yield PrintedDate(reading, score, is_modified, kind is not None, line)


def _is_all_of_element(line: Line, start: int, end: int) -> bool:
    """Say whether a date stands in an element of its own at the edge of a line: a date in a heading."""
    starts = [part for part, _ in line.parts]
    first = max((part for part in starts if part <= start), default=0)
    last = min((part for part in starts if part >= end), default=len(line.text))
    if (first, last) == (0, len(line.text)) or (first > 0 and last < len(line.text)):
        return False
    return not any(strange_words(line.text[first:start] + " " + line.text[end:last], []))


def _letters_beside(text: str, start: int, end: int) -> int:
    """Return how many letters of other words may stand in a line with a date; more makes it a sentence.

    Fewer where words touch the date on both sides, more where marks set it apart.
    """
    before, after = text[:start].strip(), text[end:].strip()
    if source_line(after) is not None:
        return 60
    is_apart_before = not before or before[-1] in _SEPARATORS or not any(strange_words(before, []))
    is_apart_after = not after or after[0] in _SEPARATORS or not any(strange_words(after, []))
    if is_apart_before and is_apart_after:
        return 60
    if is_apart_before or is_apart_after:
        return 45 if text[-1] not in ".!?" else 30
    return 15


def _score(line: Line, start: int, reading: DateReading, rest: int, kind: str | None) -> float:
    """Return the score of a date: from 3 on it is a date line, below 0.5 a date in some other text."""
    element = line.element_at(start)
    score = 4.0 - 0.2 * abs(line.place) - 0.05 * max(0, rest - 20) - 0.1 * max(0, rest - 60)
    score += 3.0 if kind == "published" else 0.0
    score += 1.5 if reading.moment is not None and reading.moment.precision is Precision.MINUTE else 0.0
    score += 1.5 if line.has_time or has_class(element, _DATE_CLASS) else 0.0
    score -= 3.0 if is_of_another(element, is_bare=rest <= 10) else 0.0
    score -= 1.5 if abs(line.place) > _FAR and _holds_headline_link(line) else 0.0
    return score


def _holds_headline_link(line: Line) -> bool:
    """Say whether a line belongs to a list: the headline of another article with its date."""
    ends = [*(start for start, _ in line.parts[1:]), len(line.text)]
    return any(
        end - start >= _HEADLINE_LINK
        and not _HAS_DATE.search(line.text[start:end])
        and (part.tag == "a" or next(part.iterancestors("a"), None) is not None)
        for (start, part), end in zip(line.parts, ends, strict=True)
    )


def _relative_dates(line: Line, frame: Frame) -> Iterator[PrintedDate]:
    if (
        not frame.context.is_fetch_time
        or len(line.text) > _MAX_RELATIVE_CHARS
        or not may_be_relative(line.text)
    ):
        return
    reading = read(line.text, frame)
    if reading.moment is not None:
        is_modified = label_of(line.text, "") == "modified"
        yield PrintedDate(reading, _score(line, 0, reading, 0, None), is_modified, is_modified, line)

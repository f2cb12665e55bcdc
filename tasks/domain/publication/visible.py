"""Dates printed near the headline, as candidates: which line is the date line, and what it says.

Part of `signals`. `scores` says how likely each date is, `own_dates` which of them belong to other articles.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice, takewhile

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import ends_sentence
from tasks.domain.dates.interpret import Frame, find, read
from tasks.domain.dates.relative import may_be_relative
from tasks.domain.pages.metadata import PageReading
from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.clocks import FoundDate, dates_with_clocks, local_of_lone_clock
from tasks.domain.publication.labels import (
    has_modified_class,
    label_of,
    names_change,
    shows_change,
    strange_words,
)
from tasks.domain.publication.lines import (
    Line,
    dated_attribute,
    lines_after,
    lines_before,
    lines_within,
)
from tasks.domain.publication.own_dates import believed, of_this_article
from tasks.domain.publication.scores import (
    HAS_DATE,
    SEPARATORS,
    SURE,
    PrintedDate,
    is_all_of_element,
    letters_beside,
    score_of,
)
from tasks.domain.text.patterns import COMMENTS
from warehouse.records.article import Moment, Precision

MAX_EVIDENCE_CHARS = 200
_MAX_DATE_LINE_CHARS = 200
_MAX_RELATIVE_CHARS = 48
_LONE_CLOCK_LINES = 3  # from the headline
_LABEL_CHARS = 30
_DATELINE_CHARS = 80
_MAX_DATELINE_PLACE = 4
_DATELINE_ENDS = frozenset(":–—/()[]-−")  # of a date before a short paragraph: "On 10 January 2022, the"
_APART = re.compile(r"\s*[|•·]\s*|\s+[–—-]\s+")
_HAS_DIGIT = re.compile(r"\d|[一二三四五六七八九十]")
_LEAST = 0.5


def find_visible(
    page: PageReading, frame: Frame, headline: HtmlElement | None, known: Sequence[DatedCandidate] = ()
) -> list[DatedCandidate]:
    """Return the dates printed near the headline, the likeliest first.

    `known` are those of the page's metadata: a clock that is printed without a day belongs to their instant.
    """
    lines = _lines_around(page, headline)
    dates = believed(list(_printed(lines, frame)))
    if not dates and headline is not None and (at := _only_instant(known)) is not None:
        return list(islice(_lone_clocks(lines, at), 1))
    printed = sorted(of_this_article(dates, lines, frame, headline), key=lambda date: -date.score)
    return [_candidate(date, has_headline=headline is not None) for date in printed if date.score >= _LEAST]


def _only_instant(known: Sequence[DatedCandidate]) -> datetime | None:
    """Return the instant of publication where the metadata give one, in UTC only."""
    moments = [dated.moment for dated in known if not dated.is_modified and dated.moment.at is not None]
    if any(moment.utc_offset_minutes for moment in moments):
        return None
    return moments[0].at if moments else None


def _lone_clocks(lines: Sequence[Line], at: datetime) -> Iterator[DatedCandidate]:
    """Yield an instant in the local time of a clock that stands alone near the headline."""
    for line in sorted(lines, key=lambda line: abs(line.place)):
        local = local_of_lone_clock(line.text, at) if abs(line.place) <= _LONE_CLOCK_LINES else None
        if local is not None:
            moment = Moment(
                None, local.date(), local, None, Precision.MINUTE, "visible_text", None, line.text
            )
            yield DatedCandidate(moment, Trust.VISIBLE_TEXT, f"line {line.place:+d}: {line.text}")


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


def _candidate(date: PrintedDate, *, has_headline: bool) -> DatedCandidate:
    moment = date.reading.moment
    assert moment is not None
    is_near = date.score >= SURE and has_headline and not date.is_behind
    trust = Trust.VISIBLE_TEXT if is_near else Trust.VISIBLE_FAR
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
        if not HAS_DATE.search(line.text):
            yield from _relative_dates(line, frame)
            continue
        label = _label_line(lines, index)
        found = list(_dates_of(line, dates_with_clocks(lines, index, frame), label))
        yield from found
        if len(line.text) > _DATELINE_CHARS and ends_sentence(line.text):
            yield from _dateline(line, frame)
        if not found:
            yield from _relative_dates(line, frame)


def _dateline(line: Line, frame: Frame) -> Iterator[PrintedDate]:
    """Yield the date in an agency's dateline: "BERLIN, 10 January 2022 (dpa) - The ministers ...".

    It is believed only where no date line is found.
    """
    if not 0 < line.place <= _MAX_DATELINE_PLACE:
        return
    is_long = len(line.text) > _MAX_DATE_LINE_CHARS
    for reading, start, end in find(line.text[:_DATELINE_CHARS], frame):
        is_cut_off = line.text[end:].lstrip()[:1] in (SEPARATORS if is_long else _DATELINE_ENDS)
        if reading.moment is not None and start <= _DATELINE_CHARS / 2 and is_cut_off:
            yield PrintedDate(reading, SURE - 1.0, False, False, line)
            return


def _time_elements(line: Line, label: str, frame: Frame) -> Iterator[PrintedDate]:
    """Yield the dates of attributes made for dates."""
    for start, element in line.parts:
        reading = read(dated_attribute(element) or "", frame)
        if reading.moment is None:
            continue
        kind = label_of(f"{label} {line.text[:start]}"[-60:], "")
        if kind is None and shows_change(line.text, reading.moment, frame):
            kind = "modified"  # the label stands in the element: <time>Last updated: 10 January</time>
        is_modified = kind == "modified" or (kind is None and has_modified_class(element))
        if kind == "other":
            continue
        rest = len("".join(strange_words(line.text, [])))
        yield PrintedDate(
            reading,
            score_of(line, start, reading, rest, kind),
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
        rest = 0 if is_all_of_element(line, start, end) else alone
        before = (label + " " if previous == 0 else "") + line.text[previous:start]
        previous = end
        kind = label_of(before[-60:], line.text[end:])
        if kind == "other":
            continue
        is_first_of_two = kind is None and index == 0 and names_change(line.text, found[1:])
        has_class = kind is None and not is_first_of_two and has_modified_class(line.element_at(start))
        is_modified = kind == "modified" or has_class
        score = score_of(line, start, reading, rest, kind)
        if kind is None and rest > letters_beside(line.text, start, end):
            score -= 4.0  # in a sentence
        if line.place == 0 and line.element_at(start) is line.longest:
            score -= 3.0  # in the words of the headline itself
        yield PrintedDate(reading, score, is_modified, kind is not None, line)


def _relative_dates(line: Line, frame: Frame) -> Iterator[PrintedDate]:
    """Yield the relative time that a line is, or one that stands apart in it: `Ann Lee · 3 days ago`."""
    if not frame.context.is_fetch_time or ends_sentence(line.text):
        return
    for start, part in _parts_apart(line) if len(line.text) <= _MAX_DATE_LINE_CHARS else ():
        if len(part) > _MAX_RELATIVE_CHARS or not may_be_relative(part):
            continue
        reading = read(part, frame)
        if reading.moment is not None:
            is_modified = label_of(part, "") == "modified"
            score = score_of(line, start, reading, 0, None)
            yield PrintedDate(reading, score, is_modified, is_modified, line)
            return


def _parts_apart(line: Line) -> Iterator[tuple[int, str]]:
    """Yield a line, the texts of its elements, and what marks set apart in it, with their places."""
    yield 0, line.text
    starts = [start for start, _ in line.parts]
    ends = [*starts[1:], len(line.text)]
    if len(starts) > 1:
        yield from ((a, line.text[a:b].strip()) for a, b in zip(starts, ends, strict=True))
    start = 0
    for mark in (*_APART.finditer(line.text), None):
        end = mark.start() if mark else len(line.text)
        if mark or start:
            yield start, line.text[start:end].strip()
        start = mark.end() if mark else end

"""The clock that belongs to a printed date and stands in another line: "10 January 2022", below it "16:58".

Part of `visible`. The clock is in the line before or behind the date, past a label of its own, beyond the
headline, or in another cell of the date's row.
"""

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from lxml.html import HtmlElement

from tasks.domain.dates.interpret import DateReading, Frame, find
from tasks.domain.publication.labels import strange_words
from tasks.domain.publication.lines import Line
from tasks.domain.publication.local_time import offset_between
from warehouse.records.article import Precision

FoundDate = tuple[DateReading, int, int]  # a date of a line, and where in the line it starts and ends

_NEXT_LINE_CHARS = 24
_ROW_CHARS = 100
_ROW_LEVELS = 3  # from a cell's words up to its row
_HAS_DIGIT = re.compile(r"\d|[一二三四五六七八九十]")
_CLOCK_FIRST = re.compile(r"\d{1,2}:\d{2}\b(?=.{0,24}$)")
_LONE_CLOCK = re.compile(r"(?P<label>\D{0,20})(?P<hour>\d{1,2})[:.](?P<minute>\d{2})\s?(?:Uhr|h|hrs)?")
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}(?::\d{2})?")


def names_time(reading: DateReading) -> bool:
    """Say whether a date has a time of day."""
    return reading.moment is not None and reading.moment.precision is Precision.MINUTE


def dates_with_clocks(lines: Sequence[Line], index: int, frame: Frame) -> list[FoundDate]:
    """Return the dates of a line; a clock alone in a line beside it belongs to a date without one."""
    line = lines[index]
    found = [(reading, start, end) for reading, start, end in find(line.text, frame) if reading.moment]
    if len(found) != 1 or names_time(found[0][0]):
        return found
    _, start, end = found[0]
    row = _clock_of_row(lines, index)
    clocks = (("", _clock_text(lines, index, 1)), (_clock_text(lines, index, -1), ""), ("", row))
    for before, after in clocks:
        for longer, _, _ in find(f"{before} {line.text} {after}", frame) if before or after else ():
            if names_time(longer):
                return [(longer, start, end)]
    return found


def local_of_lone_clock(text: str, at: datetime) -> datetime | None:
    """Return the local time that a line which is only a clock ("Posted at 08:15") gives to an instant.

    None where no offset of whole quarter hours, or more than one, lies between them.
    """
    clock = _LONE_CLOCK.fullmatch(text)
    if clock is None or any(strange_words(clock.group("label"), [])):
        return None
    hour, minute = int(clock.group("hour")), int(clock.group("minute"))
    if hour > 23 or minute > 59:
        return None
    times = [
        datetime.combine(at.date() + timedelta(days=days), time(hour, minute, second=at.second))
        for days in (-1, 0, 1)
    ]
    local = [moment for moment in times if offset_between(moment, at) is not None]
    return local[0] if len(local) == 1 else None


def _clock_text(lines: Sequence[Line], index: int, step: int) -> str:
    """Return the short line beside a line, past a label of its own: "Time", then "16:58"."""
    for place in (index + step, index + 2 * step):
        text = lines[place].text if 0 <= place < len(lines) else ""
        if text and lines[place].place == 0:  # the headline stands between the date and its clock
            clock = _CLOCK_FIRST.match(lines[place + step].text if 0 <= place + step < len(lines) else "")
            return clock.group() if clock else ""
        if _HAS_DIGIT.search(text) or not text or len(text) > _NEXT_LINE_CHARS:
            return text if 0 < len(text) <= _NEXT_LINE_CHARS else ""
        if any(strange_words(text, [])):
            return ""
    return ""


def _clock_of_row(lines: Sequence[Line], index: int) -> str:
    """Return the only clock of a date's row, past other cells: the date left, the section, the time right."""
    row = _row_of(lines[index].element_at(0))
    if row is None:
        return ""
    beside = (*lines[max(0, index - 3) : index], *lines[index + 1 : index + 4])
    clocks = [line for line in beside if _CLOCK.fullmatch(line.text)]
    return clocks[0].text if len(clocks) == 1 and _row_of(clocks[0].element_at(0)) is row else ""


def _row_of(element: HtmlElement) -> HtmlElement | None:
    """Return the table row, list or block of short cells that holds an element; None for a longer one."""
    row = element
    for _ in range(_ROW_LEVELS):
        parent = row.getparent()
        if parent is None or len("".join(parent.itertext()).strip()) > _ROW_CHARS:
            break
        row = parent
    return row if row is not element else None

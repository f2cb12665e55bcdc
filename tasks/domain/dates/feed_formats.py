"""Dates as feeds write them, beyond what `interpret` reads: W3CDTF and ISO 8601 of reduced precision.

RFC 822, RFC 3339, W3CDTF (W3C NOTE-datetime) and free text; a time without a zone is in the source's
zone or in none. A date of reduced precision ("2003-12", W3CDTF) stands for
its first day, as feed readers take it; `is_reduced` tells it apart.
"""

import re
from dataclasses import replace
from datetime import date, timedelta

from tasks.domain.dates.calendars import common_day
from tasks.domain.dates.context import DateContext
from tasks.domain.dates.interpret import DateReading, Frame, at_midnight, read
from warehouse.records.article import Moment, Precision

FEED_FIRST_YEAR = 1990
FEED_AHEAD = timedelta(hours=48)
_REDUCED = re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d\d))?|-(?P<yy>\d\d)-?(?P<mm>\d\d)")
_COMPACT = re.compile(r"(?P<y>\d\d(?:\d\d)?)(?:(?P<n>-?\d{3})|-?(?P<m>\d\d)-?(?P<d>\d\d))")
_MIDNIGHT = re.compile(r"(?<!\d)(?:00|24):00(?::00)?(?!\d)")


def read_feed_date(raw: str, context: DateContext) -> DateReading:
    """Return the reading of a feed's date: years from 1990, at most 48 hours after the fetch."""
    frame = Frame(context, "feed", "feed", FEED_FIRST_YEAR, FEED_AHEAD)
    text = " ".join(raw.split())
    reading = read(text, frame)
    if reading.moment is None and (day := _short_form(text)) is not None:
        reading = read(day.isoformat(), frame)
    if reading.moment is None:
        return reading
    return replace(reading, moment=_keep_midnight(replace(reading.moment, raw=raw)))


def is_reduced(moment: Moment) -> bool:
    """Say whether a feed's date names no day, so that the first one was taken."""
    return moment.origin == "feed" and _REDUCED.fullmatch(moment.raw.strip()) is not None


def _keep_midnight(moment: Moment) -> Moment:
    """Return the moment with its instant when the text says midnight in a known zone."""
    if moment.precision is not Precision.DAY or not _MIDNIGHT.search(moment.raw):
        return moment
    return replace(at_midnight(moment), precision=Precision.DAY)


def _short_form(text: str) -> date | None:
    """Return the day of a short ISO 8601 form: "031231" (no century), "03335" (ordinal), "2003-12"."""
    if (match := _REDUCED.fullmatch(text)) is not None:
        year = int(match["y"]) if match["y"] else _century(int(match["yy"]))
        return common_day(year, int(match["m"] or match["mm"] or 1), 1)
    match = _COMPACT.fullmatch(text)
    if match is None:
        return None
    year = int(match["y"]) if len(match["y"]) == 4 else _century(int(match["y"]))
    if match["n"] is None:
        return common_day(year, int(match["m"]), int(match["d"]))
    number = int(match["n"].lstrip("-"))
    return date(year, 1, 1) + timedelta(days=number - 1) if 1 <= year <= 9998 and 1 <= number <= 366 else None


def _century(year: int) -> int:
    return year + (1900 if year >= 70 else 2000)

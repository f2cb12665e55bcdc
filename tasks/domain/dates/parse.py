"""Printed date + zone -> instant, and how it was found: the readers of dates that others call.

After fetch, inside extraction and feed reading. `parse_moment` reads a text that is a date,
`find_moments` the dates in a line of visible text, `parse_feed_date` what feeds write. `interpret` does
the work; `publication.choice` weighs several moments of one page against each other.

A zone is never invented: without one in the text or in the source's settings `at` stays None, and the
local time is kept as printed. Month-first is never guessed: digits alone are read day-first unless the
source or its locale says otherwise, the digits leave no choice, or the day lies in the future.
"""

from dataclasses import dataclass

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.feed_formats import is_reduced, read_feed_date
from tasks.domain.dates.interpret import DateReading, Frame, at_midnight, find, read
from warehouse.records.article import Moment

__all__ = [
    "DateReading",
    "FoundMoment",
    "at_midnight",
    "find_moments",
    "is_reduced",
    "parse_feed_date",
    "parse_moment",
    "read_feed_date",
    "read_moment",
]


@dataclass(frozen=True, slots=True)
class FoundMoment:
    """A moment in a running text; `start` and `end` are character offsets."""

    moment: Moment
    start: int
    end: int
    other: Moment | None = None  # the reading with day and month in the other order


def parse_moment(raw: str, context: DateContext, *, origin: str) -> Moment | None:
    """Return the moment of a text that is one date and nothing else; None when it is not.

    The context's zone counts only where `raw` names none; its language "en-US" reads digits month-first.
    Days more than one after the fetch are refused, and relative times count back from it.
    """
    return read(raw, Frame(context, origin)).moment


def read_moment(raw: str, context: DateContext, *, origin: str) -> DateReading:
    """As `parse_moment`, with the reason of a refusal and the other order of day and month."""
    return read(raw, Frame(context, origin))


def find_moments(text: str, context: DateContext, *, origin: str) -> list[FoundMoment]:
    """Return the full dates (day, month and year) inside a line of visible text, in order."""
    return [
        FoundMoment(reading.moment, start, end, reading.other)
        for reading, start, end in find(text, Frame(context, origin))
        if reading.moment is not None
    ]


def parse_feed_date(raw: str, context: DateContext) -> Moment | None:
    """Return the moment of a feed's date; None when it cannot be one (`read_feed_date` says why).

    `zone_from` is "feed" where the text names the zone. Years before 1990 and days more than 48 hours
    after the fetch are refused. A midnight with a zone keeps its instant, with precision "day".
    """
    return read_feed_date(raw, context).moment

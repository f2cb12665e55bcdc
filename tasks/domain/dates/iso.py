"""Machine-written dates: ISO 8601 and its variants, epoch seconds and milliseconds.

The common case, tried first. RFC 822, asctime and JavaScript's form carry month names and are read by
the grammar of printed dates (`grammar`).
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tasks.domain.dates.zones import Zone

_TIME = r"(?P<H>\d{1,2})[:h](?P<M>\d{1,2})(?:[:m](?P<S>\d{1,2})(?:[.,:]\d{1,9})?)?s?"
_ZONE = (
    r"(?P<off>\s?(?P<Z>Z|UTC|GMT|UTC\+00:00)|\s?(?P<sign>[+\-−])(?P<zh>\d{1,2}):?(?P<zm>[0-5]\d)?(?::?00)?)?"
)
# What Java, Go and PHP add behind an offset. Behind a local time it is the zone, which the grammar reads.
_TAIL = r"(?(off)(?:\s?\[[A-Za-z_/+\-0-9]{1,40}\]|\s\(?[A-Z]{2,5}\)?(?:\sm=.{1,30})?)?)"
_EXTENDED = re.compile(
    r"(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})"
    rf"(?:(?:\s{{0,2}}[T|_,]\s{{0,2}}|\s{{1,3}}){_TIME})?{_ZONE}{_TAIL}",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(rf"(?P<y>\d\d)-(?P<m>\d\d)-(?P<d>\d\d)T{_TIME}{_ZONE}{_TAIL}", re.IGNORECASE)
_BASIC_TIME = r"(?P<H>\d\d):?(?P<M>\d\d)(?::?(?P<S>\d\d)(?:[.,]\d{1,9})?)?"
_BASIC = re.compile(
    rf"(?P<y>\d{{4}})(?P<m>\d\d)(?P<d>\d\d)(?:[T ]?{_BASIC_TIME})?{_ZONE}{_TAIL}", re.IGNORECASE
)
_MIXED = re.compile(rf"(?P<y>\d{{4}})-(?P<m>\d\d)-(?P<d>\d\d)T{_BASIC_TIME}{_ZONE}{_TAIL}", re.IGNORECASE)
_FORMS = (_EXTENDED, _BASIC, _MIXED, _SHORT_YEAR)  # the most frequent first
_WEEK = re.compile(r"(?P<y>\d{4})-?W(?P<w>\d\d)-?(?P<d>[1-7])")
_EPOCH = re.compile(r"(?:/Date\()?(?P<n>\d{10}|\d{13}|\d{16})(?:\.\d{1,9})?(?:[+\-]\d{4})?(?:\)/)?")
FIRST_COMMON_YEAR = 1500


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine-written date; the numbers are not checked yet."""

    year: int
    month: int
    day: int
    clock: tuple[int, int, int] | None = None
    zone: Zone | None = None


def read_machine(text: str) -> Machine | None:
    """Return the date of a text that is one machine-written date; None when it is not.

    A time of day that no clock shows (an hour above 24, a minute above 59) makes it no date at all.
    """
    match = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if match is None:
        match = _WEEK.fullmatch(text)
        return None if match is None else _of_week(int(match["y"]), int(match["w"]), int(match["d"]))
    year = int(match["y"])
    if 1000 < year < FIRST_COMMON_YEAR:
        return None  # of the Solar Hijri calendar: left to the grammar
    if match.re is _SHORT_YEAR:
        year += 1900 if year >= 70 else 2000
    clock = _clock(match)
    if clock is not None and not _is_time_of_day(*clock):
        return None
    return Machine(year, int(match["m"]), int(match["d"]), clock, _zone(match))


def _is_time_of_day(hour: int, minute: int, second: int) -> bool:
    return (hour <= 23 and minute <= 59) or (hour == 24 and minute == second == 0)


def read_epoch(text: str) -> datetime | None:
    """Return the instant of a count of seconds, milliseconds or microseconds since 1970."""
    match = _EPOCH.fullmatch(text)
    if match is None:
        return None
    digits = match["n"]
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(digits) // 10 ** (len(digits) - 10))


def _clock(match: re.Match[str]) -> tuple[int, int, int] | None:
    if match["H"] is None:
        return None
    return int(match["H"]), int(match["M"]), min(int(match["S"] or 0), 59)


def _zone(match: re.Match[str]) -> Zone | None:
    if match["Z"] is not None:
        return Zone(offset_minutes=0)
    if match["sign"] is None:
        return None
    minutes = int(match["zh"]) * 60 + int(match["zm"] or 0)
    if minutes > 14 * 60:
        return None
    return Zone(offset_minutes=minutes if match["sign"] == "+" else -minutes)


def _of_week(year: int, week: int, weekday: int) -> Machine | None:
    try:
        day = date.fromisocalendar(year, week, weekday)
    except ValueError:
        return None
    return Machine(day.year, day.month, day.day)

"""The grammar of printed dates: day, month, year, clock and zone in the shape of a text.

After `tokens` has given each token its letter, the patterns here find a full date (day, month and year),
the clock beside it and the zone after that. The order of day and month in a date of digits alone is left
open (`separator` is set); `interpret` decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tasks.domain.dates.day_periods import Hours, period_after, period_before
from tasks.domain.dates.tokens import ERAS, DateTokens
from tasks.domain.dates.zones import Zone, named_zone, zone_in_small_letters


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as printed, 24 hours; hour 24 is midnight at the day's end."""

    hour: int
    minute: int
    second: int = 0
    has_seconds: bool = False


@dataclass(frozen=True, slots=True)
class Printed:
    """A date found in a text."""

    year: int
    month: int | dict[str, int]  # by language where one name has several meanings
    day: int
    separator: str | None = None  # of a date in digits alone, whose day and month may change places
    calendar: str = "gregorian"  # or "jalali"
    clock: Clock | None = None
    zone: Zone | None = None
    start: int = 0  # tokens
    end: int = 0


_C = r"[!.,/~\-o']{0,3}"  # what stands between day, month name and year
_DATES = {
    "dmy": rf"(?P<d1>d){_C}(?P<m1>[MB]){_C}(?P<y1>y)",
    "mdy": rf"(?P<m2>[MB])[!.]?{_C}(?P<d2>d){_C}(?P<y2>y)",
    "asctime": r"(?P<m3>[MB])[!.]?(?P<d3>d),?(?=(?:d:d(?::d)?[Aa]?(?:Z|[+\-][dy])?)(?P<y3>y))",
    "ymd": rf"(?P<y4>y)(?:{_C}|m!?)(?P<m4>[MB]){_C}(?P<d4>d)(?![:h])",
    "ydm": r"(?P<y5>y)[!~]?o!?,?(?P<d5>d)[!~]?(?P<m5>[MB])",
    "signs": r"(?:(?P<era>E)?(?P<y6>[yd])Y(?P<m6>d)L(?P<d6>d)D?)",
    "thang": rf"(?P<d7>d){_C}V(?P<m7>d){_C}(?P<y7>y)",
    "jalali": rf"(?P<d8>d){_C}(?P<m8>J){_C}(?P<y8>[yd])",
    "year_first": r"(?P<y9>y)(?:[.!](?P<m9>d)[.!]|-(?P<m9b>d)-|/(?P<m9c>d)/|~(?P<m9d>d)~)(?P<d9>d)",
    "numeric": (
        r"(?P<n1>d)(?:[.!](?P<n2>d)[.!]|/(?P<n2b>d)[/\-]|-(?P<n2c>d)-"
        r"|~(?P<n2d>d)~|\|(?P<n2f>d)\||(?P<n2e>d)(?=y,?d:d))"
        r"(?P<y10>y)"
    ),
}
_SHORT_YEAR = {
    "dmy": rf"(?P<d1>d){_C}(?P<m1>[MB]){_C}(?P<y1>d)(?![:h])",
    "numeric": r"(?P<n1>d)(?:\.(?P<n2>d)\.|/(?P<n2b>d)/|-(?P<n2c>d)-)(?P<y10>d)(?![:h])",
}
# Joined to a further number by a mark it is something else: a range, a version, a URL.
_BEFORE = r"(?:(?<![dyf][-/.:])|(?<=:d/))(?<![+@?])(?<!\+[dyf])"
_AFTER = r"(?![-/.:][dyf](?!:d))(?!\?)"
_DATE = re.compile(f"{_BEFORE}(?:{'|'.join(_DATES.values())}){_AFTER}")
_SHORT_DATE = re.compile(f"{_BEFORE}(?:{'|'.join(_SHORT_YEAR.values())}){_AFTER}")

_CLOCK = (
    r"(?P<pre>a|A(?=d:d))?(?:"
    r"(?P<hc>d):(?P<ic>d)(?::(?P<sc>d))?(?:[.,:][dyf])?h?"
    r"|(?P<hh>d)h(?:(?P<ih>d)m?(?:(?P<sh>d)s|:(?P<sh2>d))?)?"
    r"|(?P<hp>d)\.(?P<ip>d)(?:\.(?P<sp>d))?h?"
    r"|(?P<hm>y)(?=[Zh])h?"
    r"|(?P<ha>d)(?=[Aa]))(?![:.][dyf])(?:,?(?P<post>[Aa]))?"
)
_ZONE = (
    r"(?:[,(|o]{0,2}(?P<zn>Z)(?:(?P<zs>[+\-~])(?P<zh>[dy])(?::(?P<zi>d))?(?![./:\-][dyf]|h))?"
    r"|(?P<bs>[+\-])(?P<bh>[dy])(?::(?P<bi>d))?(?![./\-][dyf]|[hMY]))?"
)
_BETWEEN = r"[!.,~\-|@/()oWThu?:]{0,6}"
_MARKS = re.compile(r"[!.,~\-|@/():oW]{0,4}")
_ZONE_AFTER = re.compile(_ZONE)
_CLOCK_AFTER = re.compile(f"{_BETWEEN}?{_CLOCK}{_ZONE}")
_CLOCK_BEFORE = re.compile(rf"(?<![dyf:./]){_CLOCK}{_ZONE}[!.,~|@/()oWu?\-]{{0,5}}$")
_LOOK_BACK = 16  # tokens before a date in which its clock may stand


def find_dates(tokens: DateTokens, *, short_years: bool = False) -> Iterator[Printed]:
    """Yield the full dates of a text, left to right, each with its clock and zone.

    `short_years` reads "10.01.22" and "10-Jan-22" too, where no four-digit year was found.
    """
    matches = _matches(tokens, _DATE)
    if short_years and not matches:
        matches = _matches(tokens, _SHORT_DATE)
    taken = 0
    for index, (match, printed) in enumerate(matches):
        following = matches[index + 1][1].start if index + 1 < len(matches) else len(tokens.shape)
        complete = _with_clock(tokens, printed, taken, following)
        if (year := _group(match, "y3")) is not None:  # asctime: the year stands after the clock
            complete = replace(complete, end=year + 1)
        taken = complete.end
        yield complete


def _matches(tokens: DateTokens, pattern: re.Pattern[str]) -> list[tuple[re.Match[str], Printed]]:
    return [
        (match, printed)
        for match in pattern.finditer(tokens.shape)
        if not _is_glued(tokens, match.start()) and (printed := _date_of(tokens, match)) is not None
    ]


def _is_glued(tokens: DateTokens, start: int) -> bool:
    """Say whether a letter touches the number: "v10.01.2022", "B10-01-2022"."""
    return (
        start > 0 and tokens.shape[start - 1] in "xo" and tokens.spans[start - 1][1] == tokens.spans[start][0]
    )


def _group(match: re.Match[str], *names: str) -> int | None:
    """Return the token index of the first of the named groups that took part in the match."""
    known = match.re.groupindex
    for name in names:
        if name in known and (start := match.start(name)) >= 0:
            return start
    return None


def _number(tokens: DateTokens, index: int | None) -> int | None:
    value = tokens.values[index] if index is not None else None
    return value if isinstance(value, int) else None


def _date_of(tokens: DateTokens, match: re.Match[str]) -> Printed | None:
    """Return the date of one match, its year in full and of the Gregorian era."""
    year = _number(tokens, _group(match, "y1", "y2", "y3", "y4", "y5", "y6", "y7", "y8", "y9", "y10"))
    first = _number(tokens, _group(match, "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9", "n1"))
    month = _group(match, "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9", "m9b", "m9c", "m9d")
    separator = None
    if month is None:
        month = _group(match, "n2", "n2b", "n2c", "n2d", "n2e", "n2f")
        separator = tokens.shape[match.start("n1") + 1].replace("!", ".").replace("~", "-").replace("d", " ")
    value = tokens.values[month] if month is not None else None
    if year is None or first is None or not isinstance(value, int | dict):
        return None
    era = _group(match, "era")
    if era is not None:
        year += ERAS[str(tokens.values[era])]
    is_jalali = _group(match, "m8") is not None
    if year < 100 and month is not None and "ก" <= tokens.text[tokens.spans[month][0]] <= "ฮ":
        year += 2500
    printed = Printed(_full_year(year), value, first, separator, start=match.start(), end=match.end())
    if is_jalali or (1300 <= year <= 1499 and _group(match, "y9") is not None):
        return replace(printed, year=year, calendar="jalali")
    return printed


def _full_year(year: int) -> int:
    """Return a year of two digits in full, and a Thai Buddhist year as the Gregorian one."""
    if 2400 <= year <= 2699:
        return year - 543
    if year < 100:
        return year + (1900 if year >= 70 else 2000)
    return year


def _with_clock(tokens: DateTokens, printed: Printed, taken: int, following: int) -> Printed:
    """Return the date with the clock right after it, else right before it (from token `taken` on).

    A clock between two dates belongs to the second when the first has one before it.
    """
    clock, zone, end = find_clock(tokens, printed.end)
    after = replace(printed, clock=clock, zone=zone, end=end)
    if clock is not None and following - end > 1:
        return after
    return _with_clock_before(tokens, printed, max(taken, printed.start - _LOOK_BACK)) or after


def _with_clock_before(tokens: DateTokens, printed: Printed, start: int) -> Printed | None:
    """Return the date with the clock right before it, not before token `start`; None without one.

    A word of the day may stand on either side of the clock: "9:15 da noite, 19 de março",
    "শাম 6:40 - 19 ...".
    """
    end = len(tokens.shape[: printed.start].rstrip("!.,~|@/()-:"))
    period = period_before(tokens, end) if end > start else None
    match = _CLOCK_BEFORE.search(tokens.shape[: period[1] if period else printed.start], start)
    if match is None:
        return None
    first = match.start()
    if period is None and (period := period_before(tokens, first)) is not None:
        first = period[1]
    clock = _clock_of(tokens, match, period[0] if period else None)
    return None if clock is None else replace(printed, clock=clock, zone=_zone_of(tokens, match), start=first)


def find_clock(tokens: DateTokens, start: int) -> tuple[Clock | None, Zone | None, int]:
    """Return the clock and zone at token `start`, and the index of the token after them."""
    match = _CLOCK_AFTER.match(tokens.shape, start)
    period = None
    if match is None:  # "2024, দুপুর 12:20": a word of the day comes first
        period = _period_ahead(tokens, start)
        match = _CLOCK_AFTER.match(tokens.shape, period[1]) if period else None
    if match is None:
        return None, None, start
    end = match.end()
    if period is None and _half_day(tokens, match) is None and match["zn"] is None and match["bs"] is None:
        period = period_after(tokens, end)
        end = period[1] if period else end
    clock = _clock_of(tokens, match, period[0] if period else None)
    if clock is None:
        return None, None, start
    zone = _zone_of(tokens, match)
    if zone is not None:
        return clock, zone, end
    return clock, *_zone_at(tokens, end)


def _period_ahead(tokens: DateTokens, start: int) -> tuple[Hours, int] | None:
    """Return the word of the day behind the marks at a token, small words counted in: "de la tarde"."""
    marks = _MARKS.match(tokens.shape, start)
    begins = range(start, marks.end() + 1 if marks else start + 1)
    return next((period for begin in begins if (period := period_after(tokens, begin))), None)


def _zone_at(tokens: DateTokens, start: int) -> tuple[Zone | None, int]:
    """Return the zone at token `start` and the token after it: one behind a word, or in small letters."""
    match = _ZONE_AFTER.match(tokens.shape, start)
    if match and (zone := _zone_of(tokens, match)) is not None:
        return zone, match.end()
    is_last_word = tokens.shape[start : start + 2] in ("x", "x!", "x.", "x,", "x)", "x|")
    if not is_last_word:
        return None, start
    first, end = tokens.spans[start]
    zone = zone_in_small_letters(tokens.text[first:end])
    return zone, start + 1 if zone else start


def _clock_of(tokens: DateTokens, match: re.Match[str], hours: Hours | None = None) -> Clock | None:
    """Return the clock of a match; None when its numbers are out of range or its word of the day unclear.

    `hours` are those of a word of the day beside the clock.
    """
    hour = _number(tokens, _group(match, "hc", "hh", "hp", "hm", "ha"))
    minute = _number(tokens, _group(match, "ic", "ih", "ip")) or 0
    seconds = _group(match, "sc", "sh", "sh2", "sp")
    if hour is None:
        return None
    if _group(match, "hm") is not None:
        hour, minute = divmod(hour, 100)
    if hours is not None and hour <= 12:
        meant = hours[hour]
        if meant is None:
            return None
        hour = meant
    else:
        hour = _of_24(hour, _half_day(tokens, match))
    second = min(_number(tokens, seconds) or 0, 59)
    if hour > 24 or minute > 59 or (hour == 24 and (minute or second)):
        return None
    if _group(match, "ip") is not None and _width(tokens, match.start("ip")) != 2:
        return None
    return Clock(hour, minute, second, seconds is not None)


def _width(tokens: DateTokens, index: int) -> int:
    start, end = tokens.spans[index]
    return end - start


def _half_day(tokens: DateTokens, match: re.Match[str]) -> str | None:
    index = _group(match, "pre", "post")
    return None if index is None else str(tokens.values[index])


def _of_24(hour: int, half: str | None) -> int:
    """Return an hour of a 12-hour clock in 24 hours; "16:58 pm" stays as it is."""
    if half == "am" and hour == 12:
        return 0
    if half in ("pm", "noon") and hour < (12 if half == "pm" else 10):
        return hour + 12
    return hour


def _zone_of(tokens: DateTokens, match: re.Match[str]) -> Zone | None:
    """Return the zone after a clock: a name, a name with an offset ("GMT+3"), or an offset."""
    name = _group(match, "zn")
    if name is None:
        sign = _group(match, "bs")
        return None if sign is None else _offset(tokens, match, sign, "bh", "bi", base=0)
    zone = named_zone(str(tokens.values[name]))
    sign = _group(match, "zs")
    if zone is None or sign is None or zone.offset_minutes is None:
        return zone
    return _offset(tokens, match, sign, "zh", "zi", base=zone.offset_minutes) or zone


def _offset(
    tokens: DateTokens, match: re.Match[str], sign: int, hour: str, minute: str, *, base: int
) -> Zone | None:
    """Return a numeric offset (hours, HHMM or HH:MM); None beyond 14 hours, the largest in use."""
    index = match.start(hour)
    hours = _number(tokens, index) or 0
    minutes = _number(tokens, _group(match, minute)) or 0
    if _width(tokens, index) == 4:
        hours, minutes = divmod(hours, 100)
    total = hours * 60 + minutes
    if minutes > 59 or total > 14 * 60:
        return None
    return Zone(offset_minutes=base + (total if tokens.shape[sign] == "+" else -total))

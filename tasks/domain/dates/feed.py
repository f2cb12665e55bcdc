"""Dates of feed items: the two forms that nearly all feeds write are read directly, the rest by `parse`.

Called by `feeds.normalise`. `parse_feed_date` reads every form and takes some 50 microseconds for one; a
document has up to 50,000 dates, nine in ten of them RFC 3339 or RFC 822 with a zone.
"""

import re
from datetime import UTC, datetime, timedelta, timezone

from tasks.domain.dates.context import DateContext
from tasks.domain.dates.parse import parse_feed_date
from warehouse.records.article import Moment, Precision

FIRST_YEAR = 1990
MAX_AHEAD = timedelta(hours=48)
MAX_OFFSET = timedelta(hours=14)
MAX_LENGTH = 100  # characters

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
_RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d{1,2}) "
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4}) "
    r"(\d\d):(\d\d):(\d\d) ([+-]\d{4}|GMT|UTC|Z)",
    re.ASCII,
)
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, 1)}
# Not a date: the year 1 ("Mon, 01 Jan 0001", .NET's empty value), and a zone that was cut off ("+00:0"),
# and a week, which W3CDTF does not have.
_NO_DATE = re.compile(r"\b0001\b|[+-]\d\d:\d?$|^\d{4}-?W\d")


def feed_moment(raw: str | None, context: DateContext) -> Moment | None:
    """Return the moment that a feed's date means; None when it cannot be one.

    As `parse.parse_feed_date`: the context's zone counts only where the text names none, years before
    1990 and days more than 48 hours after the fetch are refused, and a midnight has the precision of a
    day.
    """
    text = (raw or "").strip()[:MAX_LENGTH]
    if not text or _NO_DATE.search(text):
        return None
    try:
        at = _exact(text)
    except (ValueError, OverflowError):  # a 31st of February, an offset of 25 hours
        at = None
    if at is None:
        return parse_feed_date(text, context)
    if at.year < FIRST_YEAR or at > context.now + MAX_AHEAD:
        return None
    return _moment(at, text)


def _exact(text: str) -> datetime | None:
    match = _RFC3339.fullmatch(text)
    if match:
        at = datetime.fromisoformat(f"{match[1]}T{match[2]}{match[3]}")
        return at if abs(at.utcoffset() or timedelta()) <= MAX_OFFSET else None
    match = _RFC822.fullmatch(text)
    if not match:
        return None
    year, month, day = int(match[3]), _MONTHS[match[2]], int(match[1])
    clock = int(match[4]), int(match[5]), int(match[6])
    return datetime(year, month, day, *clock, tzinfo=_offset(match[7]))


def _offset(text: str) -> timezone:
    if text[0] not in "+-":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[3:5]))
    if int(text[3:5]) > 59 or offset > MAX_OFFSET:
        raise ValueError(text)
    return timezone(-offset if text[0] == "-" else offset)


def _moment(at: datetime, raw: str) -> Moment:
    offset = at.utcoffset() or timedelta()
    local = at.replace(tzinfo=None)
    is_midnight = local.time() == datetime.min.time()
    return Moment(
        at=at.astimezone(UTC),
        on=local.date(),
        local=local,
        utc_offset_minutes=int(offset.total_seconds() // 60),
        precision=Precision.DAY if is_midnight else Precision.MINUTE,
        origin="feed",
        zone_from="feed",
        raw=raw,
    )

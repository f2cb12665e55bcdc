"""One text with a date in it -> `DateReading`: a moment in its zone, or why there is none.

Behind `parse`, the module that others import. Machine-written forms are in `iso`, the grammar of printed
dates in `grammar`, "2 hours ago" in `relative`; here the readings are checked against the fetch time and
put into a zone. The rules on zones and on the order of day and month are those of `parse`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from tasks.domain.dates.calendars import common_day, jalali_day
from tasks.domain.dates.context import DateContext
from tasks.domain.dates.grammar import Clock, Printed, find_dates
from tasks.domain.dates.iso import Machine, read_epoch, read_machine
from tasks.domain.dates.relative import Relative, read_relative
from tasks.domain.dates.tokens import DateTokens, tokens_of
from tasks.domain.dates.zones import Zone, instant_of, local_in
from warehouse.records.article import Moment, Precision

MAX_RAW_CHARS = 200
MAX_SHORT_YEAR_CHARS = 60  # "10.01.22" is read in a short line only
_HAS_NUMBER = re.compile(r"\d|[〇零○一二三四五六七八九十元]")
_UNKNOWN_ZONE = re.compile(r"[A-Z]{1,5}|\d\d:\d\d")
_NOISE = "uoWBhmAa.,:!()|~@?'TDZ"  # tokens that may stand around a date without meaning anything


@dataclass(frozen=True, slots=True)
class DateReading:
    """What a text says: a moment, or the reason why it was refused."""

    moment: Moment | None
    refused: str | None = None  # sentence; set when there is no moment
    other: Moment | None = None  # the reading with day and month in the other order, where digits allow it
    note: str | None = None  # sentence on what had to be decided


@dataclass(frozen=True, slots=True)
class Frame:
    """The context of a date, where it stands, and the bounds in which it is believed."""

    context: DateContext
    origin: str
    zone_from: str = "page"  # recorded for a zone that the text names
    first_year: int = 1995
    ahead: timedelta = timedelta(days=1)


def at_midnight(moment: Moment) -> Moment:
    """Return a day as the minute of its midnight, for callers who know that midnight is meant."""
    local = datetime.combine(moment.on, time())
    at = None
    if moment.utc_offset_minutes is not None:
        at = (local - timedelta(minutes=moment.utc_offset_minutes)).replace(tzinfo=UTC)
    return replace(moment, local=local, at=at, precision=Precision.MINUTE)


def read(raw: str, frame: Frame) -> DateReading:
    """Return the reading of a text in its frame."""
    text = raw.strip()
    if not text or len(text) > MAX_RAW_CHARS:
        return DateReading(None, "The text is empty." if not text else "The text is too long for a date.")
    if text[0].isdigit() or text[0] == "/":
        if (at := read_epoch(text)) is not None:
            return _of_instant(at, text, frame)
        if (machine := read_machine(text)) is not None:
            return _of_machine(machine, text, frame)
    tokens = tokens_of(text)
    reading = _of_printed(tokens, text, frame)
    if reading is not None:
        return reading
    relative = read_relative(text) if frame.context.is_fetch_time else None
    return (
        DateReading(None, "No date in the text.") if relative is None else _of_relative(relative, text, frame)
    )


def _of_instant(at: datetime, raw: str, frame: Frame) -> DateReading:
    """Return an instant as a reading; its local day is that of the source's zone, else of UTC."""
    local, offset = local_in(frame.context.zone, at)
    if (reason := _refusal(local.date(), frame)) is not None:
        return DateReading(None, reason)
    zone_from = frame.zone_from
    return DateReading(
        Moment(at, local.date(), local, offset, Precision.MINUTE, frame.origin, zone_from, raw)
    )


def _of_machine(machine: Machine, raw: str, frame: Frame) -> DateReading:
    clock = Clock(*machine.clock, has_seconds=True) if machine.clock else None
    days = [common_day(machine.year, machine.month, machine.day)]
    if machine.month > 12:
        days.append(common_day(machine.year, machine.day, machine.month))
    return _settle(days, clock, machine.zone, raw, frame)


def _of_printed(tokens: DateTokens, raw: str, frame: Frame) -> DateReading | None:
    """Return the reading of a text that is one printed date; None when it holds none."""
    dates = list(find_dates(tokens, short_years=True))
    if len(dates) != 1:
        return None if not dates else DateReading(None, "The text holds more than one date.")
    printed = dates[0]
    after = tokens.shape[printed.end :]
    if printed.zone is not None and after.startswith("(") and after.endswith(")"):
        after = ""  # JavaScript repeats the zone: "GMT+0300 (Moscow Standard Time)"
    if printed.clock is not None and printed.zone is None and _is_unknown_zone(tokens, printed.end):
        printed, after = replace(printed, zone=Zone()), ""
    if tokens.shape[: printed.start].strip(_NOISE) or after.strip(_NOISE):
        return DateReading(None, "The text holds more than a date.")
    return _settle(_days(printed, frame), printed.clock, printed.zone, raw, frame)


def _is_unknown_zone(tokens: DateTokens, start: int) -> bool:
    """Say whether the rest of a text is the name of a zone that we do not know, or an offset without sign.

    The single letters of RFC 822 count as unknown: it gave them the wrong sign (RFC 2822 section 4.3).
    """
    rest = tokens.text[tokens.spans[start][0] :].strip(" ()") if start < len(tokens.spans) else ""
    return _UNKNOWN_ZONE.fullmatch(rest) is not None


def find(text: str, frame: Frame) -> Iterator[tuple[DateReading, int, int]]:
    """Yield the full dates inside a text, each with its character offsets."""
    if not _HAS_NUMBER.search(text):  # most lines: spares the tokens
        return
    tokens = tokens_of(text)
    short_years = len(text) <= MAX_SHORT_YEAR_CHARS
    for printed in find_dates(tokens, short_years=short_years):
        start, end = tokens.spans[printed.start][0], tokens.spans[printed.end - 1][1]
        yield _settle(_days(printed, frame), printed.clock, printed.zone, text[start:end], frame), start, end


def _days(printed: Printed, frame: Frame) -> list[date | None]:
    """Return the possible days of a printed date, the likelier order first."""
    month = printed.month
    if isinstance(month, dict):
        month = _month_in(month, frame.context.language)
    if printed.calendar == "jalali":
        return [jalali_day(printed.year, month, printed.day)]
    if printed.separator is None:
        return [common_day(printed.year, month, printed.day)]
    day_first = common_day(printed.year, month, printed.day)
    month_first = common_day(printed.year, printed.day, month)
    return [month_first, day_first] if _is_month_first(printed.separator, frame) else [day_first, month_first]


def _month_in(meanings: dict[str, int], language: str | None) -> int:
    """Return the month that a name means in the page's language; 0 when the language does not decide."""
    code = (language or "").replace("_", "-").split("-")[0].lower()
    code = {"nb": "no", "nn": "no", "bs": "hr", "sh": "hr", "sk": "cs"}.get(code, code)
    return meanings.get(code, 0)


def _is_month_first(separator: str, frame: Frame) -> bool:
    context = frame.context
    if context.date_order is not None:
        return context.date_order == "mdy"
    return separator != "." and (context.language or "").replace("_", "-").lower().startswith("en-us")


def _refusal(day: date | None, frame: Frame) -> str | None:
    """Return why a day cannot be a day of publication; None when it can."""
    if day is None:
        return "The calendar has no such day."
    if day.year < frame.first_year:
        return f"The year {day.year} is before {frame.first_year}."
    if day > (frame.context.now + frame.ahead).date():
        return f"{day.isoformat()} is later than the fetch on {frame.context.now.date().isoformat()}."
    return None


def _settle(
    days: Sequence[date | None], clock: Clock | None, zone: Zone | None, raw: str, frame: Frame
) -> DateReading:
    """Return the first day that is possible, with its clock in its zone."""
    refusals = [_refusal(day, frame) for day in days]
    moments = [
        _moment(day, clock, zone, raw, frame)
        for day, refusal in zip(days, refusals, strict=True)
        if day is not None and refusal is None
    ]
    if not moments:
        return DateReading(None, refusals[0] if refusals else "The calendar has no such day.")
    other = moments[1] if len(moments) > 1 and moments[1].on != moments[0].on else None
    note = None
    if refusals[0] is not None and days[0] is not None:
        note = f"Day and month were swapped: {refusals[0]}"
    return DateReading(moments[0], other=other, note=note)


def _moment(day: date, clock: Clock | None, zone: Zone | None, raw: str, frame: Frame) -> Moment:
    """Return a day and a clock as a moment; the zone is the text's, else the source's, else unknown."""
    if clock is None:
        return Moment(None, day, None, None, Precision.DAY, frame.origin, None, raw)
    local = datetime.combine(day, time(clock.hour % 24, clock.minute, clock.second))
    local += timedelta(days=clock.hour // 24)
    source_zone = frame.context.zone
    place = zone or (Zone(name=source_zone) if source_zone else None)
    instant = instant_of(local, place, source_zone) if place else None
    zone_from = None if instant is None else frame.zone_from if zone and not zone.meanings else "source"
    at = instant.at if instant else None
    offset = instant.offset_minutes if instant else None
    if clock.has_seconds and local.time() == time():  # a machine that knew only the day
        return Moment(None, local.date(), None, offset, Precision.DAY, frame.origin, zone_from, raw)
    is_ambiguous = instant is not None and instant.is_ambiguous
    return Moment(
        at, local.date(), local, offset, Precision.MINUTE, frame.origin, zone_from, raw, is_ambiguous
    )


def _of_relative(relative: Relative, raw: str, frame: Frame) -> DateReading:
    """Return a time counted back from the fetch; its day is that of the source's zone, else of UTC."""
    if relative.minutes is not None:
        at = (
            (frame.context.now - timedelta(minutes=relative.minutes))
            .astimezone(UTC)
            .replace(second=0, microsecond=0)
        )
        return _of_instant(at, raw, frame)
    today = local_in(frame.context.zone, frame.context.now)[0].date()
    day = today - timedelta(days=relative.days or 0)
    return _settle([day], relative.clock, relative.zone, raw, frame)

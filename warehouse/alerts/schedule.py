"""When a message is due: at once, every hour, or on a day and at a time in a zone. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FORMS = "'at once', 'hourly', 'daily 07:00' or 'weekly mon 07:00', a time zone behind the time if needed"

_TIMED = re.compile(
    r"(?:daily|weekly\s+(?P<day>[a-z]+))\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?:\s+(?P<zone>\S+))?",
    re.IGNORECASE,
)


class Frequency(StrEnum):
    """How often a recipient is notified."""

    AT_ONCE = "at once"
    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a recipient is notified."""

    frequency: Frequency
    at: time = time(0)  # local; daily and weekly
    weekday: int = 0  # Monday is 0; weekly
    zone: str = "UTC"

    def __str__(self) -> str:
        if self.frequency in (Frequency.AT_ONCE, Frequency.HOURLY):
            return self.frequency.value
        day = f" {DAYS[self.weekday]}" if self.frequency is Frequency.WEEKLY else ""
        return f"{self.frequency.value}{day} {self.at:%H:%M} {self.zone}"


AT_ONCE = Schedule(Frequency.AT_ONCE)


def parse_schedule(text: str, default_zone: str = "UTC") -> Schedule:
    """Return a schedule as `searches.toml` writes it. Raises ValueError."""
    words = " ".join(text.lower().split())
    if words in (Frequency.AT_ONCE, Frequency.HOURLY):
        return Schedule(Frequency(words))
    match = _TIMED.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"is not a schedule (expected {FORMS})")
    day, hour, minute, zone = match["day"], int(match["hour"]), int(match["minute"]), match["zone"]
    if hour > 23 or minute > 59:
        raise ValueError(f"has no valid time of day ('{hour}:{minute:02}', expected 00:00 to 23:59)")
    name = _zone_name(zone or default_zone)
    if day is None:
        return Schedule(Frequency.DAILY, time(hour, minute), zone=name)
    if day[:3].lower() not in DAYS:
        raise ValueError(f"names no day of the week ('{day}', expected {', '.join(DAYS)})")
    return Schedule(Frequency.WEEKLY, time(hour, minute), DAYS.index(day[:3].lower()), name)


def next_due(schedule: Schedule, now: datetime) -> datetime:
    """Return when a change noted at `now` (aware) is reported, in UTC: now, or the next time of the schedule.

    A local time that summer time skips is taken an hour later, one that it repeats is taken once.
    """
    if schedule.frequency is Frequency.AT_ONCE:
        return now.astimezone(UTC)
    if schedule.frequency is Frequency.HOURLY:
        return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    zone = ZoneInfo(schedule.zone)
    day = now.astimezone(zone).date()
    for offset in range(9):
        due = _instant(day + timedelta(days=offset), schedule.at, zone)
        is_day = schedule.frequency is Frequency.DAILY or due.astimezone(zone).weekday() == schedule.weekday
        if is_day and due > now:
            return due
    raise AssertionError("a week has every day")


def _instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _zone_name(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, OSError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise ValueError(f"names no IANA time zone ('{text}')") from error
    return text

"""Time zones by name and offset, and what a local time in one of them means.

An abbreviation that names one zone everywhere in the news is read; one that several countries use
for different clocks (IST, CST, AST, BST) is trusted only where the source's own zone agrees.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

# Offsets in minutes, or an IANA zone whose clock the name means.
_LONG_KNOWN: dict[str, int | str] = {
    "utc": 0, "gmt": 0, "ut": 0, "zulu": 0, "msk": "Europe/Moscow", "мск": "Europe/Moscow",
    "msd": 240, "екб": 300, "gmt/utc": 0,
    "гринвичу": 0,
}  # fmt: skip
ZONE_NAMES: dict[str, int | str] = dict(_LONG_KNOWN)

# Only when printed in capitals: "met" and "et" are words in Dutch and French.
SHOUTED_ZONES: dict[str, int | str | tuple[int, ...]] = {
    "Z": 0, "UTC": 0, "GMT": 0, "UT": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60,
    "MESZ": 120, "MET": 60, "MEST": 120, "EET": 120, "EEST": 180, "MSK": "Europe/Moscow",
    "MSD": 240, "TRT": 180,
    "SAST": 120, "CAT": 120, "EAT": 180, "WAT": 60, "IRST": 210, "IRDT": 270, "IDT": 180, "GST": 240,
    "AZT": 240, "SAMT": 240, "PKT": 300, "UZT": 300, "YEKT": 300, "NPT": 345, "ICT": 420, "WIB": 420,
    "NOVT": 420, "WITA": 480, "SGT": 480, "MYT": 480, "PHT": 480, "HKT": 480, "AWST": 480, "JST": 540,
    "KST": 540, "WIT": 540, "ACST": 570, "ACDT": 630, "AEST": 600, "AEDT": 660, "NZST": 720,
    "NZDT": 780, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480,
    "PDT": -420, "AKST": -540, "AKDT": -480, "HST": -600, "ADT": -180, "NST": -210, "NDT": -150,
    "BRT": -180, "ART": -180, "CLT": -240, "CLST": -180, "COT": -300, "PET": -300, "VET": -240,
    "UYT": -180, "ET": "America/New_York", "CT": "America/Chicago", "MT": "America/Denver",
    "PT": "America/Los_Angeles", "AT": "America/Halifax", "ALMT": "Asia/Almaty",
    "AET": "Australia/Sydney", "IST": (330, 120, 60), "CST": (-360, 480), "AST": (-240, 180),
    "BST": (60, 360), "AMT": (-240, 240),
}  # fmt: skip

_IANA = (
    r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)"
    r"/[A-Za-z_]+(?:/[A-Za-z_]+|(?<=GMT)[+-]\d{1,2})?"
)
_PHRASES: dict[str, int | str] = {
    r"(?:по\s+)?московско(?:му|е)\s+врем(?:ени|я)": "Europe/Moscow",
    r"по\s+москве": "Europe/Moscow",
    r"[Mm]oscow\s+(?:[Ss]tandard\s+)?[Tt]ime": "Europe/Moscow",
    r"(?:по\s+)?київськ(?:им|ий)\s+час(?:ом)?|по\s+киевскому\s+времени": "Europe/Kiev",
    r"(?:по\s+)?мінськ(?:им|ий)\s+час(?:ом)?|по\s+минскому\s+времени": 180,
    r"по\s+(?:гринвичу|Гринвичу)": 0,
    r"(?:US\s+)?Eastern(?:\s+(?:Standard|Daylight))?\s+[Tt]ime": "America/New_York",
    r"(?:US\s+)?Pacific(?:\s+(?:Standard|Daylight))?\s+[Tt]ime": "America/Los_Angeles",
    r"(?:Greenwich\s+Mean|Coordinated\s+Universal|Universal)\s+[Tt]ime": 0,
    r"Central\s+European\s+(?:Standard\s+|Summer\s+)?[Tt]ime": "Europe/Berlin",
    r"日本時間": 540,
    r"北京时间|北京時間": 480,
    r"한국\s?시간": 540,
}
ZONE_PHRASE = "|".join((_IANA, *_PHRASES))


@dataclass(frozen=True, slots=True)
class Zone:
    """What a text says of its zone: an offset, an IANA zone, or an abbreviation with several meanings."""

    offset_minutes: int | None = None
    name: str | None = None
    meanings: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Instant:
    """A local time in a zone."""

    at: datetime  # aware, UTC
    offset_minutes: int
    is_ambiguous: bool = False


@lru_cache(maxsize=512)
def _phrase_zone(text: str) -> int | str | None:
    """The zone that a phrase or an IANA name means."""
    for pattern, zone in _PHRASES.items():
        if re.fullmatch(pattern, text):
            return zone
    return text if iana_zone(text) else None


def named_zone(text: str) -> Zone | None:
    """The zone of a name as the tokens give it; None when the name is not known."""
    zone = SHOUTED_ZONES.get(text)
    if zone is None:
        zone = ZONE_NAMES.get(text)
    if zone is None:
        zone = _phrase_zone(text)
    if zone is None:
        return None
    if isinstance(zone, int):
        return Zone(offset_minutes=zone)
    return Zone(name=zone) if isinstance(zone, str) else Zone(meanings=zone)


@lru_cache(maxsize=256)
def iana_zone(name: str) -> tzinfo | None:
    """The zone of an IANA name; None when the database does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def instant_of(local: datetime, zone: Zone, source_zone: str | None) -> Instant | None:
    """The instant of a naive local time; None when the zone does not settle it."""
    if zone.offset_minutes is not None:
        return _at_offset(local, zone.offset_minutes)
    if zone.name is not None:
        found = iana_zone(zone.name)
        return None if found is None else _at_place(local, found)
    return _settled_by_source(local, zone.meanings, source_zone)


def local_in(zone: str | None, at: datetime) -> tuple[datetime, int]:
    """An instant as the clock of `zone` (UTC without one) shows it: naive local time and offset."""
    place = (iana_zone(zone) if zone else None) or UTC
    local = at.astimezone(place)
    offset = local.utcoffset() or timedelta()
    return local.replace(tzinfo=None), round(offset.total_seconds() / 60)


def _at_offset(local: datetime, minutes: int) -> Instant | None:
    try:
        at = local.replace(tzinfo=timezone(timedelta(minutes=minutes))).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return Instant(at, minutes)


def _at_place(local: datetime, place: tzinfo) -> Instant:
    """A clock change makes two readings; the earlier one is taken and flagged."""
    readings = [local.replace(tzinfo=place, fold=fold) for fold in (0, 1)]
    instants = [reading.astimezone(UTC) for reading in readings]
    at = min(instants)
    offset = (local - at.replace(tzinfo=None)).total_seconds() / 60
    return Instant(at, round(offset), instants[0] != instants[1])


def _settled_by_source(local: datetime, meanings: Sequence[int], source_zone: str | None) -> Instant | None:
    """ "IST" on an Indian source is Indian time; without a source that agrees it is nobody's."""
    place = iana_zone(source_zone) if source_zone else None
    if place is None:
        return None
    instant = _at_place(local, place)
    return instant if instant.offset_minutes in meanings else None

"""Time zones by name and offset, and what a local time in one of them means.

The names are in `data/zones.toml`. An abbreviation that several countries use for different clocks (IST,
CST, AST, BST) counts only where the source's own zone has one of its offsets.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from tasks.domain.dates.vocabulary import read_data

_DATA = read_data("zones")
ZONE_NAMES: dict[str, int | str] = _DATA["names"]
# Only when printed in capitals: "met" and "et" are words in Dutch and French.
CAPITAL_ZONES: dict[str, int | str | list[int]] = _DATA["capitals"]
_PHRASES: dict[str, int | str] = _DATA["phrases"]
_WORDS = frozenset(_DATA["words"]["not_in_small_letters"].split())

_IANA = (
    r"(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Etc|Europe|Indian|Pacific)"
    r"/[A-Za-z_]+(?:/[A-Za-z_]+|(?<=GMT)[+-]\d{1,2})?"
)
ZONE_PHRASE = "|".join((_IANA, *_PHRASES))


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone that a text names: an offset, an IANA zone, or an abbreviation with several meanings."""

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
    """Return the zone that a phrase or an IANA name means; None when it is not known."""
    for pattern, zone in _PHRASES.items():
        if re.fullmatch(pattern, text):
            return zone
    return text if iana_zone(text) else None


def named_zone(text: str) -> Zone | None:
    """Return the zone of a name as the tokens give it; None when the name is not known."""
    zone = CAPITAL_ZONES.get(text)
    if zone is None:
        zone = ZONE_NAMES.get(text)
    if zone is None:
        zone = _phrase_zone(text)
    if zone is None:
        return None
    if isinstance(zone, int):
        return Zone(offset_minutes=zone)
    return Zone(name=zone) if isinstance(zone, str) else Zone(meanings=tuple(zone))


def zone_in_small_letters(text: str) -> Zone | None:
    """Return the zone of an abbreviation that is not in capitals ("est", "Pdt", "z"); None for a word."""
    name = text.upper()
    if name not in CAPITAL_ZONES or text.lower() in _WORDS or (len(name) < 3 and name != "Z"):
        return None
    return named_zone(name)


@lru_cache(maxsize=256)
def iana_zone(name: str) -> tzinfo | None:
    """Return the zone of an IANA name; None when the database does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def instant_of(local: datetime, zone: Zone, source_zone: str | None) -> Instant | None:
    """Return the instant of a naive local time; None when the zone does not decide it."""
    if zone.offset_minutes is not None:
        return _at_offset(local, zone.offset_minutes)
    if zone.name is not None:
        place = iana_zone(zone.name)
        return None if place is None else _at_place(local, place)
    return _settled_by_source(local, zone.meanings, source_zone)


def local_in(zone: str | None, at: datetime) -> tuple[datetime, int]:
    """Return an instant on the clock of `zone` (UTC without one): naive local time, offset in minutes."""
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
    """Return the instant; of the two that a clock change allows the earlier one, flagged as ambiguous."""
    readings = [local.replace(tzinfo=place, fold=fold) for fold in (0, 1)]
    instants = [reading.astimezone(UTC) for reading in readings]
    at = min(instants)
    offset = (local - at.replace(tzinfo=None)).total_seconds() / 60
    return Instant(at, round(offset), instants[0] != instants[1])


def _settled_by_source(local: datetime, meanings: Sequence[int], source_zone: str | None) -> Instant | None:
    """Return the instant in the source's zone if its offset is one of the meanings ("IST" in India)."""
    place = iana_zone(source_zone) if source_zone else None
    if place is None:
        return None
    instant = _at_place(local, place)
    return instant if instant.offset_minutes in meanings else None

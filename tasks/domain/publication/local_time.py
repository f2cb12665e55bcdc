"""Local time and offset of a publication, from several dates of one page that mean the same instant.

Part of `choice`. Pages write UTC beside local time, local digits with a Z, UTC digits with a local offset.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tasks.domain.dates.zones import local_in
from tasks.domain.publication.candidate import DatedCandidate, Trust
from warehouse.records.article import Moment, Precision


def without_false_offsets(candidates: list[DatedCandidate]) -> list[DatedCandidate]:
    """Return the candidates without those that write UTC digits beside the offset of local time.

    "19:11:05-04:00" beside "15:11:05-04:00": the second one's instant has the first one's digits.
    """
    moments = [candidate.moment for candidate in candidates]
    return [
        candidate
        for candidate in candidates
        if not any(_has_digits_of_instant(candidate.moment, moment) for moment in moments)
    ]


def _has_digits_of_instant(moment: Moment, true: Moment) -> bool:
    if not moment.utc_offset_minutes or moment.utc_offset_minutes != true.utc_offset_minutes:
        return False
    return true.at is not None and moment.local == true.at.replace(tzinfo=None)


def of_two_utc_times(moment: Moment, candidates: Sequence[DatedCandidate], url_day: date | None) -> Moment:
    """Return the moment in local time where two times, both marked UTC, are whole hours apart.

    The one on the URL's day is the local clock.

    Seen on pages whose JSON-LD and meta elements are 8 and 10 hours apart, both with a Z.
    """
    if moment.at is None or moment.local is None or moment.utc_offset_minutes != 0 or url_day is None:
        return moment
    for other in (candidate.moment for candidate in candidates if candidate.trust <= Trust.TIME_PUBLISHED):
        if other.at is None or other.local is None or other.utc_offset_minutes != 0:
            continue
        local, at = (other.local, moment.at) if other.on == url_day else (moment.local, other.at)
        offset = offset_between(local, at)
        if other.on != moment.on and local.date() == url_day and offset is not None and offset % 60 == 0:
            return replace(moment, at=at, on=url_day, local=local, utc_offset_minutes=offset)
    return moment


def on_url_day(moment: Moment, url_day: date | None, zone: str | None) -> Moment:
    """Return a UTC time in the source's zone when its day there is the URL's day."""
    if moment.at is None or zone is None or moment.utc_offset_minutes != 0 or url_day in (None, moment.on):
        return moment
    local, offset = local_in(zone, moment.at)
    if local.date() != url_day:
        return moment
    return replace(moment, on=local.date(), local=local, utc_offset_minutes=offset)


def in_local_form(moment: Moment, candidate: DatedCandidate, printed: datetime | None) -> Moment | None:
    """Return the moment with zone or local clock of another candidate that means the same; else None.

    "16:58Z" beside "16:58+03:00" is a false Z if the page also prints 16:58 for its readers (`printed`,
    the clock near the headline); without that evidence the more trusted origin stands.
    """
    other = candidate.moment
    if moment.local is None or other.local is None or not has_clock(other):
        return None
    is_sure = candidate.trust <= Trust.FEED
    if moment.at is None:
        return _with_zone_of(moment, other, is_sure=is_sure)
    if moment.utc_offset_minutes != 0 or not is_sure:
        return None
    if other.at is None:
        offset = offset_between(other.local, moment.at) if other.local == printed else None
        if offset is None:
            return None
        local = moment.local + timedelta(minutes=offset)
        return replace(moment, on=local.date(), local=local, utc_offset_minutes=offset)
    if not other.utc_offset_minutes:
        return None
    if abs((other.at - moment.at).total_seconds()) < 60:
        return replace(other, origin=moment.origin, raw=moment.raw, zone_from=moment.zone_from)
    is_witnessed = printed is not None and _same_clock(other.local, printed)
    if is_witnessed and other.zone_from != "source" and _same_clock(other.local, moment.local):
        return replace(other, origin=moment.origin)
    return None


def _with_zone_of(moment: Moment, other: Moment, *, is_sure: bool) -> Moment | None:
    """Return a time without zone in the zone that another candidate gives for the same clock or instant."""
    if moment.local is None or other.local is None or other.at is None:
        return None
    at, offset = other.at, other.utc_offset_minutes
    if not _same_clock(moment.local, other.local):
        offset = offset_between(moment.local, other.at) if is_sure and other.utc_offset_minutes == 0 else None
        if offset is None:
            return None
        at = (moment.local - timedelta(minutes=offset)).replace(tzinfo=UTC)
    return replace(moment, at=at, utc_offset_minutes=offset, zone_from=other.zone_from)


def _same_clock(one: datetime, two: datetime) -> bool:
    return abs((one - two).total_seconds()) < 60


def offset_between(local: datetime, at: datetime) -> int | None:
    """Return the offset in minutes between a local time and an instant; None when no zone has it."""
    shift = local.replace(second=0) - at.replace(second=0, tzinfo=None)  # readers see no seconds
    minutes = int(shift.total_seconds() // 60)
    if not -12 * 60 <= minutes <= 14 * 60 or minutes == 0:
        return None
    return minutes if minutes % 15 == 0 else None


def has_clock(moment: Moment) -> bool:
    """Say whether a moment has a time of day."""
    return moment.local is not None and moment.precision is Precision.MINUTE

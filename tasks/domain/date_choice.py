"""Which of a page's dates is its publication: a pure rule over dated candidates.

After `date_signals` has collected what page, feed and address say. The order of trust is that of
`Trust`; the measurements behind it (precision of each signal on 991 pages) stand in
docs/decisions. The day comes from the most trusted candidate, the time and the zone from the
most trusted one whose day agrees; known lies (a false Z, a copyright year, swapped day and month)
are caught by comparing candidates with each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum

from warehouse.records import Moment, Precision

_QUARTER_S = 15 * 60
_MAX_SHIFT_S = 14 * 3600


class Trust(IntEnum):
    """Where a date was found, the most trusted first."""

    SOURCE_RULE = 0  # the selector that sources.toml gives for this source
    JSON_LD_ARTICLE = 10
    META = 20
    ITEMPROP = 30
    TIME_PUBLISHED = 40  # <time> that says it is the publication
    VISIBLE_TEXT = 50
    FEED = 60
    JSON_LD_OTHER = 65
    META_WEAK = 70  # meta "date", "created": often the day of rendering
    TIME_IN_ARTICLE = 80
    URL = 90
    VISIBLE_FAR = 95
    HTMLDATE = 100


@dataclass(frozen=True, slots=True)
class DatedCandidate:
    """One date of a page, where it was found, and what says so."""

    moment: Moment
    trust: Trust
    evidence: str
    is_modified: bool = False  # it says when the article was changed
    other: Moment | None = None  # with day and month in the other order, where digits allow it


@dataclass(frozen=True, slots=True)
class DateChoice:
    """The date that was chosen, and why."""

    moment: Moment | None
    chosen: DatedCandidate | None
    disagree: bool  # origins differ by more than a day
    reason: str  # one sentence


def choose_published(candidates: Sequence[DatedCandidate]) -> DateChoice:
    """The publication among a page's dated candidates, in any order."""
    told = _usable([candidate for candidate in candidates if not candidate.is_modified])
    if not told:
        return DateChoice(None, None, False, "The page names no date of publication.")
    told = _ordered_days(told)
    chosen, reason = _by_day(told)
    moment = _completed(chosen, told)
    disagree = any(abs((c.moment.on - moment.on).days) > 1 for c in told if c.trust <= Trust.URL)
    return DateChoice(moment, chosen, disagree, reason)


def choose_modified(candidates: Sequence[DatedCandidate], published: Moment | None) -> DateChoice:
    """The last change among a page's dated candidates; never before the publication."""
    told = sorted((c for c in candidates if c.is_modified), key=lambda c: c.trust)
    fit = [c for c in told if published is None or not _is_before(c.moment, published)]
    if not fit:
        return DateChoice(None, None, False, "The page names no later change.")
    disagree = any(abs((c.moment.on - fit[0].moment.on).days) > 1 for c in fit)
    return DateChoice(fit[0].moment, fit[0], disagree, f"Said by {fit[0].moment.origin}.")


def _is_before(moment: Moment, published: Moment) -> bool:
    if moment.at is not None and published.at is not None:
        return moment.at < published.at
    return moment.on < published.on


def needs_last_resort(candidates: Sequence[DatedCandidate]) -> bool:
    """True when nothing better than a guess was found, or when the address contradicts what was."""
    told = [candidate for candidate in candidates if not candidate.is_modified]
    best = min(told, key=lambda candidate: candidate.trust, default=None)
    if best is None or best.trust >= Trust.JSON_LD_OTHER:
        return True
    url_day = _url_day(told)
    return url_day is not None and abs((best.moment.on - url_day).days) > 1


def _url_day(told: Sequence[DatedCandidate]) -> date | None:
    return next((candidate.moment.on for candidate in told if candidate.trust is Trust.URL), None)


def _usable(told: list[DatedCandidate]) -> list[DatedCandidate]:
    """The candidates by trust, without copyright years that only the last resort believes in."""
    days = {candidate.moment.on for candidate in told if candidate.trust is not Trust.HTMLDATE}
    return sorted(
        (
            candidate
            for candidate in told
            if candidate.trust is not Trust.HTMLDATE
            or (candidate.moment.on.month, candidate.moment.on.day) != (1, 1)
            or candidate.moment.on in days
        ),
        key=lambda candidate: candidate.trust,
    )


def _ordered_days(told: list[DatedCandidate]) -> list[DatedCandidate]:
    """Digits that allow both orders take the order that another candidate confirms."""
    return [_reordered(candidate, told) for candidate in told]


def _reordered(candidate: DatedCandidate, told: Sequence[DatedCandidate]) -> DatedCandidate:
    if candidate.other is None:
        return candidate
    days = {other.moment.on for other in told if other is not candidate and other.other is None}
    if candidate.other.on in days and candidate.moment.on not in days:
        return replace(candidate, moment=candidate.other, other=candidate.moment)
    return candidate


def _by_day(told: Sequence[DatedCandidate]) -> tuple[DatedCandidate, str]:
    """The candidate whose day is believed, with the reason."""
    best = told[0]
    url_day = _url_day(told)
    if url_day is not None and abs((best.moment.on - url_day).days) > 1:
        second = next((c for c in told if c.trust is not Trust.URL and c.moment.on == url_day), None)
        if second is not None:
            return second, f"The address and {second.moment.origin} agree against {best.moment.origin}."
    return best, f"Most trusted origin: {best.moment.origin}."


def _completed(chosen: DatedCandidate, told: Sequence[DatedCandidate]) -> Moment:
    """The chosen day with the time and zone of the most trusted candidate that agrees with it."""
    moment = chosen.moment
    others = [candidate.moment for candidate in told if candidate is not chosen]
    if moment.local is None and moment.precision is Precision.DAY:
        timed = next((other for other in others if _is_same_day(moment, other) and other.local), None)
        if timed is None:
            return _without_midnight(moment)
        moment = replace(timed, origin=moment.origin if timed.on == moment.on else timed.origin)
    for other in others:
        if (better := _in_local_form(moment, other)) is not None:
            return better
    return moment


def _without_midnight(moment: Moment) -> Moment:
    return replace(moment, at=None, local=None)


def _is_same_day(moment: Moment, other: Moment) -> bool:
    """True when a day and a minute can be one: the same local day, or the next after a zone shift."""
    gap = abs((moment.on - other.on).days)
    return gap == 0 or (gap == 1 and other.utc_offset_minutes == 0)


def _in_local_form(moment: Moment, other: Moment) -> Moment | None:
    """The moment with the zone or local clock of another candidate that means the same instant."""
    if moment.local is None or other.local is None:
        return None
    if moment.at is None:
        return _with_zone_of(moment, other)
    if moment.utc_offset_minutes != 0:
        return None
    if other.at is not None and other.utc_offset_minutes:
        if abs((other.at - moment.at).total_seconds()) < 60:
            return replace(other, origin=moment.origin, raw=moment.raw)
        if _same_clock(other.local, moment.local):  # "16:58Z" beside "16:58+03:00": the Z is a lie
            return replace(other, origin=moment.origin)
        return None
    if other.at is None and (offset := _offset_between(other.local, moment.at)):
        return replace(moment, on=other.local.date(), local=other.local, utc_offset_minutes=offset)
    return None


def _with_zone_of(moment: Moment, other: Moment) -> Moment | None:
    """A local time without zone, in the zone that another candidate gives for the same clock or instant."""
    if moment.local is None or other.local is None or other.at is None:
        return None
    if _same_clock(moment.local, other.local):
        return replace(
            moment, at=other.at, utc_offset_minutes=other.utc_offset_minutes, zone_from=other.zone_from
        )
    if other.utc_offset_minutes == 0 and (offset := _offset_between(moment.local, other.at)):
        at = (moment.local - timedelta(minutes=offset)).replace(tzinfo=UTC)
        return replace(moment, at=at, utc_offset_minutes=offset, zone_from=other.zone_from)
    return None


def _same_clock(one: datetime, two: datetime) -> bool:
    return abs((one - two).total_seconds()) < 60


def _offset_between(local: datetime, at: datetime) -> int | None:
    """The offset in minutes that makes a printed local time an instant; None when none can."""
    shift = (local - at.replace(tzinfo=None)).total_seconds()
    quarters = round(shift / _QUARTER_S)
    if quarters == 0 or abs(shift) > _MAX_SHIFT_S or abs(shift - quarters * _QUARTER_S) >= 60:
        return None
    return quarters * 15

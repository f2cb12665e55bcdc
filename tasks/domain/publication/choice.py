"""Which of a page's dates is its publication: a pure rule over dated candidates.

After `signals` has collected what page, feed and URL say. The order of trust is that of `Trust`; the
measured precision of each signal is in docs/decisions/dates.md. The day comes from the most trusted
candidate, the time and the zone from the most trusted one whose day agrees. Typical errors (a false Z, a
copyright year, swapped day and month) are detected by comparing the candidates with each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum

from tasks.domain.dates.zones import local_in
from warehouse.records import Moment, Precision

# Origins that readers of the site see, or that its feed carries: independent of a page's head.
_SEEN = frozenset({"visible_text", "time_element", "itemprop", "feed", "meta"})


class Trust(IntEnum):
    """Where a date was found, the most trusted first."""

    SOURCE_RULE = 0  # the selector that sources.toml gives for this source
    JSON_LD_ARTICLE = 10
    META = 20
    ITEMPROP = 30
    TIME_PUBLISHED = 40  # <time> that says it is the publication
    TIME_NEAR = 45  # <time> near the headline
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
    """One date of a page, where it was found, and the text or markup that says so."""

    moment: Moment
    trust: Trust
    evidence: str
    is_modified: bool = False  # of a later change, not of the publication
    other: Moment | None = None  # with day and month in the other order, where digits allow it


@dataclass(frozen=True, slots=True)
class DateChoice:
    """The date that was chosen, and why."""

    moment: Moment | None
    chosen: DatedCandidate | None
    disagree: bool  # origins differ by more than a day
    reason: str  # one sentence


def choose_published(candidates: Sequence[DatedCandidate], *, zone: str | None = None) -> DateChoice:
    """Return the publication among a page's candidates, in any order; `zone` is the source's."""
    candidates = _usable([candidate for candidate in candidates if not candidate.is_modified])
    if not candidates:
        return DateChoice(None, None, False, "No date of publication found.")
    candidates = _ordered_days(_without_false_offsets(candidates))
    chosen, reason = _by_day(candidates)
    url_day = _url_day(candidates)
    moment = _of_two_utc_times(_completed(chosen, candidates), candidates, url_day)
    moment = _on_url_day(moment, url_day, zone)
    return DateChoice(moment, chosen, _disagree(moment, candidates), reason)


def _disagree(moment: Moment, candidates: Sequence[DatedCandidate]) -> bool:
    """Say whether the best candidate of a trusted origin is more than a day off."""
    return any(
        abs((first.moment.on - moment.on).days) > 1
        for first in _firsts(candidates)
        if first.trust <= Trust.FEED or first.trust is Trust.URL
    )


def choose_modified(candidates: Sequence[DatedCandidate], published: Moment | None) -> DateChoice:
    """Return the last change among a page's candidates; never one before the publication."""
    candidates = sorted((c for c in candidates if c.is_modified), key=lambda c: c.trust)
    fit = [c for c in candidates if published is None or not _is_before(c.moment, published)]
    if not fit:
        return DateChoice(None, None, False, "No date of a later change found.")
    disagree = any(abs((c.moment.on - fit[0].moment.on).days) > 1 for c in fit)
    return DateChoice(fit[0].moment, fit[0], disagree, f"Most trusted origin: {fit[0].moment.origin}.")


def _is_before(moment: Moment, published: Moment) -> bool:
    if moment.at is not None and published.at is not None:
        return moment.at < published.at
    return moment.on < published.on


def needs_last_resort(candidates: Sequence[DatedCandidate]) -> bool:
    """Say whether htmldate is to be asked: nothing trusted was found, or the URL contradicts it."""
    candidates = [candidate for candidate in candidates if not candidate.is_modified]
    best = min(candidates, key=lambda candidate: candidate.trust, default=None)
    if best is None or best.trust >= Trust.JSON_LD_OTHER:
        return True
    url_day = _url_day(candidates)
    return url_day is not None and abs((best.moment.on - url_day).days) > 1


def _url_day(candidates: Sequence[DatedCandidate]) -> date | None:
    return next((candidate.moment.on for candidate in candidates if candidate.trust is Trust.URL), None)


def _usable(candidates: list[DatedCandidate]) -> list[DatedCandidate]:
    """Return the candidates by trust, without a 1 January that only htmldate names (a copyright year)."""
    days = {candidate.moment.on for candidate in candidates if candidate.trust is not Trust.HTMLDATE}
    return sorted(
        (
            candidate
            for candidate in candidates
            if candidate.trust is not Trust.HTMLDATE
            or (candidate.moment.on.month, candidate.moment.on.day) != (1, 1)
            or candidate.moment.on in days
        ),
        key=lambda candidate: candidate.trust,
    )


def _without_false_offsets(candidates: list[DatedCandidate]) -> list[DatedCandidate]:
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


def _ordered_days(candidates: list[DatedCandidate]) -> list[DatedCandidate]:
    """Return the candidates; digits that allow both orders take the order that another one confirms."""
    return [_reordered(candidate, candidates) for candidate in candidates]


def _reordered(candidate: DatedCandidate, candidates: Sequence[DatedCandidate]) -> DatedCandidate:
    if candidate.other is None:
        return candidate
    days = {other.moment.on for other in candidates if other is not candidate and other.other is None}
    if candidate.other.on in days and candidate.moment.on not in days:
        return replace(candidate, moment=candidate.other, other=candidate.moment)
    return candidate


def _by_day(candidates: Sequence[DatedCandidate]) -> tuple[DatedCandidate, str]:
    """Return the candidate whose day is believed, with the reason.

    The most trusted one, unless the URL and one more origin, or two more origins that readers see, agree
    on a day that is more than one off, and nothing supports the first.
    """
    best = candidates[0]
    firsts = [first for first in _firsts(candidates) if first is not best]
    if any(abs((first.moment.on - best.moment.on).days) <= 1 for first in firsts if first.trust <= Trust.URL):
        return best, f"Most trusted origin: {best.moment.origin}."
    for first in firsts:
        allies = [ally for ally in firsts if ally is not first and ally.moment.on == first.moment.on]
        if _outvote(first, allies):
            names = ", ".join(dict.fromkeys(ally.moment.origin for ally in (first, *allies)))
            return first, f"{names} agree against {best.moment.origin}."
    return best, f"Most trusted origin: {best.moment.origin}."


def _outvote(first: DatedCandidate, allies: Sequence[DatedCandidate]) -> bool:
    trusts = {first.trust, *(ally.trust for ally in allies)}
    if not allies or first.trust is Trust.URL:
        return False
    return Trust.URL in trusts or len({ally.moment.origin for ally in (first, *allies)} & _SEEN) > 1


def _firsts(candidates: Sequence[DatedCandidate]) -> list[DatedCandidate]:
    """Return the best candidate of each level of trust."""
    firsts: dict[Trust, DatedCandidate] = {}
    for candidate in candidates:
        firsts.setdefault(candidate.trust, candidate)
    return list(firsts.values())


def _completed(chosen: DatedCandidate, candidates: Sequence[DatedCandidate]) -> Moment:
    """Return the chosen day with time and zone of the most trusted candidate that agrees with it."""
    moment = chosen.moment
    others = [other for other in candidates if other is not chosen and other.trust < Trust.URL]
    if moment.local is None or moment.precision is Precision.DAY:
        timed = next(
            (o.moment for o in others if _has_clock(o.moment) and _is_same_day(moment, o.moment)), None
        )
        if timed is None:
            return replace(moment, at=None, local=None)
        moment = replace(timed, origin=moment.origin if timed.on == moment.on else timed.origin)
    printed = next(
        (o.moment.local for o in candidates if o.trust is Trust.VISIBLE_TEXT and o.moment.local), None
    )
    for other in others:
        if (better := _in_local_form(moment, other, printed)) is not None:
            return better
    return moment


def _has_clock(moment: Moment) -> bool:
    return moment.local is not None and moment.precision is Precision.MINUTE


def _of_two_utc_times(moment: Moment, candidates: Sequence[DatedCandidate], url_day: date | None) -> Moment:
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
        offset = _offset_between(local, at)
        if other.on != moment.on and local.date() == url_day and offset is not None and offset % 60 == 0:
            return replace(moment, at=at, on=url_day, local=local, utc_offset_minutes=offset)
    return moment


def _on_url_day(moment: Moment, url_day: date | None, zone: str | None) -> Moment:
    """Return a UTC time in the source's zone when its day there is the URL's day."""
    if moment.at is None or zone is None or moment.utc_offset_minutes != 0 or url_day in (None, moment.on):
        return moment
    local, offset = local_in(zone, moment.at)
    if local.date() != url_day:
        return moment
    return replace(moment, on=local.date(), local=local, utc_offset_minutes=offset)


def _is_same_day(moment: Moment, other: Moment) -> bool:
    """Say whether a day and a minute can be one: the same local day, or a neighbour of a UTC time."""
    gap = abs((moment.on - other.on).days)
    return gap == 0 or (gap == 1 and other.utc_offset_minutes == 0)


def _in_local_form(moment: Moment, candidates: DatedCandidate, printed: datetime | None) -> Moment | None:
    """Return the moment with zone or local clock of another candidate that means the same; else None.

    "16:58Z" beside "16:58+03:00" is a false Z if the page also prints 16:58 for its readers (`printed`,
    the clock near the headline); without that evidence the more trusted origin stands.
    """
    other = candidates.moment
    if moment.local is None or other.local is None or not _has_clock(other):
        return None
    is_sure = candidates.trust <= Trust.FEED
    if moment.at is None:
        return _with_zone_of(moment, other, is_sure=is_sure)
    if moment.utc_offset_minutes != 0 or not is_sure:
        return None
    if other.at is None:
        offset = _offset_between(other.local, moment.at) if other.local == printed else None
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
        offset = (
            _offset_between(moment.local, other.at) if is_sure and other.utc_offset_minutes == 0 else None
        )
        if offset is None:
            return None
        at = (moment.local - timedelta(minutes=offset)).replace(tzinfo=UTC)
    return replace(moment, at=at, utc_offset_minutes=offset, zone_from=other.zone_from)


def _same_clock(one: datetime, two: datetime) -> bool:
    return abs((one - two).total_seconds()) < 60


def _offset_between(local: datetime, at: datetime) -> int | None:
    """Return the offset in minutes between a local time and an instant; None when no zone has it."""
    shift = local.replace(second=0) - at.replace(second=0, tzinfo=None)  # readers see no seconds
    minutes = int(shift.total_seconds() // 60)
    if not -12 * 60 <= minutes <= 14 * 60 or minutes == 0:
        return None
    return minutes if minutes % 15 == 0 else None

"""Which of a page's dates is its publication: a pure rule over dated candidates.

After `signals` has collected what page, feed and URL say. The order of trust is that of `Trust`; the
measured precision of each signal is in docs/decisions/dates.md. The day comes from the most trusted
candidate, the time and the zone from the most trusted one whose day agrees. Typical errors (a false Z, a
copyright year, swapped day and month) are detected by comparing the candidates with each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.local_time import (
    has_clock,
    in_local_form,
    of_two_utc_times,
    on_url_day,
    without_false_offsets,
)
from warehouse.records.article import Moment, Precision

# Origins that readers of the site see, or that its feed carries: independent of a page's head.
_SEEN = frozenset({"visible_text", "time_element", "itemprop", "feed", "meta"})
_PRINTED = frozenset({Trust.TIME_NEAR, Trust.VISIBLE_TEXT})
_DRAFT_DAYS = 7
_SHOWN = _PRINTED | {Trust.VISIBLE_FAR, Trust.HTMLDATE}
# Origins whose bare 1 January is a copyright year, or a value that a system filled in.
_UNSURE = frozenset({Trust.META_WEAK, Trust.HTMLDATE})


@dataclass(frozen=True, slots=True)
class DateChoice:
    """The date that was chosen, and why."""

    moment: Moment | None
    chosen: DatedCandidate | None
    disagree: bool  # origins differ by more than a day
    reason: str  # one sentence


def choose_published(candidates: Sequence[DatedCandidate], *, zone: str | None = None) -> DateChoice:
    """Return the publication among a page's candidates, in any order; `zone` is the source's."""
    changes = [candidate for candidate in candidates if candidate.is_modified]
    candidates = _usable([candidate for candidate in candidates if not candidate.is_modified], changes)
    if not candidates:
        return _printed_change(changes)
    candidates = _without_printed_changes(_ordered_days(without_false_offsets(candidates)), changes)
    candidates = _without_drafts(candidates, changes)
    chosen, reason = _by_day(candidates)
    url_day = _url_day(candidates)
    moment = of_two_utc_times(_completed(chosen, candidates), candidates, url_day)
    moment = on_url_day(moment, url_day, zone)
    return DateChoice(moment, chosen, _disagree(moment, candidates), reason)


def _printed_change(changes: Sequence[DatedCandidate]) -> DateChoice:
    """Return the change that the page prints: the only date that its readers see."""
    shown = (change for change in changes if change.trust in _SHOWN)
    chosen = min(shown, key=lambda change: change.trust, default=None)
    if chosen is None:
        return DateChoice(None, None, False, "No date of publication found.")
    return DateChoice(chosen.moment, chosen, False, "The page prints the date of its last change only.")


def _without_printed_changes(
    candidates: list[DatedCandidate], changes: Sequence[DatedCandidate]
) -> list[DatedCandidate]:
    """Return the candidates without those of the minute that the page prints as that of a change.

    "12:44 PM UTC / Updated 1:00 PM UTC": metadata with 13:00Z as the publication hold the change. Only where
    the page prints an earlier instant as the publication.
    """
    first = min(_printed_minutes(candidates), default=None)
    changed = {minute for minute in _printed_minutes(changes) if first is not None and first < minute}
    return [candidate for candidate in candidates if _minute(candidate) not in changed]


def _without_drafts(
    candidates: list[DatedCandidate], changes: Sequence[DatedCandidate]
) -> list[DatedCandidate]:
    """Return the candidates without metadata of a few days before the only day that the page prints.

    Where that day is the one of the last change: the metadata have the day on which the text was begun.
    Months later, a printed day is that of a revision. The next day may be the same one in another zone.
    """
    days = {candidate.moment.on for candidate in candidates if candidate.trust in _PRINTED}
    if len(days) != 1 or not any(change.moment.on in days for change in changes):
        return candidates
    printed = days.pop()
    drafts = {
        candidate.moment.on
        for candidate in candidates
        if candidate.trust <= Trust.ITEMPROP and 2 <= (printed - candidate.moment.on).days <= _DRAFT_DAYS
    }
    drafts -= {candidate.moment.on for candidate in candidates if candidate.trust in (Trust.FEED, Trust.URL)}
    return [candidate for candidate in candidates if candidate.moment.on not in drafts]


def _printed_minutes(candidates: Sequence[DatedCandidate]) -> list[datetime]:
    minutes = (_minute(candidate) for candidate in candidates if candidate.trust in _PRINTED)
    return [minute for minute in minutes if minute is not None]


def _minute(candidate: DatedCandidate) -> datetime | None:
    return candidate.moment.at.replace(second=0) if candidate.moment.at is not None else None


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


def _usable(candidates: list[DatedCandidate], changes: Sequence[DatedCandidate]) -> list[DatedCandidate]:
    """Return the candidates by trust, without a 1 January that only an unsure origin names.

    Metadata hold it as a filler where the page prints a change only: "created 01/01/2004", "Updated 13 June
    2019".
    """
    days = {candidate.moment.on for candidate in candidates if candidate.trust not in _UNSURE}
    unsure = _UNSURE if any(change.trust in _SHOWN for change in changes) else {Trust.HTMLDATE}
    return sorted(
        (
            candidate
            for candidate in candidates
            if candidate.trust not in unsure
            or (candidate.moment.on.month, candidate.moment.on.day) != (1, 1)
            or candidate.moment.on in days
        ),
        key=lambda candidate: candidate.trust,
    )


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
    # Other nodes of the same JSON-LD repeat the article's: they come from the same plug-in.
    others = [first for first in firsts if first.trust is not Trust.JSON_LD_OTHER or best.trust > Trust.META]
    if any(abs((first.moment.on - best.moment.on).days) <= 1 for first in others if first.trust <= Trust.URL):
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
            (o.moment for o in others if has_clock(o.moment) and _is_same_day(moment, o.moment)), None
        )
        if timed is None:
            return replace(moment, at=None, local=None)
        moment = replace(timed, origin=moment.origin if timed.on == moment.on else timed.origin)
    printed = next((each.moment.local for each in candidates if _is_printed_clock(each)), None)
    # Behind the text, a printed date is weak, but where it shows the same clock its zone is this one's.
    others += [
        other for other in candidates if other.trust is Trust.VISIBLE_FAR and _is_same_clock(moment, other)
    ]
    for other in others:
        if (better := in_local_form(moment, other, printed)) is not None:
            return better
    return moment


def _is_same_clock(moment: Moment, candidate: DatedCandidate) -> bool:
    local = candidate.moment.local
    return local is not None and moment.local is not None and local == moment.local.replace(second=0)


def _is_same_day(moment: Moment, other: Moment) -> bool:
    """Say whether a day and a minute can be one: the same local day, or a neighbour of a UTC time."""
    gap = abs((moment.on - other.on).days)
    return gap == 0 or (gap == 1 and other.utc_offset_minutes == 0)


def _is_printed_clock(candidate: DatedCandidate) -> bool:
    """Say whether a candidate is a local time near the headline: printed, or an attribute without zone."""
    moment = candidate.moment
    if candidate.trust is Trust.TIME_NEAR:
        return moment.local is not None and moment.utc_offset_minutes is None
    return candidate.trust is Trust.VISIBLE_TEXT and moment.local is not None

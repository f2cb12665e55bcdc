"""Dates that another part of the page corrects: zone, order of day and month, time of rendering.

Part of `signals`, after all dates are collected.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import islice

from lxml.html import HtmlElement

from tasks.domain.dates.context import DateContext
from tasks.domain.pages.metadata import PageReading
from tasks.domain.publication.candidate import DatedCandidate, Trust

_SEEN = frozenset({Trust.TIME_NEAR, Trust.VISIBLE_TEXT, Trust.URL})
_JSON_LD = frozenset({Trust.JSON_LD_ARTICLE, Trust.JSON_LD_OTHER})
_RENDERED = timedelta(minutes=2)  # between the making of a page and its fetch
_MONTH_OF_PATH = re.compile(r"/(?P<year>(?:19|20)\d\d)/(?P<month>0[1-9]|1[0-2])/")
_MAX_TIMES = 200


def correct_dates(
    found: Sequence[DatedCandidate], page: PageReading, context: DateContext
) -> list[DatedCandidate]:
    """Return the candidates in the same order, each corrected where the page itself says how."""
    addresses = (page.url, page.metas.first("og:image")) if _is_order_open(context) else ()
    months = {month for address in addresses if (month := _month_of(address))}
    seen = {dated.moment.on for dated in found if dated.trust in _SEEN and not dated.is_modified}
    return [
        _in_month(_in_zone_of_page(_of_rendering(dated, found, context), seen, page.root), months)
        for dated in found
    ]


def _of_rendering(
    dated: DatedCandidate, found: Sequence[DatedCandidate], context: DateContext
) -> DatedCandidate:
    """Return a JSON-LD date as a change where it is the time of the fetch and readers see an earlier day.

    Templates write the current time into both `datePublished` and `dateModified`. Where any other place has
    that day, the article is as new as that.
    """
    at = dated.moment.at
    if at is None or dated.trust is not Trust.JSON_LD_ARTICLE or not context.is_fetch_time:
        return dated
    if abs(context.now - at) > _RENDERED:
        return dated
    others = [other for other in found if other.trust not in _JSON_LD and not other.is_modified]
    ages = [(dated.moment.on - other.moment.on).days for other in others]
    is_earlier = any(age > 1 and other.trust in _SEEN for age, other in zip(ages, others, strict=True))
    return replace(dated, is_modified=True) if is_earlier and min(ages) > 0 else dated


def _in_zone_of_page(dated: DatedCandidate, seen: set[date], root: HtmlElement) -> DatedCandidate:
    """Return an instant in UTC in the zone of the page's other times where its day there is the one shown.

    Comments carry the site's offset where the article's metadata are in UTC.
    """
    moment = dated.moment
    if moment.at is None or moment.utc_offset_minutes != 0 or not seen or moment.on in seen:
        return dated
    offset = _nearest_offset(root, moment.at)
    if offset is None:
        return dated
    local = moment.at.replace(tzinfo=None) + offset
    if local.date() not in seen:
        return dated
    minutes = int(offset.total_seconds() // 60)
    return replace(dated, moment=replace(moment, on=local.date(), local=local, utc_offset_minutes=minutes))


def _nearest_offset(root: HtmlElement, at: datetime) -> timedelta | None:
    """Return the offset of the page's time that is nearest to an instant; None when none has one."""
    times: list[tuple[timedelta, timedelta]] = []
    for element in islice(root.iter("time"), _MAX_TIMES):
        try:
            time = datetime.fromisoformat(element.get("datetime") or "")
        except ValueError:
            continue
        if offset := time.utcoffset():
            times.append((abs(time - at), offset))
    return min(times)[1] if times else None


def _is_order_open(context: DateContext) -> bool:
    """Say whether the language does not tell the order of day and month: English of no country."""
    return context.date_order is None and (context.language or "").lower() == "en"


def _in_month(dated: DatedCandidate, months: set[tuple[int, int]]) -> DatedCandidate:
    """Return digits that allow both orders in the one whose month the page's or its picture's address has."""
    if dated.other is None or (dated.moment.on.year, dated.moment.on.month) in months:
        return dated
    if (dated.other.on.year, dated.other.on.month) not in months:
        return dated
    return replace(dated, moment=dated.other, other=dated.moment)


def _month_of(address: str | None) -> tuple[int, int] | None:
    match = _MONTH_OF_PATH.search(address or "")
    return (int(match["year"]), int(match["month"])) if match else None

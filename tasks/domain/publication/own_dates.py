"""Printed dates that are not this article's: of lists, of other articles, of the masthead.

Part of `visible`: such dates are left out or lose score.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise

from lxml.html import HtmlElement

from tasks.domain.dates.interpret import Frame
from tasks.domain.dates.vocabulary import plain_word, weekdays
from tasks.domain.publication.clocks import names_time
from tasks.domain.publication.elsewhere import (
    HEADINGS,
    is_in_list,
    is_of_another,
    is_outside_article,
    is_prose,
)
from tasks.domain.publication.labels import WORD, strange_words
from tasks.domain.publication.lines import MAX_LINES_AFTER, Line
from tasks.domain.publication.scores import HEADLINE_LINK, SURE, PrintedDate, holds_headline_link
from warehouse.records.article import Moment

_WEEKDAYS = weekdays()
_BEHIND_LOSS = 2.5  # behind the text stand the dates of other articles, and of readers
_MASTHEAD_LOSS = 6.0
_LIST_LOSS = 4.0
_ENTRY_LETTERS = 10
_CLOCK_MINUTES = 3  # between a clock that runs and the fetch


def of_this_article(
    dates: list[PrintedDate], lines: Sequence[Line], frame: Frame, headline: HtmlElement | None
) -> Iterator[PrintedDate]:
    """Yield the dates; those of other articles are left out, those of lists and the masthead lose score."""
    before = [date for date in dates if date.line.place < 0 and not date.is_labelled]
    places = [line.place for line in lines if line.place > 0 and is_prose(line.text)]
    text, end = places[0] if places else 0, places[1] if len(places) > 1 else MAX_LINES_AFTER
    above = [date for date in dates if 0 < date.line.place < text and not date.is_modified]
    has_timed_rival = any(names_time(date.reading) for date in above)
    following = {line.place: after for line, after in pairwise(lines)}
    preceding = {line.place: before for before, line in pairwise(lines)}
    listed = _places_of_list(before, preceding, following)
    new_part = _start_of_next_part(lines)
    for date in dates:
        element = date.line.element_at(0)
        is_behind = date.line.place > end and not date.is_labelled
        beside = (preceding.get(date.line.place), following.get(date.line.place))
        if is_behind and (
            date.line.place > new_part
            or is_in_list(element)
            or _is_event(date)
            or any(map(_is_headline_of_another, beside))
        ):
            continue
        loss = _BEHIND_LOSS if is_behind else 0.0
        if date in before:
            heads = following.get(date.line.place)
            heads_link = heads is not None and is_of_another(heads.element_at(0), is_bare=False)
            loss += 2.0 if heads_link or len(before) > 2 else 0.0
            loss += _LIST_LOSS if date.line.place in listed else 0.0
            has_rival = has_timed_rival or (bool(above) and not names_time(date.reading))
            loss += _masthead_loss(date, frame, headline, has_rival=has_rival)
        yield replace(date, score=date.score - loss, is_behind=is_behind)


def _places_of_list(
    before: Sequence[PrintedDate], preceding: Mapping[int, Line], following: Mapping[int, Line]
) -> frozenset[int]:
    """Return the places of two or more dates above the headline that stand in or beside links to others."""
    places = {date.line.place for date in before}
    listed = frozenset(
        date.line.place
        for date in before
        if holds_headline_link(date.line)
        or any(
            line is not None and line.place not in places and holds_headline_link(line)
            for line in (preceding.get(date.line.place), following.get(date.line.place))
        )
    )
    return listed if len(listed) > 1 else frozenset()


def _start_of_next_part(lines: Sequence[Line]) -> int:
    """Return the place of the first heading behind the last sentence: "Events", "Latest news"."""
    last = max((line.place for line in lines if is_prose(line.text)), default=MAX_LINES_AFTER)
    headings = (line.place for line in lines if line.place > max(last, 0) and _is_heading(line))
    return min(headings, default=MAX_LINES_AFTER)


def _is_heading(line: Line) -> bool:
    return any(e.tag in HEADINGS for e in (line.longest, *islice(line.longest.iterancestors(), 2)))


def _is_headline_of_another(line: Line | None) -> bool:
    """Say whether a line is a heading that links to another article."""
    if line is None or len(line.text) < HEADLINE_LINK:
        return False
    around = list(islice(line.longest.iterancestors(), 3))
    return any(e.tag in HEADINGS for e in (line.longest, *around)) and any(
        e.tag == "a" for e in (line.longest, *around)
    )


def _is_event(date: PrintedDate) -> bool:
    """Say whether a date begins an entry of a list: "16.03. Concert in the hall"."""
    parents = islice(date.line.element_at(0).iterancestors(), 3)
    in_entry = date.line.element_at(0).tag == "li" or any(parent.tag == "li" for parent in parents)
    text = date.line.text.replace(date.reading.moment.raw if date.reading.moment else "", "")
    return in_entry and len("".join(strange_words(text, []))) > _ENTRY_LETTERS


def _masthead_loss(
    date: PrintedDate, frame: Frame, headline: HtmlElement | None, *, has_rival: bool
) -> float:
    """Return what a date above the headline loses when it is today's, which a masthead shows.

    Near the headline too, where another date and time stands between headline and text (`has_rival`). One
    without a clock outside of the article's own element is the masthead's beyond doubt.
    """
    moment = date.reading.moment
    assert moment is not None
    is_today = abs((moment.on - frame.context.now.date()).days) <= 1
    if not frame.context.is_fetch_time or not is_today:
        return 0.0
    has_clock = names_time(date.reading)
    is_of_page = not has_clock or _is_running_clock(moment, frame)
    if is_of_page and headline is not None and is_outside_article(date.line.element_at(0), headline):
        return _MASTHEAD_LOSS
    has_weekday = any(word in _WEEKDAYS for word in map(plain_word, WORD.findall(date.line.text)))
    is_near = date.line.place >= (-1 if has_weekday and not has_clock else -2)
    return 2.5 if has_rival or not is_near else 0.0


def _is_running_clock(moment: Moment, frame: Frame) -> bool:
    """Say whether a clock shows the minute of the fetch, in any zone of whole hours."""
    if moment.local is None:
        return False
    minutes = (frame.context.now.minute - moment.local.minute) % 60
    return min(minutes, 60 - minutes) <= _CLOCK_MINUTES


def believed(dates: list[PrintedDate]) -> list[PrintedDate]:
    """Return the dates; a class "updated" counts only beside a publication: WordPress puts it on both."""
    if any(not date.is_modified and date.score >= SURE for date in dates):
        return dates
    return [
        date if date.is_labelled else replace(date, is_modified=False, score=date.score - 1.0)
        for date in dates
    ]

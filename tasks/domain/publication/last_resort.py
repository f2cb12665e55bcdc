"""The date that htmldate finds, where neither page nor feed nor URL names one; kept only with evidence.

Part of `signals`. htmldate reads any digits of a page as a date: addresses of links and pictures, "03/2023",
the footer's "page built on", events to come, reviews due. Its day counts only where the page writes that
full day in a place that can be a publication: a line of its own, an attribute made for dates, a script.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice

from lxml.etree import strip_attributes, strip_elements
from lxml.html import HtmlElement

from tasks.domain.dates.interpret import Frame, find, read
from tasks.domain.dates.vocabulary import read_data
from tasks.domain.pages.metadata import PageReading
from tasks.domain.publication.candidate import DatedCandidate, Trust
from tasks.domain.publication.elsewhere import is_in_list, is_in_teaser
from tasks.domain.publication.labels import label_of
from tasks.domain.publication.lines import dated_attribute
from warehouse.records import Moment

_ADDRESSES = ("href", "src", "srcset", "data-src", "data-srcset", "action", "poster")
_NO_LINES = frozenset({"script", "style", "title", "li", "option", "figcaption", "cite", "blockquote"})
_YEAR = re.compile(r"\d{4}|年")
_OTHER_PARTS = ("footer", "nav", "form", "iframe", "svg")
_MAX_LINE_CHARS = 200
_MAX_WORDS_BESIDE = 60  # letters
_MAX_TEXTS = 4000
_MAX_TITLES = 20  # htmldate's search for them takes time that grows with their square
_MODIFIED_METAS = frozenset(read_data("metas", package="tasks.domain.publication")["modified"].split())
_LETTERS = re.compile(r"[^\W\d_]+")
_COPYRIGHT = re.compile(r"(?i)\bcopyright\b|©")


def find_last_resort(page: PageReading, frame: Frame, own_titles: str = "") -> Iterator[DatedCandidate]:
    """Yield the day that htmldate finds and the page bears out, else the first date line of the page.

    `own_titles` are the comparison keys of the page's titles: a linked heading without one of them is that of
    another article. The page's tree is not changed. htmldate's extensive search is left out: it loads
    dateparser and takes 0.5 s a page; the date lines find as many days (docs/decisions/dates.md).
    """
    from htmldate import find_date  # imported late: most pages do not need it

    root = _without_addresses(page.root)
    latest = frame.context.now.date().isoformat()
    try:
        day = find_date(root, url=page.url, original_date=True, max_date=latest, extensive_search=False)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        day = None  # raised on odd pages
    moment = read(day, frame).moment if day else None
    if moment is not None and _is_borne_out(root, moment.on, frame, own_titles):
        yield DatedCandidate(moment, Trust.HTMLDATE, f"htmldate: {day}")
    else:
        dates = _date_lines(root, replace(frame, origin="visible_text"), own_titles)
        yield from _first_of_each_kind(dates)


def _first_of_each_kind(candidates: Iterator[DatedCandidate]) -> Iterator[DatedCandidate]:
    """Yield the first publication, and the first change if one stands before it."""
    has_change = False
    for candidate in candidates:
        if not candidate.is_modified:
            yield candidate
            return
        if not has_change:
            yield candidate
        has_change = True


def _date_lines(root: HtmlElement, frame: Frame, own_titles: str) -> Iterator[DatedCandidate]:
    """Yield the days of the page's date lines, wherever they stand, in page order."""
    for element in islice(root.iter(), _MAX_TEXTS):
        if not isinstance(element.tag, str) or element.tag in _NO_LINES:
            continue
        for text in (element.text, *(child.tail for child in element)):
            if not text or not _YEAR.search(text) or is_in_list(element):
                continue
            if is_in_teaser(element, own_titles):
                continue
            for moment, other, is_modified in _moments_of_line(text, frame):
                if not _is_of_today(moment.on, frame):
                    evidence = " ".join(text.split())[:_MAX_LINE_CHARS]
                    yield DatedCandidate(moment, Trust.HTMLDATE, evidence, is_modified, other)


def _is_of_today(day: date, frame: Frame) -> bool:
    """Say whether a day is the masthead's or that of the page's making: the day of the fetch."""
    return frame.context.is_fetch_time and day >= frame.context.now.date() - timedelta(days=1)


def _without_addresses(root: HtmlElement) -> HtmlElement:
    """Return a copy without addresses of links and files, footers, navigation and surplus titles."""
    root = deepcopy(root)
    for title in list(islice(root.iter("title"), _MAX_TITLES, None)):
        title.drop_tree()
    strip_elements(root, *_OTHER_PARTS, with_tail=False)
    strip_attributes(root, *_ADDRESSES)
    return root


def _is_borne_out(root: HtmlElement, day: date, frame: Frame, own_titles: str) -> bool:
    """Say whether the page writes the full day in a place that can be its publication."""
    if _is_of_today(day, frame):
        return False
    # Digits without marks between them are also names of files and versions.
    written = re.compile(rf"{day.year}(?P<mark>[-/.])0?{day.month}(?P=mark)0?{day.day}(?!\d)")
    for number, element in enumerate(root.iter()):
        if number > _MAX_TEXTS:
            return False
        if element.tag == "script":
            if element.text and written.search(element.text):
                return True
        elif _shows(element, day, frame, written) and not is_in_teaser(element, own_titles):
            return True
    return False


def _shows(element: HtmlElement, day: date, frame: Frame, written: re.Pattern[str]) -> bool:
    if not isinstance(element.tag, str):
        return False
    value = dated_attribute(element) or _content(element)
    texts = (element.text, *(child.tail for child in element))
    dated = [text for text in texts if text and str(day.year) in text]
    if (not value and not dated) or element.tag in ("li", "title") or is_in_list(element):
        return False
    if value and written.search(value):
        return True
    return any(_is_date_line(text, day, frame) for text in dated)


def _content(element: HtmlElement) -> str | None:
    """Return the content of a meta element that does not say when the page was changed."""
    names = {
        (element.get(name) or "").strip().lower() for name in ("property", "name", "itemprop", "http-equiv")
    }
    return element.get("content") if element.tag == "meta" and not names & _MODIFIED_METAS else None


def _is_date_line(text: str, day: date, frame: Frame) -> bool:
    moments = _moments_of_line(text, frame)
    return any(moment.on == day and not is_modified for moment, _, is_modified in moments)


def _moments_of_line(text: str, frame: Frame) -> Iterator[tuple[Moment, Moment | None, bool]]:
    """Yield the dates at the start of a text or with few words beside them.

    Each with its other order, and whether it is labelled as a change. None from a text that labels another
    day ("Next review due").
    """
    text = " ".join(text.split())[:_MAX_LINE_CHARS]
    if _COPYRIGHT.search(text):
        return
    for reading, start, end in find(text, frame):
        n_letters = len("".join(_LETTERS.findall(text[:start] + text[end:])))
        if reading.moment is not None and (start < 3 or n_letters <= _MAX_WORDS_BESIDE):
            label = label_of(text[:start], text[end:])
            if label != "other":
                yield reading.moment, reading.other, label == "modified"

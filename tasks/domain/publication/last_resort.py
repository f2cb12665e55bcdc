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
from tasks.domain.publication.elsewhere import (
    HEADINGS,
    is_in_list,
    is_in_own_entry,
    is_in_teaser,
    is_prose,
)
from tasks.domain.publication.labels import label_of, strange_words
from tasks.domain.publication.lines import dated_attribute
from tasks.domain.publication.scores import letters_beside
from warehouse.records.article import Moment

_ADDRESSES = ("href", "src", "srcset", "data-src", "data-srcset", "action", "poster")
_NO_LINES = frozenset({"script", "style", "title", "option", "figcaption", "cite", "blockquote"})
_YEAR = re.compile(r"\d{4}|年")
_OTHER_PARTS = ("footer", "nav", "form", "iframe", "svg")
_MAX_LINE_CHARS = 200
_MAX_LETTERS_BESIDE = 60  # of a date with a label
_AT_START = 3  # characters: an agency's dateline, a date before its text
_MAX_TEXTS = 4000
_MAX_TITLES = 20  # htmldate's search for them takes time that grows with their square
_MODIFIED_METAS = frozenset(read_data("metas", package="tasks.domain.publication")["modified"].split())
_KEY_CHARS = 30
_CHANGE_KEY = re.compile(r"(?i)(?:modif|updat)\w*\W{0,5}$")
_COMMENTS_NAME = re.compile(r"(?<![\w-])(?:comments?|comment-?list|disqus)(?![\w-])", re.IGNORECASE)
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
    elements = [element for element in islice(root.iter(), _MAX_TEXTS) if isinstance(element.tag, str)]
    end = next((place for place in reversed(range(len(elements))) if _holds_prose(elements[place])), None)
    is_of_next = False  # behind a heading below the text: events, other articles, readers' comments
    for place, element in enumerate(elements):
        if element.tag in _NO_LINES:
            continue
        is_of_next |= element.tag in HEADINGS and end is not None and place > end
        for text in _texts(element):
            if not text or not _YEAR.search(text):
                continue
            if (is_of_next or is_in_list(element)) and not is_in_own_entry(element, own_titles):
                continue
            if is_in_teaser(element, own_titles):
                continue
            for moment, other, label in _moments_of_line(text, frame):
                # An entry of a list is an event or another article, unless a label says what it is.
                if _is_of_today(moment.on, frame) or (element.tag == "li" and label is None):
                    continue
                evidence = " ".join(text.split())[:_MAX_LINE_CHARS]
                yield DatedCandidate(moment, Trust.HTMLDATE, evidence, label == "modified", other)


def _holds_prose(element: HtmlElement) -> bool:
    text = element.text
    return bool(text) and element.tag not in _NO_LINES and is_prose(" ".join(text.split()))


def _is_of_today(day: date, frame: Frame) -> bool:
    """Say whether a day is the masthead's or that of the page's making: the day of the fetch."""
    return frame.context.is_fetch_time and day >= frame.context.now.date() - timedelta(days=1)


def _without_addresses(root: HtmlElement) -> HtmlElement:
    """Return a copy without addresses of links and files, footers, navigation and surplus titles."""
    root = deepcopy(root)
    for title in list(islice(root.iter("title"), _MAX_TITLES, None)):
        title.drop_tree()
    strip_elements(root, *_OTHER_PARTS, with_tail=False)
    for part in list(root.iter("div", "section", "ul", "ol")):
        names = f"{part.get('class') or ''} {part.get('id') or ''}"
        is_of_readers = len(names) > 1 and _COMMENTS_NAME.search(names) is not None
        if is_of_readers and part.getparent() is not None and next(part.iter("h1"), None) is None:
            part.drop_tree()
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
            if element.text and _is_named_in_script(element.text, written):
                return True
        elif _shows(element, day, frame, written) and not is_in_teaser(element, own_titles):
            return True
    return False


def _is_named_in_script(text: str, written: re.Pattern[str]) -> bool:
    """Say whether a script holds the day, other than as that of a change or of the page's making."""
    befores = (text[max(0, match.start() - _KEY_CHARS) : match.start()] for match in written.finditer(text))
    return any(
        label_of(before, "") in (None, "published") and not _CHANGE_KEY.search(before) for before in befores
    )


def _shows(element: HtmlElement, day: date, frame: Frame, written: re.Pattern[str]) -> bool:
    if not isinstance(element.tag, str):
        return False
    value = dated_attribute(element) or _content(element)
    year = str(day.year)
    dated = [text for text in _texts(element) if text and year in text]
    if (not value and not dated) or element.tag in ("li", "title") or is_in_list(element):
        return False
    if value and written.search(value):
        return True
    return any(_is_date_line(text, day, frame) for text in dated)


def _texts(element: HtmlElement) -> Iterator[str | None]:
    """Yield the texts of an element itself; a paragraph without line breaks is one text, links included."""
    if element.tag == "p" and next(element.iter("br"), None) is None:
        yield element.text_content()
        return
    yield element.text
    yield from (child.tail for child in element)


def _content(element: HtmlElement) -> str | None:
    """Return the content of a meta element that does not say when the page was changed."""
    if element.tag != "meta":
        return None
    names = [element.get(name) or "" for name in ("property", "name", "itemprop", "http-equiv")]
    is_of_change = not _MODIFIED_METAS.isdisjoint([name.strip().lower() for name in names])
    return None if is_of_change else element.get("content")


def _is_date_line(text: str, day: date, frame: Frame) -> bool:
    moments = _moments_of_line(text, frame)
    return any(moment.on == day and label != "modified" for moment, _, label in moments)


def _moments_of_line(text: str, frame: Frame) -> Iterator[tuple[Moment, Moment | None, str | None]]:
    """Yield the dates at the start of a text or with few words beside them.

    Each with its other order and its label, "published" or "modified". None from a text that labels another
    day ("Next review due").
    """
    text = " ".join(text.split())[:_MAX_LINE_CHARS]
    if _COPYRIGHT.search(text):
        return
    for reading, start, end in find(text, frame):
        label = label_of(text[:start], text[end:])
        if reading.moment is None or label == "other":
            continue
        n_letters = len("".join(strange_words(text[:start] + " " + text[end:], [])))
        most = _MAX_LETTERS_BESIDE if label else letters_beside(text, start, end)
        if start < _AT_START or n_letters <= most:
            yield reading.moment, reading.other, label

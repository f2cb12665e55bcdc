"""The date that htmldate finds, where neither page nor feed nor URL names one; kept only with evidence.

Part of `signals`. htmldate reads any digits of a page as a date: addresses of links and pictures, "03/2023",
the footer's "page built on", events to come, reviews due. Its day counts only where the page writes that
full day in a place that can be a publication: a line of its own, an attribute made for dates, a script.
"""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta

from lxml.html import HtmlElement

from tasks.domain.dates.interpret import Frame, find, read
from tasks.domain.dates.vocabulary import read_data
from tasks.domain.pages.metadata import PageReading
from tasks.domain.publication.choice import DatedCandidate, Trust
from tasks.domain.publication.elsewhere import is_in_list
from tasks.domain.publication.lines import dated_attribute

_ADDRESSES = ("href", "src", "srcset", "data-src", "data-srcset", "action", "poster")
_OTHER_PARTS = ("footer", "nav", "form", "iframe", "svg")
_MAX_LINE_CHARS = 200
_MAX_WORDS_BESIDE = 60  # letters
_MAX_TEXTS = 4000
_MODIFIED_METAS = frozenset(read_data("metas", package="tasks.domain.publication")["modified"].split())
_LETTERS = re.compile(r"[^\W\d_]+")
# Labels of days that are not a publication's.
_OTHER_DAY = re.compile(r"(?i)\b(?:due|expires?|valid|until|abgerufen|accessed|retrieved|built|generated)\b")


def find_last_resort(page: PageReading, frame: Frame) -> Iterator[DatedCandidate]:
    """Yield htmldate's date of publication if the page bears it out; the page's tree is not changed."""
    from htmldate import (
        find_date,  # imported late: it loads dateparser's tables, which most pages do not need
    )

    root = _without_addresses(page.root)
    latest = frame.context.now.date().isoformat()
    try:
        day = find_date(root, url=page.url, original_date=True, max_date=latest)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        return  # raised on odd pages; the page then has no date
    moment = read(day, frame).moment if day else None
    if moment is None or not _is_borne_out(root, moment.on, frame):
        return
    yield DatedCandidate(moment, Trust.HTMLDATE, f"htmldate: {day}")


def _without_addresses(root: HtmlElement) -> HtmlElement:
    """Return a copy without addresses of links and files, footers and navigation."""
    root = deepcopy(root)
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        if element.tag in _OTHER_PARTS and element.getparent() is not None:
            element.drop_tree()
            continue
        for name in _ADDRESSES:
            element.attrib.pop(name, None)
    return root


def _is_borne_out(root: HtmlElement, day: date, frame: Frame) -> bool:
    """Say whether the page writes the full day in a place that can be its publication."""
    is_fetch_time = frame.context.is_fetch_time
    if is_fetch_time and day >= frame.context.now.date() - timedelta(days=1):
        return False  # the masthead's day, or that of the page's making
    written = re.compile(rf"{day.year}[-/.]?0?{day.month}[-/.]?0?{day.day}(?!\d)")
    for number, element in enumerate(root.iter()):
        if number > _MAX_TEXTS:
            return False
        if element.tag == "script":
            if element.text and written.search(element.text):
                return True
        elif isinstance(element.tag, str) and _shows(element, day, frame, written):
            return True
    return False


def _shows(element: HtmlElement, day: date, frame: Frame, written: re.Pattern[str]) -> bool:
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
    text = " ".join(text.split())[:_MAX_LINE_CHARS]
    if _OTHER_DAY.search(text):
        return False
    return any(
        reading.moment is not None
        and reading.moment.on == day
        and (start < 3 or len("".join(_LETTERS.findall(text[:start] + text[end:]))) <= _MAX_WORDS_BESIDE)
        for reading, start, end in find(text, frame)
    )

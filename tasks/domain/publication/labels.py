"""What the words and class names beside a date say: a publication, a change, or something else.

Part of `visible`, which scores by it.
"""

import re
from collections.abc import Iterator, Sequence

from lxml.html import HtmlElement

from tasks.domain.dates.interpret import DateReading, Frame, find
from tasks.domain.dates.tokens import MARKS
from tasks.domain.dates.vocabulary import (
    as_of_labels,
    connectors,
    date_nouns,
    modified_labels,
    other_labels,
    plain_word,
    published_labels,
    until_words,
    weekdays,
)
from warehouse.records.article import Moment

_MAX_LINE_CHARS = 200
_LABEL_CHARS = 60  # before a date
_WORDS_BEHIND = 3  # a label behind its date has no more: "(updated)", "Originally published"
WORD = re.compile(rf"[^\W\d_](?:[^\W\d_]|[{MARKS}])*")
_DIGIT = re.compile(r"\d")
_PUBLISHED_CLASS = re.compile(r"publish(?!er)|publi[ck]|pubdate|created|posted", re.IGNORECASE)
_MODIFIED_CLASS = re.compile(r"modif|updat(?!ing)|aktualis|changed|last-?edit", re.IGNORECASE)
_MODIFIED = modified_labels()
_PUBLISHED = published_labels()
_AS_OF = as_of_labels()
_OTHER = other_labels()
_UNTIL = until_words()
_NOUNS = date_nouns()
_SMALL = connectors() | weekdays()
# Behind its date, unless a further date follows: in Korean the label stands before its date.
_CJK_AFTER = re.compile(r"\s*[)）]?\s*(?:更新|修正|改稿|최종수정|수정)(?!일?\s*[:：]?\s*\d)")


def strange_words(text: str, found: list[tuple[DateReading, int, int]]) -> Iterator[str]:
    """Yield the words of a line that have nothing to do with its dates."""
    position = 0
    for _, start, end in [*found, (None, len(text), len(text))]:
        for word in WORD.findall(text[position:start]):
            plain = plain_word(word)
            if plain not in _MODIFIED and plain not in _PUBLISHED and plain not in _SMALL:
                yield word
        position = end


def label_of(before: str, after: str) -> str | None:
    """Return what the nearest label says: "published", "as of" (a state), "modified", "other" or nothing.

    It stands before its date, else alone behind it: "3 Sept 2024 | Originally published".
    """
    if _CJK_AFTER.match(after):
        return "modified"
    words = WORD.findall(before)
    if _ends_in_until(words):
        return "other"
    kinds = (_kind_of(plain_word(word)) for word in (*reversed(words), *_words_behind(after)))
    is_noun = False
    for kind in kinds:
        if is_noun:  # "Date: ", but "Güncellenme tarihi: "
            return kind if kind in ("modified", "other") else "published"
        is_noun = kind == "date"
        if kind and not is_noun:
            return kind
    return "published" if is_noun else None


def _kind_of(word: str) -> str | None:
    if word in _MODIFIED:
        return "modified"
    if word in _NOUNS:
        return "date"
    if word in _AS_OF:
        return "as of"
    if word in _PUBLISHED:
        return "published"
    return "other" if word in _OTHER else None


def _ends_in_until(words: Sequence[str]) -> bool:
    """Say whether "until" is the last word, weekdays and connectors not counted: "until Friday, the "."""
    for word in reversed(words):
        plain = plain_word(word)
        if plain in _UNTIL:
            return True
        if plain not in _SMALL:
            return False
    return False


def _words_behind(text: str) -> list[str]:
    """Return the words behind a date where they may be its label; none where more follows, or a number."""
    words = WORD.findall(text)
    return words if len(words) <= _WORDS_BEHIND and not _DIGIT.search(text) else []


def names_change(text: str, following: list[tuple[DateReading, int, int]]) -> bool:
    """Say whether a following date is labelled as a change: "10.01. 16:58 | Updated 10.01. 19:20"."""
    return any(
        label_of(text[max(0, start - _LABEL_CHARS) : start], "") == "modified" for _, start, _ in following
    )


def has_modified_class(element: HtmlElement) -> bool:
    """Say whether an element's names speak of a change and not of a publication."""
    return has_class(element, _MODIFIED_CLASS) and not has_class(element, _PUBLISHED_CLASS)


def has_class(element: HtmlElement, pattern: re.Pattern[str]) -> bool:
    """Say whether class, id or itemprop of an element or its parent match."""
    for _ in range(2):
        names = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('itemprop') or ''}"
        if pattern.search(names):
            return True
        parent = element.getparent()
        if parent is None:
            return False
        element = parent
    return False


def shows_change(text: str, moment: Moment, frame: Frame) -> bool:
    """Say whether a text prints a moment behind a label of change."""
    if len(text) > _MAX_LINE_CHARS or not _DIGIT.search(text):
        return False
    return any(
        reading.moment is not None
        and _is_same_minute(reading.moment, moment)
        and label_of(text[max(0, start - _LABEL_CHARS) : start], "") == "modified"
        for reading, start, _ in find(text, frame)
    )


def _is_same_minute(one: Moment, two: Moment) -> bool:
    if one.local is None or two.local is None:
        return one.on == two.on
    return abs((one.local - two.local).total_seconds()) < 60

"""Bylines among the lines around a headline: behind a label, beside a reporter's title, beside the date.

Part of `printed`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from tasks.domain.credits.author import is_date_word, is_full_name, is_small_letter, without_dates
from tasks.domain.dates.tokens import MARKS
from tasks.domain.pages.near_headline import NearLines
from tasks.domain.text.vocabulary import alternatives

_PACKAGE = "tasks.domain.credits"
_NAME = rf"[^\W\d_a-zà-öø-ÿ][\w{MARKS}.'’-]*"
_AND = "and|und|et|e|y|i|a|og|och|ja|en|ve|və|és|și|ir|un|и|і|й|та|και|dan|và|eta|dhe"
# Matched against lower case: only then can the engine skip an alternative by its first letter.
_BY = re.compile(
    rf"(?:^|[\s|,–-])(?:(?:{alternatives(_PACKAGE, 'byline_alone')})(?:\s*[:：՝])?|"
    rf"(?:{alternatives(_PACKAGE, 'byline_line')})\s*[:：՝])\s+(?=\w)"
)
_NAMES = re.compile(rf"{_NAME}\s*(?:(?:{_NAME}|(?:de|da|van|von|der|den|del|la|le|{_AND})\b|&|,)\s*){{0,9}}")
# A name of two to four characters, apart from the words around it: `记者从会上获悉` is a sentence.
_REPORTER = re.compile(
    r"(?:^|[\s|丨｜])(?:本报记者|记者|記者|作者|撰文|撰稿|文|執筆|筆者|著者|取材・文)(?:\s*[:：/／・＝=｜]\s*|\s)"
    r"([\u3040-\u30ff\u4e00-\u9fff々·]{2,4})(?=$|[\s|丨｜/])"
    r"|(?:^|[\s|丨｜])記者([\u4e00-\u9fff]{2,4})(?=[／/])"
    r"|^([\u4e00-\u9fff々]{3,5})記者(?=$|[\s|])"
    r"|(?:^|[\s|=])([가-힣]{2,4})\s?(?:선임|수석)?(?:기자|특파원)(?![가-힣])"
    r"|(?:^|[\s|])(?:글|기자)\s?[=:]?\s?([가-힣]{2,4})(?=$|[\s|])"
)
_BARS = ("|", "·", "•")
_BEFORE_BY = re.compile(r"\d|(?i:posted|written|published|veröffentlicht|geschrieben|publi)")
_LONGEST_LINE = 120
_LINES_BEFORE, _LINES_AFTER = 4, 10
_CASELESS_WORDS = 4


@dataclass(frozen=True, slots=True)
class PrintedPlace:
    """A place of the page that prints authors: its texts, one an author or more."""

    texts: tuple[str, ...]
    origin: str
    evidence: str


def names_near(near: NearLines) -> Iterator[PrintedPlace]:
    """Yield the lines around the headline that name an author: behind a label, then beside the date."""
    for line in near.nearest(_LINES_BEFORE, _LINES_AFTER):
        if len(line) < _LONGEST_LINE and (names := _names_behind_by(line) or _name_of_reporter(line)):
            yield PrintedPlace((names,), "visible_text", line)
    above_text = takewhile(lambda line: len(line) < _LONGEST_LINE, near.after[:_LINES_AFTER])
    for line in (*above_text, *near.before[:_LINES_BEFORE]):
        if len(line) < _LONGEST_LINE and (name := _name_beside_date(line)):
            yield PrintedPlace((name,), "visible_text", line)


def _names_behind_by(line: str) -> str | None:
    """Return what a line names behind a label: `By Ann Lee`, `12.3.2020, von Ann Lee`."""
    lower = line.lower()
    for by in _BY.finditer(lower if len(lower) == len(line) else line):
        names = _NAMES.match(line, by.end())
        if names is not None and not is_small_letter(names.group()[0]):
            before = line[: by.start()].strip(" |,–-")
            is_apart = line[: by.start() + 1].rstrip().endswith(_BARS)
            is_byline = not before or is_apart or _BEFORE_BY.search(before)
            return _without_start_of_date(names.group(), line[names.end() :]) if is_byline else None
    return None


def _without_start_of_date(names: str, after: str) -> str:
    """Return names without the weekday or month that begins the date behind them: `Ann Lee March 5`."""
    words = names.split()
    while len(words) > 1 and after.lstrip()[:1].isdigit() and is_date_word(words[-1]):
        words.pop()
    return " ".join(words)


def _name_of_reporter(line: str) -> str | None:
    """Return the name beside the word for a reporter in Chinese, Japanese, Korean: `记者 王小明`."""
    reporter = _REPORTER.search(line)
    return next(filter(None, reporter.groups()), None) if reporter else None


def _name_beside_date(line: str) -> str | None:
    """Return the full name that is all of a line but its date: `Ann Lee, 12.3.2020`."""
    rest = without_dates(line) if re.search(r"\d{4}", line) else line
    names = [name for part in rest.split("|") if (name := part.strip(" ,.·•-–"))]
    if rest == line or len(names) != 1 or not is_full_name(names[0]):
        return None
    # In scripts without capitals four words are as often a label as a name.
    has_case = names[0].lower() != names[0]
    return names[0] if has_case or len(names[0].split()) < _CASELESS_WORDS else None

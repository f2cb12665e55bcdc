"""The lines of an article's text without those that do not belong to it.

Removed: the repeated headline, date and byline above the first sentence, `Source:` lines, labels of
comments, share buttons, notices and pointers to other articles. The dateline stays: it starts a sentence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tasks.domain.bodies.line_kinds import (
    ends_sentence,
    is_address,
    is_boilerplate_line,
    is_byline,
    is_call,
    is_date_line,
    is_day_of_month,
    is_footer,
    is_info_line,
    is_pointer,
    n_wide,
)
from tasks.domain.credits.credit import is_source_label, is_source_name, source_line
from tasks.domain.text.labels import split_glued_label
from tasks.domain.text.normalise import comparison_key, has_key, has_long_key, squeeze
from tasks.domain.text.patterns import COMMENTS, SOURCE_LIST

_HEAD_LINES = 6  # at the start, where date and byline stand
_TAIL_LINES = 12
_MAX_AFTER_LABEL = 0.3  # of the text
_PARAGRAPH = 230  # characters of a line that is surely text
_MAX_BESIDE_TITLE = 45  # characters in the line of the headline; with more it is a lead
_LABEL = 48  # characters: more is a sentence
_INITIALS = re.compile(
    r"^[\s(\[–—-]*[a-zäöüß]{2,5}(?:\s?[/,]\s?[a-zäöüß.]{2,5})*[\s)\]]*$"
    r"|^\([A-Za-z]{2,5}(?:/[A-Za-z]{2,6})*\)$"
)
_WORD = re.compile(r"\w")
_QUOTED = " .“”„\"«»‘’'…"
_LEAST_QUOTE = 30  # characters
_MAX_SEARCHES = 400  # of a line in the whole text; more take quadratic time
_MORE = 12  # characters that a line has beside the words of a pull-quote
_MOST_QUOTED = 0.3  # of the text
_MOST_PLACES = 4  # of the same words in a text
_UNKNOWN_LABEL = 24  # characters
_BIO_VERB = (
    r"is|was|has|covers|joined|writes|reports|works|can\s+be|ist|war|schreibt|berichtet|arbeitet|leitet|"
    r"est|es|è|er|är"
)


@dataclass(frozen=True, slots=True)
class LineContext:
    """What else is known about the article, to recognise lines that repeat it."""

    titles: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    strip: tuple[re.Pattern[str], ...] = ()


def clean_lines(text: str, context: LineContext) -> str:
    """Return the text without boilerplate lines, one paragraph a line."""
    lines = [line for line in (_tidy(line) for line in text.split("\n")) if line]
    lines = [part for line in lines for part in split_glued_label(line) if part]
    lines = _drop_titles(lines, context)
    lines = _drop_head(lines, context)
    lines = _cut_after_label(lines)
    lines = [line for line in lines if not is_boilerplate_line(line) and not _is_stripped(line, context)]
    lines = _drop_tail(lines, context)
    return "\n".join(_without_pull_quotes(_without_repeats(lines)))


def edge_lines(text: str) -> list[str]:
    """Return the first and last lines of a text: those that may name its source."""
    lines = [line for line in (_tidy(line) for line in text.split("\n")) if line]
    return [*lines[:_HEAD_LINES], *lines[_HEAD_LINES:][-_TAIL_LINES:]]


def _tidy(line: str) -> str:
    line = squeeze(line)
    return "" if line in ("-", "|", "•", "*", "–", "—") or not _WORD.search(line) else line


def _drop_titles(lines: list[str], context: LineContext) -> list[str]:
    keys = {key for key in map(comparison_key, context.titles) if len(key) > 5}
    longest = max(map(_weight, keys), default=0) + _MAX_BESIDE_TITLE
    kept = []
    for index, line in enumerate(lines):
        if has_long_key(line, longest):
            kept.append(line)
            continue
        is_title = has_key(line, keys)
        if not is_title and index < _HEAD_LINES:
            key = comparison_key(line)
            is_title = any(_wraps(key, title) for title in keys)
        if not is_title:
            kept.append(line)
    return kept


def _wraps(line: str, title: str) -> bool:
    """Say whether a line is the headline with a few more words, or most of it."""
    if len(title) < 15 or len(line) < 15:
        return False
    if title in line:
        return _weight(line) < _weight(title) + _MAX_BESIDE_TITLE
    return line in title and len(line) > 0.6 * len(title)


def _weight(text: str) -> int:
    """Return a length in which a Chinese, Japanese or Korean character counts as three."""
    return len(text) + 2 * n_wide(text)


def _drop_head(lines: list[str], context: LineContext) -> list[str]:
    names = {comparison_key(name) for name in context.authors}
    named = {
        place
        for place, (label, name) in enumerate(pairwise(lines[: _HEAD_LINES + 1]))
        if is_source_label(label.removeprefix("- ")) and is_source_name(name.removeprefix("- "))
    }
    head = [
        line
        for place, line in enumerate(lines[:_HEAD_LINES])
        if not (place in named or place - 1 in named or _is_head_line(line, names))
    ]
    return head + lines[_HEAD_LINES:]


def _is_head_line(line: str, names: set[str]) -> bool:
    if source_line(line) or has_key(line, names):
        return True
    if is_date_line(line) or is_day_of_month(line) or is_info_line(line):
        return True
    return is_address(line) or is_byline(line)


def _cut_after_label(lines: list[str]) -> list[str]:
    """Cut the text at a label of comments, other articles or sources, if only short lines follow it."""
    end = len(lines)
    left = sum(map(len, lines))
    after = 0  # characters between a line and the end
    for index in range(len(lines) - 1, 0, -1):
        line = lines[index]
        is_label = len(line) <= _LABEL and _opens_an_end(line)
        if is_label and after < _MAX_AFTER_LABEL * left:
            end = index
            left -= len(line) + after
            after = 0
            continue
        if len(line) >= _PARAGRAPH:
            break
        after += len(line)
    return lines[:end]


def _opens_an_end(line: str) -> bool:
    """Say whether a line is the label of comments, of other articles or of the list of sources."""
    return any(pattern.match(line) for pattern in (COMMENTS, SOURCE_LIST)) or is_pointer(line)


def _is_stripped(line: str, context: LineContext) -> bool:
    return any(pattern.fullmatch(line) for pattern in context.strip)


def _drop_tail(lines: list[str], context: LineContext) -> list[str]:
    names = {comparison_key(name) for name in context.authors}
    end = len(lines)
    n_unknown = 0
    for index in range(len(lines) - 1, max(0, len(lines) - 1 - _TAIL_LINES), -1):
        line = lines[index]
        if _is_tail_line(line, names) or _is_biography(line, context.authors):
            end, n_unknown = index, 0
        elif len(line) <= _UNKNOWN_LABEL and not ends_sentence(line) and n_unknown == 0:
            n_unknown = 1  # one label that no list knows does not protect the lines above it
        else:
            break
    return lines[:end]


def _is_tail_line(line: str, names: set[str]) -> bool:
    if source_line(line) or has_key(line, names) or is_date_line(line) or is_footer(line):
        return True
    if _INITIALS.match(line) or is_call(line) or is_address(line):
        return True
    return is_byline(line) and len(line) < 70


def _is_biography(line: str, authors: Sequence[str]) -> bool:
    """Say whether a line tells who an author is: `Jane Roe covers the harbour.`"""
    lower = line.lower()
    named = "|".join(re.escape(name) for name in authors if len(name) > 4 and name.lower() in lower)
    behind = rf"\W+(?:\([^)]*\)\W+)?(?:{_BIO_VERB})\b"
    return bool(named) and re.match(rf"^\W*(?:{named}){behind}", line, re.IGNORECASE) is not None


def _without_pull_quotes(lines: list[str]) -> list[str]:
    """Drop a line that is part of a longer one: a sentence of the text, shown once more in large letters."""
    if len(lines) > _MAX_SEARCHES:
        return lines
    text = "\n".join(lines)
    quotes = {line for line in lines if _is_pull_quote(line, text)}
    if sum(map(len, quotes)) > _MOST_QUOTED * len(text):  # a text that repeats itself
        return lines
    return [line for line in lines if line not in quotes]


def _is_pull_quote(line: str, text: str) -> bool:
    quote = line.strip(_QUOTED)
    if _weight(quote) < _LEAST_QUOTE or len(quote) > _PARAGRAPH or not ends_sentence(line):
        return False
    place = -1
    for _ in range(_MOST_PLACES):
        place = text.find(quote, place + 1)
        if place < 0:
            break
        start = text.rfind("\n", 0, place) + 1
        end = text.find("\n", place)
        holder = text[start : end if end >= 0 else len(text)]
        if _weight(holder) > _weight(line) + _MORE:
            return True
    return False


def _without_repeats(lines: list[str]) -> list[str]:
    """Drop a line that repeats the one before it."""
    return [line for index, line in enumerate(lines) if index == 0 or line != lines[index - 1]]

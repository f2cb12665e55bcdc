"""The lines of an article's text without those that do not belong to it.

Removed: the repeated headline, date and byline above the first sentence, `Source:` lines, labels of
comments, share buttons, notices and pointers to other articles. The dateline stays: it starts a sentence.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tasks.domain.bodies.line_kinds import is_boilerplate_line, is_byline, is_date_line, is_footer, is_pointer
from tasks.domain.credits.credit import source_line
from tasks.domain.text.labels import split_glued_label
from tasks.domain.text.normalise import comparison_key, squeeze
from tasks.domain.text.patterns import COMMENTS

_HEAD_LINES = 6  # at the start, where date and byline stand
_TAIL_LINES = 12
_LABEL = 48  # characters: more is a sentence
_INITIALS = re.compile(
    r"^[\s(\[–—-]*[a-zäöüß]{2,5}(?:\s?[/,]\s?[a-zäöüß.]{2,5})*[\s)\]]*$"
    r"|^\([A-Za-z]{2,5}(?:/[A-Za-z]{2,6})*\)$"
)
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
    return "\n".join(_without_repeats(lines))


def edge_lines(text: str) -> list[str]:
    """Return the first and last lines of a text: those that may name its source."""
    lines = [line for line in (_tidy(line) for line in text.split("\n")) if line]
    return [*lines[:_HEAD_LINES], *lines[_HEAD_LINES:][-_TAIL_LINES:]]


def _tidy(line: str) -> str:
    line = squeeze(line)
    return "" if line in ("-", "|", "•", "*", "–", "—") or not re.search(r"\w", line) else line


def _drop_titles(lines: list[str], context: LineContext) -> list[str]:
    keys = {key for key in map(comparison_key, context.titles) if len(key) > 5}
    kept = []
    for index, line in enumerate(lines):
        key = comparison_key(line)
        if key in keys:
            continue
        if index < _HEAD_LINES and any(_wraps(key, title) for title in keys):
            continue
        kept.append(line)
    return kept


def _wraps(line: str, title: str) -> bool:
    """Say whether a line is the headline with a few more words, or most of it."""
    if len(title) < 15 or len(line) < 15:
        return False
    return (title in line and len(line) < len(title) + 45) or (line in title and len(line) > 0.6 * len(title))


def _drop_head(lines: list[str], context: LineContext) -> list[str]:
    names = {comparison_key(name) for name in context.authors}
    head = [line for line in lines[:_HEAD_LINES] if not _is_head_line(line, names)]
    return head + lines[_HEAD_LINES:]


def _is_head_line(line: str, names: set[str]) -> bool:
    if source_line(line) or comparison_key(line) in names:
        return True
    if is_date_line(line):
        return True
    return is_byline(line)


def _cut_after_label(lines: list[str]) -> list[str]:
    """Cut the text at a label of comments or of other articles, if only short lines follow it."""
    total = sum(map(len, lines))
    for index in range(len(lines) - 1, 0, -1):
        line = lines[index]
        if len(line) <= _LABEL and (COMMENTS.match(line) or is_pointer(line)):
            after = lines[index + 1 :]
            if sum(map(len, after)) < 0.3 * total and all(len(later) < 230 for later in after):
                return _cut_after_label(lines[:index])
    return lines


def _is_stripped(line: str, context: LineContext) -> bool:
    return any(pattern.fullmatch(line) for pattern in context.strip)


def _drop_tail(lines: list[str], context: LineContext) -> list[str]:
    names = {comparison_key(name) for name in context.authors}
    bio = _bio_pattern(context.authors)
    end = len(lines)
    while end > 1 and len(lines) - end < _TAIL_LINES:
        line = lines[end - 1]
        if not (
            source_line(line)
            or comparison_key(line) in names
            or is_date_line(line)
            or _INITIALS.match(line)
            or is_footer(line)
            or (bio and bio.match(line))
            or (is_byline(line) and len(line) < 70)
        ):
            break
        end -= 1
    return lines[:end]


def _bio_pattern(authors: Sequence[str]) -> re.Pattern[str] | None:
    names = "|".join(re.escape(name) for name in authors if len(name) > 4)
    return (
        re.compile(rf"^\W*(?:{names})\W+(?:\([^)]*\)\W+)?(?:{_BIO_VERB})\b", re.IGNORECASE) if names else None
    )


def _without_repeats(lines: list[str]) -> list[str]:
    """Drop a line that repeats the one before it."""
    return [line for index, line in enumerate(lines) if index == 0 or line != lines[index - 1]]

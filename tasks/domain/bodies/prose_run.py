"""A reading for plain pages: the run of prose that follows the headline, to the first line that ends it.

Needs no class names, no paragraphs and no sound markup: it works on the page's lines. The run ends at
the label of comments or of other articles, at lists of links, at a line that is only a date, at a notice.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from tasks.domain.bodies.line_kinds import (
    SENTENCE_ENDS,
    has_date_label,
    is_date_line,
    is_day_of_month,
    is_footer,
    is_label,
    is_prose,
    is_sentence,
)
from tasks.domain.pages.lines import INLINE, TextLine
from tasks.domain.text.labels import is_labels, split_glued_label
from tasks.domain.text.normalise import comparison_key, has_short_key, squeeze
from tasks.domain.text.patterns import ALSO_READ, COMMENTS

_HEAD = 14  # short lines that may stand between headline and text
_DATE = 48  # characters
_BOX = 4  # lines of a pointer between two paragraphs
_UNLINKED = 12  # characters of a sentence around its link
_LEADS = 2  # paragraphs
_HEAD_GAP = 3  # lines from the date to the text
_GAP = 4  # short lines that may stand between two paragraphs
_MAX_SEARCHES = 200  # of lines in all others; more take quadratic time


@dataclass(frozen=True, slots=True)
class ProseRun:
    """Paragraphs behind a headline, and where the headline and the end stand among the page's lines."""

    lines: tuple[str, ...]
    start: int
    stop: int
    is_closed: bool  # it was ended by a label or a notice, not by the page's end or a gap

    @property
    def length(self) -> int:
        """How many characters the run holds."""
        return sum(map(len, self.lines))


def read_run(lines: Sequence[TextLine], titles: Iterable[str]) -> ProseRun:
    """Return the paragraphs that follow the headline among a page's lines; empty when no prose does.

    Of several places that show the headline, the last one that the text follows is meant.
    """
    keys = {key for key in map(comparison_key, titles) if len(key) > 7}
    runs = [_run_after(lines, start) for start in _headline_places(lines, keys)]
    longest = max((run.length for run in runs), default=0)
    fit = [run for run in runs if run.length >= 0.8 * longest]
    return fit[-1] if fit else ProseRun((), 0, 0, False)


def added_length(text: Iterable[str], run: ProseRun, lines: Sequence[TextLine]) -> int:
    """Return how much running text another reading holds behind the run's headline and beside the run.

    Links, labels and dates do not count, nor does what stands above the headline or behind a closed run.
    """
    text = [squeeze(line) for line in text]
    # Where more text follows in one piece than the run holds, the run was ended too early.
    is_early = _longest_piece(lines[run.stop :], set(text)) > run.length or _is_interrupted(lines, run, text)
    last = run.stop if run.is_closed and not is_early else len(lines)
    outside = {
        line.text
        for i, line in enumerate(lines)
        if line.is_linked or not run.start < i <= last or is_label(line.text) or is_labels(line.text)
    }
    known = outside.union(run.lines)
    parts = [part.strip() for line in text for part in _cells(line)]
    unknown = [part for part in parts if part not in known]
    if len(unknown) > _MAX_SEARCHES:
        return sum(map(len, unknown))
    return sum(len(rest) for part in unknown if (rest := _rest_of(part, run, outside)))


def _is_interrupted(lines: Sequence[TextLine], run: ProseRun, text: Collection[str]) -> bool:
    """Say whether another reading goes on behind the run with paragraphs beside the run's last one."""
    inside = (line for line in reversed(lines[run.start : run.stop]) if line.text in run.lines)
    home = _home(next(inside, None))
    if home is None:
        return False
    return any(_home(line) is home and is_prose(line) and line.text in text for line in lines[run.stop :])


def _longest_piece(lines: Sequence[TextLine], known: set[str]) -> int:
    """Return the length of the longest row of paragraphs that another reading holds."""
    longest = length = 0
    for line in lines:
        is_text = line.text in known and not line.is_linked and not is_label(line.text)
        length = length + len(line.text) if is_text else 0
        longest = max(longest, length)
    return longest


def _cells(line: str) -> list[str]:
    """Return a line as the page shows it: without the mark of a list, a table's row cut into its cells."""
    return line.split("|") if line.startswith("|") else [line.removeprefix("- ")]


def _rest_of(line: str, run: ProseRun, outside: Collection[str]) -> str:
    """Return what a line holds beside the run's own lines; empty for what does not count."""
    for known in run.lines:
        line = line.replace(known, "")
    line = line.strip()
    if not line or is_label(line) or is_labels(line):
        return ""
    if any(line in other or (len(other) > 20 and other in line) for other in outside):
        return ""
    return line


def _headline_places(lines: Sequence[TextLine], keys: set[str]) -> list[int]:
    shortest = min(map(len, keys), default=0)
    firsts, lasts = {key[0] for key in keys}, {key[-1] for key in keys}
    return [
        i
        for i, line in enumerate(lines)
        if len(line.text) < 400
        and not has_short_key(line.text, shortest)
        and _may_show(line.text, firsts, lasts)
        and _shows(line.text, keys)
    ]


def _may_show(text: str, firsts: set[str], lasts: set[str]) -> bool:
    """Say whether the comparison key of a line may begin with one of these characters, or end with one.

    The key is not made. Only ASCII is judged: NFKC may change other letters.
    """
    start, end = text[:2], text[-1:]
    begins = not (start.isascii() and start[:1].isalnum()) or start[0].lower() in firsts
    return begins or not (end.isascii() and end.isalnum()) or end.lower() in lasts


def _shows(text: str, keys: set[str]) -> bool:
    """Say whether a line is a headline, or a headline in one line with its date."""
    shown = comparison_key(text)
    if shown in keys:
        return True
    return any(
        (shown.startswith(key) and is_date_line(shown[len(key) :]))
        or (shown.endswith(key) and is_date_line(text[: len(text) - len(key)]))
        for key in keys
        if 0 < len(shown) - len(key) < _DATE
    )


def _run_after(lines: Sequence[TextLine], start: int) -> ProseRun:
    run: list[str] = []
    held: list[str] = []  # short lines: part of the text only if prose follows
    last = None  # the line of the run that was read last
    is_labelled = False  # a label stands behind that line
    for index in range(start + 1, len(lines)):
        line = lines[index]
        if is_prose(line) or (run and is_sentence(line)):
            if is_labelled and _is_elsewhere(lines, index, last, run):
                return ProseRun(tuple(run), start, index, False)
            last, is_labelled = line, False
            run += [*held, line.text] if run else [line.text]
            held = []
            if COMMENTS.match(split_glued_label(line.text)[1] or "-"):
                return ProseRun(tuple(run), start, index, True)
        elif run and len(run) <= _LEADS and _is_date_below_lead(lines, index):
            held = []
        elif run and _ends_run(line):
            if not _goes_on(lines, index, last):
                return ProseRun(tuple(run), start, index, True)
            held = []
        elif is_label(line.text):
            is_labelled = last is not None
        else:
            held.append(line.text)
        if len(held) > (_GAP if run else _HEAD):
            return ProseRun(tuple(run), start, index, False)
    return ProseRun(tuple(run), start, len(lines), False)


def _is_date_below_lead(lines: Sequence[TextLine], index: int) -> bool:
    """Say whether a line is a date that the text follows, no link between the two."""
    text = lines[index].text
    if not is_date_line(text) and not is_day_of_month(text):
        return False
    following = lines[index + 1 : index + _HEAD_GAP]
    return next((is_prose(line) for line in following if line.linked or is_prose(line)), False)


def _goes_on(lines: Sequence[TextLine], index: int, last: TextLine | None) -> bool:
    """Say whether the run goes on behind a pointer to another article that stands between its paragraphs.

    It does where a paragraph beside the last one follows, before any label of comments or of a list.
    """
    home = _home(last)
    for line in lines[index : index + _BOX]:
        if COMMENTS.match(line.text) or is_footer(line.text):
            return False
        if is_prose(line) and home is not None:
            return _home(line) is home and line.text.endswith(SENTENCE_ENDS)
    return False


def _home(line: TextLine | None) -> HtmlElement | None:
    """Return the element that holds a line's block."""
    element = line.start if line is not None else None
    while element is not None and element.tag in INLINE:
        element = element.getparent()
    return element.getparent() if element is not None and element.tag == "p" else None


def _is_elsewhere(lines: Sequence[TextLine], index: int, last: TextLine | None, run: list[str]) -> bool:
    """Say whether the paragraph behind a label belongs to another, smaller part of the page than the run."""
    home, before = _home(lines[index]), _home(last)
    if home is None or before is None or home is before or home.getparent() is before.getparent():
        return False
    following = sum(len(line.text) for line in lines[index:] if _home(line) is home)
    return following < sum(map(len, run)) / 2


def _ends_run(line: TextLine) -> bool:
    text = line.text
    if len(text) > 120:
        return line.is_linked
    found = ALSO_READ.match(text)
    return (
        bool(COMMENTS.match(text))
        or (found is not None and (len(text) < 60 or line.is_linked))
        or (is_date_line(text) and not has_date_label(text))
        or is_footer(text)
        or (line.is_linked and len(text) > 30 and not _is_linked_sentence(line))
    )


def _is_linked_sentence(line: TextLine) -> bool:
    """Say whether a line is a sentence most of which is a link: "Read more in our report on the harbour." """
    return line.text.endswith(SENTENCE_ENDS) and len(line.text) - line.linked >= _UNLINKED

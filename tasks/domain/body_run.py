"""A reading for plain pages: the run of prose that follows the headline, to the first line that ends it.

Needs no class names, no paragraphs and no sound markup: it works on the page's lines. The run ends at
the label of comments or of other articles, at lists of links, at a line that is only a date, at a notice.
"""

from collections.abc import Iterable, Sequence

from lxml.html import HtmlElement

from tasks.domain.body_lines import is_date_line
from tasks.domain.credit import source_line
from tasks.domain.line_words import ALSO_READ, CAPTION, COMMENTS, CREDIT, NOTICE, SHARE
from tasks.domain.text_lines import TextLine, read_lines
from tasks.domain.words import comparison_key

_PROSE = 60  # characters of a line that is a paragraph
_ENDS = (".", "!", "?", "…", ".»", ".”", '."', "。", "！", "？", "।", "؟")
_HEAD = 14  # short lines that may stand between headline and text
_GAP = 4  # short lines that may stand between two paragraphs


def read_run(root: HtmlElement, titles: Iterable[str]) -> list[str]:
    """Return the paragraphs that follow the page's headline; empty when no run of prose does."""
    lines = list(read_lines(root))
    keys = {key for key in map(comparison_key, titles) if len(key) > 7}
    runs = [_run_after(lines, start) for start in _headline_places(lines, keys)]
    return max(runs, key=lambda run: sum(map(len, run)), default=[])


def _headline_places(lines: Sequence[TextLine], keys: set[str]) -> list[int]:
    return [i for i, line in enumerate(lines) if len(line.text) < 400 and comparison_key(line.text) in keys]


def _run_after(lines: Sequence[TextLine], start: int) -> list[str]:
    run: list[str] = []
    held: list[str] = []  # short lines: part of the text only if prose follows
    for line in lines[start + 1 :]:
        if is_prose(line) or (run and is_sentence(line)):
            run += [*held, line.text] if run else [line.text]
            held = []
        elif _ends_run(line) and run:
            break
        elif is_label(line.text):
            continue
        else:
            held.append(line.text)
        if len(held) > (_GAP if run else _HEAD):
            break
    return run


def is_prose(line: TextLine) -> bool:
    """Say whether a line is a paragraph rather than a label, a link or a notice."""
    weight = len(line.text) + 2 * sum(
        "\u3040" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" for c in line.text[:100]
    )
    if weight < _PROSE or line.is_linked or is_date_line(line.text):
        return False
    return not (NOTICE.match(line.text) or is_credit(line.text) or source_line(line.text))


def is_sentence(line: TextLine) -> bool:
    """Say whether a short line ends as sentences do: behind prose it is one more of its paragraphs."""
    return len(line.text) >= 20 and line.linked == 0 and line.text.endswith(_ENDS) and not is_label(line.text)


def is_credit(text: str) -> bool:
    """Say whether a line is the caption or credit of a picture."""
    return bool(CREDIT.match(text) or CAPTION.match(text))


def is_label(text: str) -> bool:
    """Say whether a short line belongs to the article's surroundings: date, source, share, credit."""
    if is_date_line(text) or source_line(text):
        return True
    return any(pattern.match(text) for pattern in (SHARE, NOTICE, CREDIT, CAPTION))


def _ends_run(line: TextLine) -> bool:
    text = line.text
    if len(text) > 120:
        return line.is_linked
    found = ALSO_READ.match(text)
    return (
        bool(COMMENTS.match(text))
        or (found is not None and (len(text) < 60 or line.is_linked))
        or is_date_line(text)
        or text.startswith(("©", "(c)", "(C)", "Copyright"))
        or (line.is_linked and len(text) > 30)
    )

"""What kind of line a line of a page is: a paragraph, a date, a caption, a label, a pointer to elsewhere.

The only place for these predicates. Titles, the text's readings and the judgement of a page's shape use them.
"""

import re
from functools import lru_cache

from tasks.domain.credits.credit import source_line
from tasks.domain.pages.lines import TextLine
from tasks.domain.text.labels import is_labels
from tasks.domain.text.patterns import (
    ALSO_READ,
    BYLINE,
    CAPTION,
    COMMENTS,
    CREDIT,
    FOOTER,
    MAX_CAPTION,
    NOTICE,
    SHARE,
)

SENTENCE_ENDS = (".", "!", "?", "…", ".»", ".”", '."', "。", "！", "？", "।", "؟")
_ENDS_SENTENCE = re.compile(r"[.!?。！？…]['\"”’»)]*$")
_PRINTED_DATE = re.compile(
    r"\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|\d{4}\s?[-/.年년]\s?\d{1,2}|\d{1,2}[:.h時时]\d{2}\b|"
    r"\b\d{1,2}(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}|"
    r"[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+\d{4}"
)
_DIGIT = re.compile(r"\d")
_WIDE = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_CAPTION_MARK = re.compile(r"[:：/©]")
_MAX_BOILERPLATE = 260  # characters
_MAX_DATE_LINE = 120
_MAX_DATE_WORDS = 32  # letters beside the date
_MAX_BYLINE = 100
_PROSE = 60  # characters of a line that is a paragraph
_SENTENCE = 20  # characters of a short line that is one
_CACHED = 1_000  # lines: several readings of a page ask for the same ones


def is_boilerplate_line(line: str) -> bool:
    """Say whether a whole line is a label, a notice, a credit or a pointer to elsewhere."""
    if len(line) > _MAX_BOILERPLATE:
        return False
    text = line.removeprefix("- ")
    if any(pattern.match(text) for pattern in (SHARE, NOTICE, CREDIT, COMMENTS)) or is_labels(text):
        return True
    return is_caption(text) or is_pointer(text)


def is_caption(line: str) -> bool:
    """Say whether a line is the caption of a picture: it ends with the credit."""
    return len(line) <= MAX_CAPTION and bool(_CAPTION_MARK.search(line)) and bool(CAPTION.search(line))


def is_credit(line: str) -> bool:
    """Say whether a line is the caption or credit of a picture."""
    return bool(CREDIT.match(line)) or is_caption(line)


def is_pointer(line: str) -> bool:
    """Say whether a line points to another article (`Read also: ...`) or is the label of such lines."""
    label = ALSO_READ.match(line)
    if not label:
        return False
    after = line[label.end() :]
    if not after.strip(" \t:：.!…)»>→-–—|") or label.end() == len(line):
        return True
    return after.lstrip(" )").startswith((":", "：", "»", "→", ">", "|"))


def is_date_line(line: str) -> bool:
    """Say whether a line holds a printed date and little else."""
    if len(line) > _MAX_DATE_LINE or not _DIGIT.search(line) or not _PRINTED_DATE.search(line):
        return False
    rest = re.sub(r"[\d\W_]+", "", _PRINTED_DATE.sub("", line))
    return len(rest) <= _MAX_DATE_WORDS and not (ends_sentence(line) and len(rest) > 18)


def is_byline(line: str) -> bool:
    """Say whether a line names the author (`By Jane Roe`) and does not end as a sentence."""
    return len(line) < _MAX_BYLINE and BYLINE.match(line) is not None and not ends_sentence(line)


def is_footer(line: str) -> bool:
    """Say whether a line stands in the footer of a site: rights, licence, address of the editors."""
    return FOOTER.match(line) is not None


@lru_cache(maxsize=_CACHED)
def is_label(line: str) -> bool:
    """Say whether a short line accompanies an article: date, source, share button, notice, credit."""
    if is_date_line(line) or source_line(line):
        return True
    return any(pattern.match(line) for pattern in (SHARE, NOTICE, CREDIT)) or is_caption(line)


def is_prose(line: TextLine) -> bool:
    """Say whether a line is a paragraph rather than a label, a link or a notice."""
    is_short = len(line.text) < _PROSE and len(line.text) + 2 * n_wide(line.text) < _PROSE
    return not (is_short or line.is_linked or _is_beside_prose(line.text))


@lru_cache(maxsize=_CACHED)
def _is_beside_prose(line: str) -> bool:
    """Say whether a line with the length of a paragraph is a date, a notice, a credit or a source."""
    return is_date_line(line) or bool(NOTICE.match(line)) or is_credit(line) or bool(source_line(line))


def is_sentence(line: TextLine) -> bool:
    """Say whether a short line ends as sentences do: after prose it is one more of its paragraphs."""
    text = line.text
    return len(text) >= _SENTENCE and line.linked == 0 and text.endswith(SENTENCE_ENDS) and not is_label(text)


def ends_sentence(line: str) -> bool:
    """Say whether a line ends with the sign that ends a sentence, quotation marks aside."""
    return _ENDS_SENTENCE.search(line) is not None


def n_wide(text: str) -> int:
    """Return how many characters are Chinese, Japanese or Korean: each says as much as three others."""
    if text.isascii():
        return 0
    return len(_WIDE.findall(text))

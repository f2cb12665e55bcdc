"""What kind of line a line of a page is: a paragraph, a date, a caption, a label, a pointer to elsewhere.

The only place for these predicates. Titles, the text's readings and the judgement of a page's shape use them.
"""

import re
from functools import lru_cache

from tasks.domain.credits.author import without_dates
from tasks.domain.credits.credit import source_line
from tasks.domain.dates.vocabulary import (
    connectors,
    modified_labels,
    month_table,
    plain_word,
    published_labels,
    weekdays,
)
from tasks.domain.pages.lines import TextLine
from tasks.domain.text.labels import is_labels
from tasks.domain.text.patterns import (
    ALSO_READ,
    BYLINE,
    CAPTION,
    COMMENTS,
    CREDIT,
    FOLLOW,
    FOOTER,
    MAX_CALL,
    MAX_CAPTION,
    NEWSLETTER,
    NOTICE,
    SHARE,
)

# With the signs of Indic, Urdu, Arabic, Ethiopic, Armenian, Khmer and Burmese scripts.
_SIGNS = ".!?…。！？।॥۔؟።։។။"
SENTENCE_ENDS = (*_SIGNS, ".»", ".”", '."')
_ENDS_SENTENCE = re.compile(rf"[{_SIGNS}]['\"”’»)」』]*$")
# Thai and Lao have no such sign: a long line is a sentence.
_UNSIGNED = re.compile("[\u0e01-\u0edd]['\"”]?$")
_UNSIGNED_SENTENCE = 50  # characters
_PRINTED_DAY = re.compile(
    r"\d{1,2}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|\d{4}\s?[-/.年년]\s?\d{1,2}|"
    r"\b\d{1,2}(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}|"
    r"[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+\d{4}"
)
_PRINTED_CLOCK = re.compile(r"\d{1,2}[:.h時时]\d{2}\b")
_LONG_NUMBER = re.compile(r"\d{3}")
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"^[^@.!?]{0,50}?[\s(<\[|:]?[A-Za-z0-9][\w.+-]*@[\w-]+(?:\.[\w-]+)+[\s)>\]]*$")
_DIGIT = re.compile(r"\d")
_WIDE = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_CAPTION_MARK = re.compile(r"[:：/©]")
_MAX_BOILERPLATE = 260  # characters
_MAX_DATE_LINE = 120
_MAX_DATE_WORDS = 32  # letters beside the date
_MAX_CLOCK_WORDS = 12  # letters in other words beside a time of day, at most
_MAX_INFO = 200
_MAX_INFO_PART = 60
_APART = re.compile(r"\s*[|•·]\s*|\s+[–—-]\s+")
_MAX_DAY = 32
_ORDINALS = frozenset({"st", "nd", "rd", "th", "er"})
_MAX_BYLINE = 100
_PROSE = 60  # characters of a line that is a paragraph
_SENTENCE = 20  # characters of a short line that is one
_CACHED = 1_000  # lines: several readings of a page ask for the same ones


def is_boilerplate_line(line: str) -> bool:
    """Say whether a whole line is a label, a notice, a credit or a pointer to elsewhere."""
    if len(line) > _MAX_BOILERPLATE:
        return False
    text = line.removeprefix("- ")
    if SHARE.match(text) or NOTICE.match(text) or CREDIT.match(text) or COMMENTS.match(text):
        return True
    if is_labels(text):
        return True
    if len(text) <= MAX_CALL and NEWSLETTER.is_in(text):
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
    if len(line) > _MAX_DATE_LINE or not _DIGIT.search(line):
        return False
    if not _PRINTED_DAY.search(line):
        return _is_clock_line(line)
    rest = re.sub(r"[\d\W_]+", "", _PRINTED_CLOCK.sub("", _PRINTED_DAY.sub("", line)))
    return len(rest) <= _MAX_DATE_WORDS and not (ends_sentence(line) and len(rest) > 18)


def is_info_line(line: str) -> bool:
    """Say whether a line holds a date among short parts set apart: `Ann Lee · 9 March 2026 · Local news`."""
    if len(line) > _MAX_INFO or not _DIGIT.search(line):
        return False
    parts = [part for part in _APART.split(line) if part]
    if len(parts) < 2 or any(len(part) > _MAX_INFO_PART for part in parts):
        return False
    if ends_sentence(line) and without_dates(parts[-1]).strip(" .|"):  # "9:14 a.m." ends no sentence
        return False
    return any(without_dates(part) != part for part in parts)


def _is_clock_line(line: str) -> bool:
    """Say whether a line is a time of day with words of dates and labels, and with few others."""
    if not _PRINTED_CLOCK.search(line):
        return False
    words = map(plain_word, _WORD.findall(_PRINTED_CLOCK.sub("", line)))
    return sum(len(word) for word in words if not _is_date_word(word)) <= _MAX_CLOCK_WORDS


def is_day_of_month(line: str) -> bool:
    """Say whether a line is a day without its year and nothing else: `20 November`, `Thu, Nov 20`.

    Above a text it is its date; within a text it is a heading.
    """
    if len(line) > _MAX_DAY or not _DIGIT.search(line) or _LONG_NUMBER.search(line):
        return False
    words = [plain_word(word) for word in _WORD.findall(line)]
    is_dated = any(word in month_table() for word in words)
    return is_dated and all(word in _ORDINALS or _is_date_word(word) for word in words)


def _is_date_word(word: str) -> bool:
    tables = (month_table(), weekdays(), connectors(), published_labels(), modified_labels())
    return any(word in table for table in tables)


def is_call(line: str) -> bool:
    """Say whether a line asks readers to subscribe to the site's newsletter or to follow it elsewhere."""
    return len(line) <= MAX_CALL and (NEWSLETTER.is_in(line) or FOLLOW.is_in(line))


def is_address(line: str) -> bool:
    """Say whether a line is an e-mail address, perhaps behind a name: `Jane Roe (jane@example.org)`."""
    return "@" in line and _ADDRESS.match(line) is not None


def has_date_label(line: str) -> bool:
    """Say whether a line begins with the label of an article's own date: "Updated 13 June 2019"."""
    word = _WORD.search(line)
    folded = plain_word(word.group()) if word else ""
    return folded in published_labels() or folded in modified_labels()


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
    text = line.text
    if len(text) < _PROSE and (text.isascii() or not has_weight(text, _PROSE)):
        return False
    return not (line.is_linked or _is_beside_prose(text))


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
    if line.isascii():
        return _ENDS_SENTENCE.search(line) is not None
    is_unsigned = len(line) >= _UNSIGNED_SENTENCE and _UNSIGNED.search(line) is not None
    return is_unsigned or _ENDS_SENTENCE.search(line) is not None


def n_wide(text: str) -> int:
    """Return how many characters are Chinese, Japanese or Korean: each says as much as three others."""
    if text.isascii():
        return 0
    return len(_WIDE.findall(text))


def has_weight(text: str, least: int) -> bool:
    """Say whether a text has a length, where a Chinese, Japanese or Korean character counts as three."""
    length = len(text)
    if length >= least or 3 * length < least or text.isascii():
        return length >= least
    return length + 2 * n_wide(text) >= least

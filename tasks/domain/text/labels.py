"""Lines that consist of labels side by side, and labels glued to the end of a sentence.

`0 Comments | Share | Print`, `... by the end of the year.Print version`: no block separates them.
"""

import re

from tasks.domain.text.patterns import COMMENTS, LABEL_START, NOTICE, SHARE

_MOST_WORDS = 12
_LONGEST = 90
_GLUED = 80  # characters of a label after a sentence
_SENTENCE_END = re.compile(r"[.!?…。]['\"”’»)]*(?=\s?[^\W\d_]|\s?\d+\s)")


def is_labels(line: str) -> bool:
    """Say whether a short line consists of labels of comments, of sharing, of print and the like."""
    words = line.split()
    return len(line) <= _LONGEST and len(words) <= _MOST_WORDS and _are_labels(words)


def _are_labels(words: list[str]) -> bool:
    text = " ".join(words)
    if not re.search(r"\w", text):
        return True
    if not LABEL_START.match(text):  # a sentence: spares the search for cuts
        return False
    if _is_label(text):
        return True
    return any(
        _is_label(" ".join(words[:cut])) and _are_labels(words[cut:]) for cut in range(len(words) - 1, 0, -1)
    )


def _is_label(text: str) -> bool:
    return bool(COMMENTS.match(text) or SHARE.match(text) or NOTICE.match(text))


def split_glued_label(line: str) -> tuple[str, str]:
    """Return a line without the labels that follow its last sentence, and those labels."""
    for end in _SENTENCE_END.finditer(line, max(0, len(line) - _GLUED - 4)):
        label = line[end.end() :].strip()
        if label[:1].islower() or not end.start():
            continue
        # After a space it may be a sentence of one word.
        is_sure = end.end() + len(label) == len(line) or COMMENTS.match(label) or " " in label
        if is_sure and is_labels(label):
            return line[: end.end()].rstrip(), label
    return line, ""

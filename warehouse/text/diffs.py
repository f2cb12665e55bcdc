"""Word diffs of two texts, paragraph by paragraph: what a reader of an edit sees.

Pure. Paragraphs are compared first; only those that changed are compared word by word, so that the
cost of difflib (quadratic at worst) stays with the changed part.
"""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

_WORDS = re.compile(r"\s+|[^\W\d_]+(?:['’\-][^\W\d_]+)*|\d[\d.,:]*|.", re.DOTALL)
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1780-\u17ff\u1000-\u109f]")
MAX_WORDS = 4_000  # of two changed passages together; longer ones are shown as removed and added


class DiffKind(StrEnum):
    """What happened to a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class DiffPart:
    """A piece of one of two texts: in both, only in the earlier, or only in the later."""

    kind: DiffKind
    text: str


def word_diff(before: str, after: str) -> list[DiffPart]:
    """Return the two texts as one sequence of pieces; neighbours of one kind are joined."""
    return _joined(_line_parts(before.splitlines(keepends=True), after.splitlines(keepends=True)))


def _line_parts(old: Sequence[str], new: Sequence[str]) -> Iterator[DiffPart]:
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield DiffPart(DiffKind.SAME, removed)
        else:
            yield from _word_parts(removed, added)


def _word_parts(before: str, after: str) -> Iterator[DiffPart]:
    old, new = _words(before), _words(after)
    if len(old) + len(new) > MAX_WORDS:
        yield DiffPart(DiffKind.REMOVED, before)
        yield DiffPart(DiffKind.ADDED, after)
        return
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        removed, added = "".join(old[a:b]), "".join(new[c:d])
        if tag == "equal":
            yield DiffPart(DiffKind.SAME, removed)
        else:
            yield DiffPart(DiffKind.REMOVED, removed)
            yield DiffPart(DiffKind.ADDED, added)


def _words(text: str) -> list[str]:
    """Return the text in words, spaces and marks; in scripts without spaces each character is a word."""
    words: list[str] = []
    for word in _WORDS.findall(text):
        words += list(word) if _NO_SPACES.search(word) else [word]
    return words


def _joined(parts: Iterator[DiffPart]) -> list[DiffPart]:
    """Join neighbours of one kind; within a change, what was removed stands before what was added."""
    joined: list[DiffPart] = []
    removed, added = "", ""

    def flush() -> None:
        nonlocal removed, added
        joined.extend(
            DiffPart(kind, text)
            for kind, text in ((DiffKind.REMOVED, removed), (DiffKind.ADDED, added))
            if text
        )
        removed, added = "", ""

    for part in parts:
        if part.kind is DiffKind.REMOVED:
            removed += part.text
        elif part.kind is DiffKind.ADDED:
            added += part.text
        elif (removed or added) and part.text.isspace() and "\n" not in part.text:
            removed += part.text  # two changed words with a space between are one change
            added += part.text
        elif part.text:
            flush()
            if joined and joined[-1].kind is DiffKind.SAME:
                joined[-1] = DiffPart(DiffKind.SAME, joined[-1].text + part.text)
            else:
                joined.append(part)
    flush()
    return joined

"""Fold text as the full-text index does, and keep where each folded character came from.

The table is read from the SQL macro `core.search_fold`, so that the index and what is highlighted
agree; a test compares the two for every character. Pure, used by `marks`.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_RANGE = re.compile(r"\\x\{([0-9A-F]+)\}(?:-\\x\{([0-9A-F]+)\})?")  # of characters that the macro drops
_MACRO_FILE = Path(__file__).parents[1] / "views" / "50_search_terms.sql"


@dataclass(frozen=True, slots=True)
class FoldedText:
    """A folded text, and for each of its characters the position in the text that it came from.

    `positions` has one more element: the length of the original text.
    """

    text: str
    positions: list[int] | range


def fold(text: str) -> FoldedText:
    """Return the text in lower case, without accents and marks that the index ignores."""
    if text.isascii():
        return FoldedText(text.lower(), range(len(text) + 1))
    folded: list[str] = []
    positions: list[int] = []
    for start, cluster in _clusters(text):
        composed = unicodedata.normalize("NFC", cluster).replace(
            "İ", "i"
        )  # lower() would make two characters
        part = composed.lower().translate(_table())
        folded.append(part)
        positions += [start] * len(part)
    return FoldedText("".join(folded), [*positions, len(text)])


def _clusters(text: str) -> list[tuple[int, str]]:
    """Return the text in pieces that normalisation never joins: a character and its combining marks."""
    starts = [i for i, character in enumerate(text) if not unicodedata.combining(character)]
    if not starts or starts[0]:
        starts.insert(0, 0)
    return [(a, text[a:b]) for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]


@cache
def _table() -> dict[int, str]:
    """Return what the macro does to a character: its replacement, "" when it is dropped."""
    sql = _MACRO_FILE.read_text(encoding="utf-8")
    call = sql[sql.index("translate(") : sql.index("end;")]
    removed, _, _, before, after, *pairs = re.findall(r"'([^']*)'", call)
    longer = dict(zip(pairs[::2], pairs[1::2], strict=True))  # ß: ss
    dropped = {code: "" for first, last in _RANGE.findall(removed) for code in _codes(first, last or first)}
    folded = {ord(a): longer.get(b, b) for a, b in zip(before, after, strict=True)}
    return dropped | folded | {ord(a): b for a, b in longer.items()}


def _codes(first: str, last: str) -> range:
    return range(int(first, 16), int(last, 16) + 1)

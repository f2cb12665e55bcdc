"""Text rules that several packages share: white space and comparison keys."""

import re
import unicodedata
from collections.abc import Collection
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# Zero-width (non-)joiners belong to words of Persian, Urdu, Kurdish and Indic scripts, and to emoji.
_JOINER = re.compile("[\u200c\u200d]")
_STRAY_JOINER = re.compile(r"(?<![^\x00-\x7f\s])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f\s])")
_LINE = 240  # characters: keys of longer texts are not cached
_BEYOND = 60  # characters that are read beyond the longest of some keys
_JOINED = 8  # characters
_WORD = re.compile(r"[^\W_]+")
_ASCII_WORDS = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def squeeze(text: str | None) -> str:
    """Return the text on one line, with single spaces and without invisible marks.

    Zero-width joiners and non-joiners stay between letters that are not ASCII.
    """
    if not text:
        return ""
    # Most texts are on one line already; of white space, the space alone is printable.
    if text.isprintable() and "  " not in text and text[0] != " " and text[-1] != " ":
        return text
    line = " ".join(text.split())
    # No invisible mark is printable: few lines are searched for marks.
    if line.isascii() or line.isprintable():
        return line
    return " ".join(_without_invisible(text).split())


def _without_invisible(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    return _STRAY_JOINER.sub("", text) if _JOINER.search(text) else text


def comparison_key(text: str | None) -> str:
    """Return a key that is equal for two spellings of the same words: NFKC, casefolded, no punctuation."""
    if not text:
        return ""
    return _key_of_line(text) if len(text) <= _LINE else _key_of(text)


def _key_of(text: str) -> str:
    if text.isascii():
        return " ".join(text.translate(_ASCII_WORDS).split())
    if not text.isprintable():
        text = _JOINER.sub("", _INVISIBLE.sub("", text))
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


# The lines of a page are compared with its titles by several readers.
_key_of_line = lru_cache(maxsize=4_000)(_key_of)


def has_key(text: str, keys: Collection[str]) -> bool:
    """Say whether the comparison key of a text is one of these; a long text is not read to its end."""
    return bool(keys) and not has_long_key(text, max(map(len, keys))) and comparison_key(text) in keys


def has_long_key(text: str, length: int) -> bool:
    """Say whether the comparison key of a text is surely longer than a length; it is not read to its end."""
    start = text[: length + _BEYOND]
    # What follows the start joins with its last characters at most (NFKC).
    return len(start) < len(text) and len(comparison_key(start)) > length + _JOINED


def has_short_key(text: str, length: int) -> bool:
    """Say whether the comparison key of a text is surely shorter than a length; it is not made."""
    if len(text) >= length:
        return False
    # Only NFKC and case folding make a text longer.
    return text.isascii() or (len(text.casefold()) < length and unicodedata.is_normalized("NFKC", text))


def compact_key(text: str | None) -> str:
    """Return the comparison key without its spaces: `RP ONLINE` and `rp-online` are equal."""
    return comparison_key(text).replace(" ", "")

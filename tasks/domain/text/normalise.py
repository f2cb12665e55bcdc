"""Text rules that several packages share: white space and comparison keys."""

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_NOT_WORDS = re.compile(r"[\W_]+")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def squeeze(text: str | None) -> str:
    """Return the text on one line, with single spaces and without invisible marks."""
    if not text:
        return ""
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def comparison_key(text: str | None) -> str:
    """Return a key that is equal for two spellings of the same words: NFKC, casefolded, no punctuation."""
    if not text:
        return ""
    folded = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    return _NOT_WORDS.sub(" ", folded).strip()


def compact_key(text: str | None) -> str:
    """Return the comparison key without its spaces: `RP ONLINE` and `rp-online` are equal."""
    return comparison_key(text).replace(" ", "")

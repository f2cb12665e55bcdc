"""Text rules that several packages share: white space and comparison keys."""

import re
import unicodedata

_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
# Zero-width (non-)joiners belong to words of Persian, Urdu, Kurdish and Indic scripts, and to emoji.
_JOINER = re.compile("[\u200c\u200d]")
_STRAY_JOINER = re.compile(r"(?<![^\x00-\x7f\s])[\u200c\u200d]+|[\u200c\u200d]+(?![^\x00-\x7f\s])")
_NOT_WORDS = re.compile(r"[\W_]+")


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text as a set."""
    return frozenset(text.split())


def squeeze(text: str | None) -> str:
    """Return the text on one line, with single spaces and without invisible marks.

    Zero-width joiners and non-joiners stay between letters that are not ASCII.
    """
    if not text:
        return ""
    return " ".join((text if text.isascii() else _without_invisible(text)).split())


def _without_invisible(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    return _STRAY_JOINER.sub("", text) if _JOINER.search(text) else text


def comparison_key(text: str | None) -> str:
    """Return a key that is equal for two spellings of the same words: NFKC, casefolded, no punctuation."""
    if not text:
        return ""
    visible = _JOINER.sub("", _INVISIBLE.sub("", text))
    folded = unicodedata.normalize("NFKC", visible).casefold()
    return _NOT_WORDS.sub(" ", folded).strip()


def compact_key(text: str | None) -> str:
    """Return the comparison key without its spaces: `RP ONLINE` and `rp-online` are equal."""
    return comparison_key(text).replace(" ", "")

"""Text -> tokens: the words (or characters) that the fingerprint and the comparison count.

Punctuation, typography, case and the separators inside numbers do not count: publishers set them as they
like. Scripts without spaces give one token per character.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# Soft hyphens, zero-width and direction marks stand inside words on some publishers' pages; lone surrogates
# come from a broken decoding.
_INVISIBLE = re.compile(r"[\ud800-\udfff\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
)
# Vowel signs and points of Hebrew, Arabic and Indic scripts stand inside words; \w leaves them out.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_PLAIN_TOKEN = re.compile(r"[^\W_]+")
_ANY_TOKEN = re.compile(rf"[{_SPACELESS}]|(?:(?![{_SPACELESS}_])[\w{_MARKS}])+")
_NEEDS_ANY = re.compile(f"[{_SPACELESS}{_MARKS}]")
_ONE_SPACELESS = re.compile(f"[{_SPACELESS}]")
# The sign first, then the look-behind: several times as fast as the other way round.
_SEPARATOR = re.compile(r"[.,'’\u00a0\u202f\u066b\u066c](?=\d)(?<=\d.)")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
# A figure with its parts: 6-3/16, 3:1, 10/01/2026. Compared without the signs between them.
_FIGURE = re.compile(r"\d(?:[\d/:–-]*\d)?[^\W_]*")
_INNER_SIGN = re.compile(r"[/:–-]")
_SENTENCE_START = re.compile(r"(?:^|[.!?:…\n\"“”„«»‘(\[—–])\s*[\"“„«‘'’(\[]*([^\W\d_]+)")


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's tokens in reading order."""

    text: str  # normalised
    found: list[str]  # as they stand in the text
    words: list[str]  # casefolded
    is_spaceless: bool  # more than 40 % of them are characters of a script without spaces


def tokenise(text: str) -> Tokens:
    """Return the tokens of a text."""
    text = normalised(text)
    found = find_tokens(text)
    words = [word.casefold() for word in found]
    n_spaceless = 0 if text.isascii() else len(_ONE_SPACELESS.findall(text))
    return Tokens(text, found, words, n_spaceless > 0.4 * len(words))


def find_tokens(text: str) -> list[str]:
    """Return the tokens of a normalised text, as they stand there."""
    is_plain = text.isascii() or not _NEEDS_ANY.search(text)
    found: list[str] = (_PLAIN_TOKEN if is_plain else _ANY_TOKEN).findall(text)
    return found


def find_numbers(text: str) -> set[str]:
    """Return the figures of a normalised text, without the signs inside them; some are no token."""
    return {_INNER_SIGN.sub("", figure).casefold() for figure in _FIGURE.findall(text)}


def find_capitalised(tokens: Iterable[str]) -> list[str]:
    """Return the tokens that begin with a capital letter, repeats included."""
    return [token for token in tokens if token[0].isupper()]


def find_names(text: str, capitalised: Iterable[str]) -> set[str]:
    """Return the words of a normalised text that are capitalised more often than they start a sentence.

    `capitalised` are its tokens that begin with a capital letter. Casefolded; none in scripts without
    capitals.
    """
    n_surplus = Counter(capitalised)
    if not n_surplus:
        return set()
    n_surplus.subtract(find_capitalised(_SENTENCE_START.findall(text)))
    return {word.casefold() for word, n in n_surplus.items() if n > 0}


def normalised(text: str) -> str:
    """Return the text without typographic variants and separators inside figures."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text)
    return _SEPARATOR.sub("", text)

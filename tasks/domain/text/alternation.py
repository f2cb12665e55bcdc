r"""Many phrases as one regular expression that shares their beginnings: `abc|abd` becomes `ab(?:c|d)`.

Python's engine tries the alternatives of an expression one by one at each place of a text. Here it tries
one for each first character. The expression matches the same texts as `"|".join(phrases)` does, and of
several alternatives that fit it prefers the same one: only alternatives that begin with different
characters, of which one at most can fit, change their places.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

_SPACES = r"\s+"
_CLASS = re.compile(r"\[([^\]\\^-]+)\]")
_REPEATED = ("*", "+", "{", "??", "?+")
_CAPTURING = re.compile(r"\((?!\?:)")  # or a look-around
_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)  # an escape, a class, any other character
_SPECIAL = frozenset("\\.^$*+?{}[]|()")
_MAX_HEADS = 12  # of one phrase
_MOST_GROWTH = 2  # times the phrases: many optional beginnings make an expression that takes long to compile

# A character, or `\s+`, and what follows it; the character is empty at the end of a phrase.
_Head = tuple[str, str]


def alternation(phrases: Iterable[str]) -> str:
    """Return one expression that matches any of the phrases, earlier ones preferred; it is not grouped.

    Each phrase is a regular expression. Upper-case letters and what is not understood stay as they are, and
    so does everything where the expression would get more than twice as long.
    """
    options = [option for phrase in phrases for option in _options(phrase)]
    shared = "|".join(_parts(options))
    return shared if len(shared) <= _MOST_GROWTH * sum(map(len, options)) else "|".join(options)


def _parts(phrases: Iterable[str]) -> list[str]:
    """Return the alternatives of an expression that matches any of the phrases."""
    phrases = list(dict.fromkeys(phrases))
    if len(phrases) == 1:
        return phrases
    parts: list[str] = []
    heads: dict[str, list[str]] = {}  # what follows each first character, since the last phrase without one
    for phrase in phrases:
        options = _heads(phrase)
        if options is not None and all(character for character, _ in options):
            for character, rest in options:
                heads.setdefault(character, []).append(rest)
            continue
        parts += _of_heads(heads)
        heads = {}
        parts.append(phrase)
    return [*parts, *_of_heads(heads)]


def _of_heads(heads: dict[str, list[str]]) -> list[str]:
    return [head + _grouped(_parts(rests)) for head, rests in heads.items()]


def _grouped(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _heads(phrase: str) -> list[_Head] | None:
    """Return the ways in which a phrase begins, in the order of preference; None where they are not known."""
    if phrase.startswith("(?:") and _CAPTURING.search(phrase) is None:
        end = next((place for place, depth in _places(phrase) if depth == 0), len(phrase))
        return _of_options(_options(phrase[3 : end - 1]), phrase[end:])
    if match := _CLASS.match(phrase):
        return _of_options(list(match[1]), phrase[match.end() :])
    if phrase.startswith(_SPACES) and not phrase.startswith((*_REPEATED, "?"), len(_SPACES)):
        return [(_SPACES, phrase[len(_SPACES) :])]
    if _is_plain(phrase[:1]):
        return _of_options([phrase[0]], phrase[1:])
    return None if phrase else [("", "")]


def _of_options(options: list[str], after: str) -> list[_Head] | None:
    """Return the beginnings of a phrase whose first part is one of several."""
    if after.startswith(_REPEATED):
        return None
    if after.startswith("?"):
        options, after = [*options, ""], after[1:]
    heads: list[_Head] = []
    for option in options:
        further = [(option, after)] if _is_plain(option) else _heads(option + after)
        if further is None or len(heads) + len(further) > _MAX_HEADS:
            return None
        heads += further
    return heads


def _is_plain(text: str) -> bool:
    """Say whether an expression is one character that stands for itself alone, whether case counts or not."""
    return len(text) == 1 and text not in _SPECIAL and text == text.lower() and not text.isspace()


def _options(phrase: str) -> list[str]:
    """Return the alternatives of an expression."""
    cuts = [place for place, depth in _places(phrase) if depth == 0 and phrase[place - 1] == "|"]
    return [phrase[start : end - 1] for start, end in pairwise([0, *cuts, len(phrase) + 1])]


def _places(phrase: str) -> Iterator[tuple[int, int]]:
    """Yield where each part of an expression ends, and how many groups are open there."""
    depth = 0
    for part in _PART.finditer(phrase):
        depth += (part[0] == "(") - (part[0] == ")")
        yield part.end(), depth

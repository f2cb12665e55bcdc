"""Inflections of a word by the endings of its language: candidates, most of which do not exist. Pure.

`data/endings.toml` has the endings. Light on purpose: endings of nouns, adjectives and common verbs, no
derivation ("organise" does not lead to "organisation"). `warehouse.reading.inflections` keeps the candidates
that the index has. docs/decisions/inflections.md has the measurements.
"""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from warehouse.text.folding import fold

_FILE = Path(__file__).parent / "data" / "endings.toml"
_MIN_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Endings:
    """What a language's words may begin and end with; each set's members replace each other."""

    prefixes: tuple[tuple[str, ...], ...]
    endings: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]  # empty: a name is inflected as other words
    letters: int  # of a word without its ending, at least


@cache
def endings_by_language() -> dict[str, Endings]:
    """Return the endings by language (ISO 639-1)."""
    document = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return {
        language: Endings(
            prefixes=tuple(map(_set, table.get("prefixes", []))),
            endings=tuple(map(_set, table["endings"])),
            names=_set(table.get("names", "")),
            letters=table.get("letters", _MIN_LETTERS),
        )
        for language, table in document.items()
    }


def possible_forms(word: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return the word and what it may look like when inflected, all folded as the index folds."""
    term = fold(word).text
    known = endings_by_language()
    is_name = word[:1].isupper() and not word.isupper()
    forms = [term]
    for language in languages:
        if language in known:
            forms += _forms(term, known[language], is_name)
    return tuple(dict.fromkeys(forms))


def _forms(term: str, endings: Endings, is_name: bool) -> Iterator[str]:
    if is_name and endings.names:
        yield from (term + ending for ending in endings.names)
        return
    for bare in (term, *_without_prefix(term, endings)):
        for form in _inflected(bare, endings.endings, endings.letters):
            yield form
            yield from (prefix + form for prefixes in endings.prefixes for prefix in prefixes)


def _without_prefix(term: str, endings: Endings) -> Iterator[str]:
    for prefixes in endings.prefixes:
        for prefix in prefixes:
            if prefix and term.startswith(prefix) and len(term) - len(prefix) > endings.letters:
                yield term.removeprefix(prefix)


def _inflected(term: str, sets: Sequence[Sequence[str]], letters: int) -> Iterator[str]:
    yield term
    for endings in sets:
        for ending in endings:
            stem = term[: len(term) - len(ending)]
            if term.endswith(ending) and len(stem) >= letters:
                yield from (stem + other for other in endings)


def _set(line: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys("" if ending == "-" else fold(ending).text for ending in line.split()))

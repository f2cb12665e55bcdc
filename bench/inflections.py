"""How well `~word` finds the inflections of a word, and only these, beside Snowball stems and prefixes.

    python -m bench.inflections [--sample N]

The reference is the dictionaries of simplemma (forms and their lemmas), which wirehouse does not use. Its
words are the vocabulary. Lemmas are divided into two halves
by a hash: `tuned` was looked at while the endings were written, `held` was not. Recall (R): of the other
forms of a word's lemma, how many are found. Precision (P): of the other words that are found, how many belong
to the lemma. Names kept: of the capitalised words of a language where those are names, to how many no other
word of the vocabulary is added.
"""

import argparse
import random
import statistics
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from zlib import crc32

import snowballstemmer
from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

from warehouse.search.endings import endings_by_language, possible_forms
from warehouse.text.folding import fold

_STEMMERS = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese",
    "nl": "dutch", "sv": "swedish", "da": "danish", "no": "norwegian", "ru": "russian", "ro": "romanian",
    "pl": "polish", "cs": "czech", "el": "greek", "tr": "turkish", "fi": "finnish", "hu": "hungarian",
    "ar": "arabic",
}  # fmt: skip
_DICTIONARIES = {"no": "nb"}
_WITHOUT_DICTIONARY = {"ko"}
_LEFT_OUT = 3  # letters at the end of a word when a prefix is searched for instead
_FIRST = 3  # letters that all forms of a word share, for speed

Finder = Callable[[str], Iterable[str]]


def main() -> None:
    """Print recall and precision by language, for both halves of the words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=60, help="words of each half and language")
    arguments = parser.parse_args()
    print("language  half    words   endings R/P      Snowball R/P     prefix R/P       names kept")
    for language in endings_by_language():
        if language not in _WITHOUT_DICTIONARY:
            _print_language(language, arguments.sample)


def _print_language(language: str, n_words: int) -> None:
    lemmas = _lemmas(language)
    groups: dict[str, set[str]] = defaultdict(set)
    for form, its_lemmas in lemmas.items():
        for lemma in its_lemmas:
            groups[lemma].add(form)
    for half, wanted in (("tuned", 0), ("held", 1)):
        chosen = [g for lemma, g in groups.items() if len(g) > 1 and crc32(lemma.encode()) % 2 == wanted]
        forms = sorted({form for group in chosen for form in group})
        sample = random.Random(4).sample(forms, min(n_words, len(forms)))
        finders = _finders(language, lemmas, {word[:_FIRST] for word in sample})
        figures = [_measure(sample, finder, lemmas, groups) for finder in finders]
        columns = "   ".join(f"{recall:6.2f} {precision:6.2f}" for recall, precision in figures)
        print(
            f"{language:8}  {half:6} {len(sample):6}   {columns}   {_names_kept(language, lemmas)}",
            flush=True,
        )


def _lemmas(language: str) -> dict[str, set[str]]:
    """Return the folded forms of a language with their folded lemmas."""
    found: dict[str, set[str]] = defaultdict(set)
    for form, lemma in _dictionary(language).items():
        for word in (fold(form).text, fold(lemma).text):
            if word.isalpha() and len(word) >= _FIRST:
                found[word].add(fold(lemma).text)
    return found


@cache
def _dictionary(language: str) -> Mapping[str, str]:
    words: Mapping[str, str] = DefaultDictionaryFactory().get_dictionary(
        _DICTIONARIES.get(language, language)
    )
    return words


def _finders(language: str, lemmas: dict[str, set[str]], beginnings: set[str]) -> list[Finder]:
    """Return what finds the forms of a word: endings, Snowball stems, a prefix."""
    stems: dict[str, list[str]] = defaultdict(list)
    starts: dict[str, list[str]] = defaultdict(list)
    stem = snowballstemmer.stemmer(_STEMMERS[language]).stemWord if language in _STEMMERS else str
    for word in (word for word in lemmas if word[:_FIRST] in beginnings):
        stems[stem(word)].append(word)
        for length in range(3, len(word) + 1):
            starts[word[:length]].append(word)

    def endings(word: str) -> Iterable[str]:
        return [form for form in possible_forms(word, [language]) if form in lemmas]

    def prefix(word: str) -> Iterable[str]:
        return starts[word[: max(3, len(word) - _LEFT_OUT)]]

    return [endings, lambda word: stems[stem(word)], prefix]


def _measure(
    sample: list[str], finder: Finder, lemmas: dict[str, set[str]], groups: dict[str, set[str]]
) -> tuple[float, float]:
    """Return mean recall and mean precision over the words; a word without findings has no precision."""
    recalls, precisions = [], []
    for word in sample:
        expected = set().union(*(groups[lemma] for lemma in lemmas[word])) - {word}
        found = set(finder(word)) - {word}
        if expected:
            recalls.append(len(found & expected) / len(expected))
        if found:
            precisions.append(len(found & expected) / len(found))
    return statistics.mean(recalls or [0]), statistics.mean(precisions or [1])


def _names_kept(language: str, lemmas: dict[str, set[str]]) -> str:
    if not endings_by_language()[language].names:
        return "-"
    capitalised = (form for form in _dictionary(language) if form[:1].isupper() and form[1:].islower())
    names = sorted(name for name in capitalised if len(name) > 3)
    if len(names) < 50:
        return "-"
    kept = [name for name in names if not lemmas.keys() & set(possible_forms(name, [language])[1:])]
    return f"{len(kept) / len(names):.3f}"


if __name__ == "__main__":
    main()

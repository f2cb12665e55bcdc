"""The words of printed dates, read once from the data files of this package.

Each file in `data/` is one concept with an entry per language; `tokens`, `relative` and `zones` build
their tables from them. Words are separated by white space, an underscore stands for a space.
"""

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

_SAME_LETTER = str.maketrans(
    # Arabic and Persian keyboards write the same letter with different code points, or drop the hamza.
    {"ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ʼ": "'", "’": "'"}
    # Nuktas are often left out; soft hyphens, joiners and the Turkish dotted i leave marks inside a word.
    | dict.fromkeys(
        map(chr, (0x93C, 0x9BC, 0xAD, 0x200B, 0x200C, 0x200D, 0x307, 0x5F3, *range(0x64B, 0x653), 0x654)),
        None,
    )
)


@cache
def read_data(concept: str, *, package: str = "tasks.domain.dates") -> dict[str, Any]:
    """Return a file of the package's `data` folder, as TOML gives it."""
    text = files(package).joinpath("data", f"{concept}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def words_of(by_language: dict[str, str]) -> tuple[str, ...]:
    """Return the words of all languages of a table, as written, each once."""
    return tuple(dict.fromkeys(word for words in by_language.values() for word in words.split()))


def plain_words(by_language: dict[str, str]) -> frozenset[str]:
    """Return the words of all languages of a table as `plain_word` folds them."""
    return frozenset(map(plain_word, words_of(by_language)))


def plain_word(word: str) -> str:
    """Return a word as the tables hold it: case folded, composed, without marks that writers leave out."""
    return unicodedata.normalize("NFC", word).casefold().translate(_SAME_LETTER)


def without_accents(word: str) -> str:
    """Return the word as a keyboard without accents writes it: "fevrier", "Marz"."""
    parts = unicodedata.normalize("NFD", word)
    return "".join(part for part in parts if not "\u0300" <= part <= "\u036f")


@cache
def weekdays() -> frozenset[str]:
    """Return the weekday names, full and abbreviated, folded."""
    return plain_words(read_data("weekdays"))


@cache
def connectors() -> frozenset[str]:
    """Return the small words between the parts of a date ("of", "um", "в"), folded."""
    return plain_words(read_data("connectors"))


@cache
def published_labels() -> frozenset[str]:
    """Return the labels of a first publication ("Published"), folded."""
    return plain_words(read_data("labels")["published"])


@cache
def modified_labels() -> frozenset[str]:
    """Return the labels of a later change ("Updated"), folded."""
    return plain_words(read_data("labels")["modified"])


@cache
def date_nouns() -> frozenset[str]:
    """Return the words for "date", which say nothing of their own behind another label, folded."""
    return plain_words(read_data("labels")["date"])


@cache
def as_of_labels() -> frozenset[str]:
    """Return the labels of the state that a text is of ("Stand"), folded; all are published labels, too."""
    return plain_words(read_data("labels")["as_of"])


@cache
def other_labels() -> frozenset[str]:
    """Return the labels of days that are neither ("Valid until"), folded."""
    return plain_words(read_data("labels")["other"])


@cache
def until_words() -> frozenset[str]:
    """Return the words that stand directly before the last day of something ("until"), folded."""
    return plain_words(read_data("labels")["until"])


@cache
def month_table() -> dict[str, dict[str, int]]:
    """Return each form of a month name with the month that it means in each language that has it."""
    table: dict[str, dict[str, int]] = {}
    for language, names in read_data("months")["gregorian"].items():
        for form, month in _month_forms(names):
            table.setdefault(form, {}).setdefault(language, month)
            if language == "he":  # "in January" is one word
                table.setdefault("ב" + form, {}).setdefault(language, month)
    for form, meanings in list(table.items()):
        bare = without_accents(form).replace("ı", "i")  # "MAYIS" in small letters of another language
        if bare not in table and (bare.isascii() or "α" <= bare[0] <= "ω"):
            table[bare] = meanings
    return table


@cache
def jalali_table() -> dict[str, int]:
    """Return the month names of the Solar Hijri calendar with their number."""
    return dict(_month_forms(read_data("months")["jalali"]["fa"]))


def _month_forms(names: str) -> list[tuple[str, int]]:
    """Return (form, month) for one language's twelve groups, which commas divide."""
    return [
        (plain_word(form).replace("_", " "), month)
        for month, group in enumerate(names.split(","), 1)
        for form in group.split()
    ]

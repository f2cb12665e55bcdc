"""Vocabulary files: phrases by concept and language, TOML in the `data` folder of the package that uses them.

A phrase is a regular expression in which a space stands for any white space. Read once, at import.
"""

import tomllib
from importlib.resources import files

from tasks.domain.text.alternation import alternation


def read_phrases(package: str, concept: str) -> dict[str, tuple[str, ...]]:
    """Return the phrases of a concept by language, as regular expressions; `package` is a dotted name."""
    text = files(package).joinpath("data", f"{concept}.toml").read_text(encoding="utf-8")
    return {
        language: tuple(phrase.replace(" ", r"\s+") for phrase in phrases)
        for language, phrases in tomllib.loads(text).items()
    }


def alternatives(package: str, concept: str) -> str:
    """Return one expression that matches any phrase of a concept, in any language; it is not grouped."""
    return alternation(phrase for phrases in read_phrases(package, concept).values() for phrase in phrases)


def read_words(package: str, concept: str) -> frozenset[str]:
    """Return the words of a concept in all languages, as they are written."""
    text = files(package).joinpath("data", f"{concept}.toml").read_text(encoding="utf-8")
    return frozenset(word for words in tomllib.loads(text).values() for word in words)

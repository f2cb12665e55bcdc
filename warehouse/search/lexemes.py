"""Divide a question into words, phrases, fields, operators and parentheses, each with its position. Pure.

Called by `grammar`. Characters that have a meaning in other search languages and none in this one are errors,
so that a question is never read as another one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from warehouse.search.parts import FIELDS, FORMS_MARK, Part, QuestionError

NEAR = re.compile(r"NEAR(?:/(.*))?", re.DOTALL)

_OPERATORS = frozenset({"OR", "AND", "NOT"})
_FIELD = re.compile(r"([A-Za-z]+):")
_CURLY = "“”„‟«»＂"  # quotation marks as keyboards and text programs write them
_WORD = re.compile(rf'[^\s()"{_CURLY}]+')
_PHRASE = re.compile(rf'"([^"]*)"|[{_CURLY}]([^{_CURLY}"]*)[{_CURLY}"]')
_RESERVED = re.compile(r"[|~^\[\]{}\\]|\?(?=\w)")
_HINTS = {
    **dict.fromkeys(("|", "||"), "write OR"),
    **dict.fromkeys(("&", "&&", "+"), "write AND, or nothing"),
    **dict.fromkeys(("-", "!"), "to exclude a word write -word or NOT word; else leave it out"),
    "~": "~ is supported before a single word only",
    "*": "* is supported at the end of a word only",
}
_WRONG_MINUS = ("!", "\N{EN DASH}", "\N{EM DASH}", "\N{MINUS SIGN}")


class LexemeKind(Enum):
    """What a piece of a question is."""

    PART = "part"
    OPEN = "("
    CLOSE = ")"
    OPERATOR = "operator"
    NEAR = "near"
    END = "end"


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A piece of a question."""

    kind: LexemeKind
    text: str
    position: int  # from 1
    part: Part | None = None
    is_excluded: bool = False  # a minus sign stands before it


def read_lexemes(text: str) -> Iterator[Lexeme]:
    """Yield the pieces of a question; the last is its end. Raises QuestionError."""
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        start = place
        is_excluded = text[place] == "-" and place + 1 < len(text) and not text[place + 1].isspace()
        place += is_excluded
        character = text[place]
        if character in "()":
            kind = LexemeKind.OPEN if character == "(" else LexemeKind.CLOSE
            place += 1
            yield Lexeme(kind, character, start + 1, is_excluded=is_excluded)
            continue
        lexeme, place = _part_or_operator(text, place, start, is_excluded)
        yield lexeme
    yield Lexeme(LexemeKind.END, "", len(text) + 1)


def _part_or_operator(text: str, place: int, start: int, is_excluded: bool) -> tuple[Lexeme, int]:
    field_name, value_place = _read_field(text, place)
    value, end = _read_value(text, value_place)
    if field_name is None and not is_excluded:
        if value in _OPERATORS:
            return Lexeme(LexemeKind.OPERATOR, value, start + 1), end
        if NEAR.fullmatch(value):
            return Lexeme(LexemeKind.NEAR, value, start + 1), end
    if field_name in ("before", "after"):
        _check_day(value, value_place + 1)
    else:
        _check_words(field_name, value, value_place + 1)
    part = Part(value, field_name, is_excluded)
    return Lexeme(LexemeKind.PART, value, start + 1, part), end


def _read_field(text: str, place: int) -> tuple[str | None, int]:
    match = _FIELD.match(text, place)
    if match is None:
        return None, place
    name = match[1].lower()
    if name in ("http", "https"):
        reason = (
            "to find the article of a URL search for the whole URL and nothing else; for its words put it in"
            " quotation marks"
        )
        raise QuestionError(reason, place + 1)
    if name not in FIELDS:
        raise QuestionError(
            f"{match[1]!r} is not a field (expected {', '.join(FIELDS)}); for the words themselves put them"
            " in quotation marks",
            place + 1,
        )
    return name, match.end()


def _read_value(text: str, place: int) -> tuple[str, int]:
    if text.startswith(('"', *_CURLY), place):
        phrase = _PHRASE.match(text, place)
        if phrase is None:
            raise QuestionError("the quotation mark is not closed", place + 1)
        return f'"{phrase[1] or phrase[2] or ""}"', phrase.end()
    word = _WORD.match(text, place)
    if word is None and text.startswith("(", place):
        raise QuestionError("a field takes one word or phrase; write (title:a OR title:b)", place + 1)
    if word is None:
        raise QuestionError("a value is missing after the colon", place + 1)
    return word[0], word.end()


def _check_day(value: str, position: int) -> None:
    try:
        date.fromisoformat(value)
    except ValueError as error:
        raise QuestionError(f"{value!r} is not a date (expected YYYY-MM-DD)", position) from error


def _check_words(field_name: str | None, value: str, position: int) -> None:
    if not any(character.isalnum() for character in value):
        hint = _HINTS.get(value, "leave it out, or put it with its neighbours in quotation marks")
        raise QuestionError(f"{value!r} has no letter or digit; {hint}", position)
    if not value.startswith('"'):
        _check_characters(field_name, value, position)
    star = value.find("*")
    if 0 <= star < len(value.rstrip('"')) - 1:
        raise QuestionError("* is supported at the end of a word only", position + star)


def _check_characters(field_name: str | None, value: str, position: int) -> None:
    if value.startswith(_WRONG_MINUS):
        raise QuestionError(f"{value[0]!r} excludes nothing; write -word or NOT word", position)
    is_inflected = value.startswith(FORMS_MARK) and field_name in (None, "title")
    if is_inflected and not value[1:].isalpha():
        raise QuestionError(f"{FORMS_MARK} is supported before a single word only", position)
    reserved = _RESERVED.search(value, 1 if is_inflected else 0)
    if reserved:
        hint = "write OR" if reserved[0] == "|" else "put the words in quotation marks"
        raise QuestionError(f"{reserved[0]!r} is not supported; {hint}", position + reserved.start())

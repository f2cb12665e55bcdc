"""The grammar of questions: words, phrases, OR, parentheses, NOT, fields and days. Pure.

    question    = alternative { "OR" alternative }
    alternative = { ["NOT" | "-"] part }, at least one
    part        = "(" question ")" | [ field ":" ] ( word | prefix* | "a phrase" )
    field       = title | author | source | lang | before | after

Parts side by side are all required. A question that cannot be answered is an error with the position of
what is wrong; it is never read as another question. `parse_question` returns the question as alternatives
(disjunctive normal form), which is what the index answers one by one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

MAX_ALTERNATIVES = 8  # each costs a pass over the index
MAX_PARTS = 40
MAX_DEPTH = 20
FIELDS = ("title", "author", "source", "lang", "before", "after")

_OPERATORS = frozenset({"OR", "AND", "NOT"})
_FIELD = re.compile(r"([A-Za-z]+):")
_WORD = re.compile(r'[^\s()"]+')
_PHRASE = re.compile(r'"[^"]*"')


class QuestionError(ValueError):
    """A question that cannot be answered; `position` is where, in characters from 1."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (position {position})")
        self.position = position


@dataclass(frozen=True, slots=True)
class Part:
    """A word, phrase or prefix, or a condition on a field."""

    text: str  # as the index takes it, with quotation marks or star; of before and after a day
    field: str | None  # None: title and text
    is_excluded: bool = False


@dataclass(frozen=True, slots=True)
class Alternative:
    """Parts that are all required."""

    parts: tuple[Part, ...]

    @property
    def fields(self) -> tuple[Part, ...]:
        """Return the parts that are conditions on fields."""
        return tuple(part for part in self.parts if part.field)

    @property
    def index_question(self) -> str:
        """Return what the index is asked; empty when only fields are asked for.

        Words that the title must have stand in it, too: the index covers titles.
        """
        asked = [
            part for part in self.parts if not part.field or (part.field == "title" and not part.is_excluded)
        ]
        return " ".join(("-" if part.is_excluded else "") + part.text for part in asked)


class _Kind(Enum):
    PART = "part"
    OPEN = "("
    CLOSE = ")"
    OPERATOR = "operator"
    END = "end"


@dataclass(frozen=True, slots=True)
class _Lexeme:
    kind: _Kind
    text: str
    position: int  # from 1
    part: Part | None = None
    is_excluded: bool = False  # a minus sign stands before it


def parse_question(text: str) -> tuple[Alternative, ...]:
    """Return the alternatives of a question, of which one must fit. Raises QuestionError."""
    tokens = list(_tokens(text))
    if len(tokens) > MAX_PARTS * 3:
        raise QuestionError(f"the question has more than {MAX_PARTS} parts", 1)
    alternatives = tuple(Alternative(parts) for parts in _Parser(tokens).parse())
    for alternative in alternatives:
        _check_alternative(alternative)
    return alternatives


def _check_alternative(alternative: Alternative) -> None:
    if len(alternative.parts) > MAX_PARTS:
        raise QuestionError(f"the question has more than {MAX_PARTS} parts", 1)
    words = [part for part in alternative.parts if not part.field]
    if words and all(part.is_excluded for part in words) and not _has_title(alternative):
        raise QuestionError("every word is excluded: add one that must occur", 1)


def _has_title(alternative: Alternative) -> bool:
    return any(part.field == "title" and not part.is_excluded for part in alternative.parts)


def marked_words(alternatives: Sequence[Alternative]) -> str:
    """Return the words to mark in what was found, as `warehouse.text.marks` takes them."""
    marked = [
        part.text
        for alternative in alternatives
        for part in alternative.parts
        if part.field in (None, "title") and not part.is_excluded
    ]
    return " ".join(dict.fromkeys(marked))


class _Parser:
    """Recursive descent over the tokens; each level returns alternatives as tuples of parts."""

    def __init__(self, tokens: Sequence[_Lexeme]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def parse(self) -> list[tuple[Part, ...]]:
        """Return the alternatives of the whole question."""
        alternatives = self._question()
        if self._token.kind is _Kind.CLOSE:
            raise QuestionError("')' without '('", self._token.position)
        return alternatives

    @property
    def _token(self) -> _Lexeme:
        return self._tokens[self._next]

    def _take(self) -> _Lexeme:
        token = self._token
        self._next += 1
        return token

    def _question(self) -> list[tuple[Part, ...]]:
        alternatives = self._alternative()
        while self._token.text == "OR" and self._token.kind is _Kind.OPERATOR:
            position = self._take().position
            alternatives = alternatives + self._alternative()
            _check_size(alternatives, position)
        return alternatives

    def _alternative(self) -> list[tuple[Part, ...]]:
        found = self._factor()
        while self._token.kind in (_Kind.PART, _Kind.OPEN) or self._token.text in ("AND", "NOT"):
            position = self._token.position
            if self._token.text == "AND" and self._token.kind is _Kind.OPERATOR:
                self._take()
            right = self._factor()
            found = [(*a, *b) for a in found for b in right]
            _check_size(found, position)
        return found

    def _factor(self) -> list[tuple[Part, ...]]:
        token = self._take()
        if token.kind is _Kind.OPERATOR and token.text == "NOT":
            return _negated(self._factor(), token.position)
        if token.kind is _Kind.OPEN:
            inner = self._group(token)
            return _negated(inner, token.position) if token.is_excluded else inner
        if token.kind is _Kind.PART:
            assert token.part is not None
            return [(token.part,)]
        raise QuestionError(_unexpected(token), token.position)

    def _group(self, opening: _Lexeme) -> list[tuple[Part, ...]]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QuestionError(f"more than {MAX_DEPTH} parentheses inside each other", opening.position)
        inner = self._question()
        if self._token.kind is not _Kind.CLOSE:
            raise QuestionError("'(' is not closed", opening.position)
        self._take()
        self._depth -= 1
        return inner


def _unexpected(token: _Lexeme) -> str:
    if token.kind is _Kind.END:
        return "a word is missing at the end" if token.position > 1 else "the question is empty"
    return f"a word is missing before {token.text!r}"


def _check_size(alternatives: Sequence[object], position: int) -> None:
    if len(alternatives) > MAX_ALTERNATIVES:
        raise QuestionError(f"the question has more than {MAX_ALTERNATIVES} alternatives", position)


def _negated(alternatives: list[tuple[Part, ...]], position: int) -> list[tuple[Part, ...]]:
    """Return the opposite (De Morgan): of each alternative one part must not fit."""
    combined: list[tuple[Part, ...]] = [()]
    for parts in alternatives:
        combined = [
            (*before, replace(part, is_excluded=not part.is_excluded))
            for before in combined
            for part in parts
        ]
        _check_size(combined, position)
    return combined


def _tokens(text: str) -> Iterator[_Lexeme]:
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
            kind = _Kind.OPEN if character == "(" else _Kind.CLOSE
            place += 1
            yield _Lexeme(kind, character, start + 1, is_excluded=is_excluded)
            continue
        token, place = _part_or_operator(text, place, start, is_excluded)
        yield token
    yield _Lexeme(_Kind.END, "", len(text) + 1)


def _part_or_operator(text: str, place: int, start: int, is_excluded: bool) -> tuple[_Lexeme, int]:
    field_name, value_place = _read_field(text, place)
    value, end = _read_value(text, value_place)
    if field_name is None and value in _OPERATORS and not is_excluded:
        return _Lexeme(_Kind.OPERATOR, value, start + 1), end
    _check_value(field_name, value, value_place + 1)
    part = Part(value, field_name, is_excluded)
    return _Lexeme(_Kind.PART, value, start + 1, part), end


def _read_field(text: str, place: int) -> tuple[str | None, int]:
    match = _FIELD.match(text, place)
    if match is None:
        return None, place
    name = match[1].lower()
    if name not in FIELDS:
        raise QuestionError(
            f"{match[1]!r} is not a field (expected {', '.join(FIELDS)}); for the words themselves put them"
            " in quotation marks",
            place + 1,
        )
    return name, match.end()


def _read_value(text: str, place: int) -> tuple[str, int]:
    if place < len(text) and text[place] == '"':
        phrase = _PHRASE.match(text, place)
        if phrase is None:
            raise QuestionError("the quotation mark is not closed", place + 1)
        return phrase[0], phrase.end()
    word = _WORD.match(text, place)
    if word is None:
        raise QuestionError("a value is missing after the colon", place + 1)
    return word[0], word.end()


def _check_value(field_name: str | None, value: str, position: int) -> None:
    if field_name in ("before", "after"):
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise QuestionError(f"{value!r} is not a date (expected YYYY-MM-DD)", position) from error
        return
    if re.fullmatch(r"NEAR(/\d+)?", value):
        raise QuestionError("NEAR is not supported; use a phrase in quotation marks", position)
    if value.startswith("~"):
        raise QuestionError("~ (inflections) is not supported; use a prefix such as elect*", position)
    if not any(character.isalnum() for character in value):
        raise QuestionError(f"{value!r} has no letter or digit", position)
    star = value.find("*")
    if 0 <= star < len(value.rstrip('"')) - 1:
        raise QuestionError("* is supported at the end of a word only", position + star)

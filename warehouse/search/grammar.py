"""The grammar of questions: words, phrases, NEAR, OR, parentheses, NOT, fields and days. Pure.

    question    = alternative { "OR" alternative }
    alternative = { ["NOT" | "-"] near }, at least one
    near        = part [ ( "NEAR" | "NEAR/n" ) part ]
    part        = "(" question ")" | [ field ":" ] ( word | ~word | prefix* | "a phrase" )
    field       = title | author | source | lang | before | after

Parts side by side are all required. NEAR/n requires its two parts within n words of each other, in either
order, both in the title or both in the text. A question that cannot be answered is an error with the position
of what is wrong; it is never read as another question. `parse_question` returns the question as alternatives
(disjunctive normal form), which is what the index answers one by one.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from warehouse.search.lexemes import NEAR, Lexeme, LexemeKind, read_lexemes
from warehouse.search.parts import (
    FORMS_MARK,
    Alternative,
    Inflection,
    Neighbour,
    Part,
    QuestionError,
)

MAX_ALTERNATIVES = 8  # each costs a pass over the index
MAX_PARTS = 40
MAX_DEPTH = 20
NEAR_DISTANCE = 10  # of NEAR without a number
MAX_DISTANCE = 100


def parse_question(text: str) -> tuple[Alternative, ...]:
    """Return the alternatives of a question, of which one must fit. Raises QuestionError."""
    tokens = list(read_lexemes(text))
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
    if words and not any(_is_required(part) for part in alternative.parts):
        raise QuestionError("every word is excluded: add one that must occur", 1)


def _is_required(part: Part) -> bool:
    """Say whether a part names words that must occur."""
    return not part.is_excluded and bool(part.index_words)


def inflected_words(alternatives: Sequence[Alternative]) -> tuple[str, ...]:
    """Return the words whose inflections are searched for, too."""
    parts = [part for alternative in alternatives for part in alternative.parts]
    return tuple(dict.fromkeys(word for part in parts for word in part.inflected_words))


def named_sources(alternatives: Sequence[Alternative]) -> tuple[str, ...]:
    """Return the values of the conditions on `source`, in lower case as sources are named."""
    parts = [part for alternative in alternatives for part in alternative.parts]
    return tuple(dict.fromkeys(part.text.lower() for part in parts if part.field == "source"))


def with_forms(
    alternatives: Sequence[Alternative], inflections: Sequence[Inflection]
) -> tuple[Alternative, ...]:
    """Return the alternatives with each ~word as ~forms|of|the|word, which the index takes.

    A word with a single form is a word as any other.
    """
    forms = {
        FORMS_MARK + found.word: FORMS_MARK + "|".join(found.forms) if len(found.forms) > 1 else found.word
        for found in inflections
    }
    return tuple(Alternative(tuple(part.with_forms(forms) for part in a.parts)) for a in alternatives)


def marked_words(alternatives: Sequence[Alternative]) -> str:
    """Return the words to mark in what was found, as `warehouse.text.marks` takes them."""
    marked = [
        word
        for alternative in alternatives
        for part in alternative.parts
        if not part.is_excluded
        for word in part.index_words
    ]
    return " ".join(dict.fromkeys(marked))


class _Parser:
    """Recursive descent over the tokens; each level returns alternatives as tuples of parts."""

    def __init__(self, tokens: Sequence[Lexeme]) -> None:
        self._tokens = tokens
        self._next = 0
        self._depth = 0

    def parse(self) -> list[tuple[Part, ...]]:
        """Return the alternatives of the whole question."""
        alternatives = self._question()
        if self._token.kind is LexemeKind.CLOSE:
            raise QuestionError("')' without '('", self._token.position)
        return alternatives

    @property
    def _token(self) -> Lexeme:
        return self._tokens[self._next]

    def _take(self) -> Lexeme:
        token = self._token
        self._next += 1
        return token

    def _question(self) -> list[tuple[Part, ...]]:
        alternatives = self._alternative()
        while self._token.text == "OR" and self._token.kind is LexemeKind.OPERATOR:
            position = self._take().position
            alternatives = alternatives + self._alternative()
            _check_size(alternatives, position)
        return alternatives

    def _alternative(self) -> list[tuple[Part, ...]]:
        found = self._near()
        while self._token.kind in (LexemeKind.PART, LexemeKind.OPEN) or self._token.text in ("AND", "NOT"):
            position = self._token.position
            if self._token.text == "AND" and self._token.kind is LexemeKind.OPERATOR:
                self._take()
            right = self._near()
            found = [(*a, *b) for a in found for b in right]
            _check_size(found, position)
        return found

    def _near(self) -> list[tuple[Part, ...]]:
        found = self._factor()
        operator = self._token
        if operator.kind is not LexemeKind.NEAR:
            return found
        self._take()
        distance = _distance(operator)
        right = self._factor()
        if self._token.kind is LexemeKind.NEAR:
            reason = "NEAR stands between two words or phrases; write a third one as another NEAR"
            raise QuestionError(reason, self._token.position)
        pairs = [_pair(a, b, distance, operator.position) for a in found for b in right]
        _check_size(pairs, operator.position)
        return pairs

    def _factor(self) -> list[tuple[Part, ...]]:
        token = self._take()
        if token.kind is LexemeKind.OPERATOR and token.text == "NOT":
            return _negated(self._near(), token.position)
        if token.kind is LexemeKind.OPEN:
            inner = self._group(token)
            return _negated(inner, token.position) if token.is_excluded else inner
        if token.kind is LexemeKind.PART:
            assert token.part is not None
            return [(token.part,)]
        raise QuestionError(_unexpected(token), token.position)

    def _group(self, opening: Lexeme) -> list[tuple[Part, ...]]:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise QuestionError(f"more than {MAX_DEPTH} parentheses inside each other", opening.position)
        inner = self._question()
        if self._token.kind is not LexemeKind.CLOSE:
            raise QuestionError("'(' is not closed", opening.position)
        self._take()
        self._depth -= 1
        return inner


def _unexpected(token: Lexeme) -> str:
    if token.kind is LexemeKind.END:
        return "a word is missing at the end" if token.position > 1 else "the question is empty"
    return f"a word is missing before {token.text!r}"


def _check_size(alternatives: Sequence[object], position: int) -> None:
    if len(alternatives) > MAX_ALTERNATIVES:
        raise QuestionError(f"the question has more than {MAX_ALTERNATIVES} alternatives", position)


def _distance(operator: Lexeme) -> int:
    match = NEAR.fullmatch(operator.text)
    assert match is not None
    if match[1] is None:
        return NEAR_DISTANCE
    if not re.fullmatch("[0-9]{1,3}", match[1]) or not 1 <= int(match[1]) <= MAX_DISTANCE:
        reason = f"{operator.text!r} has no distance (expected NEAR/1 to NEAR/{MAX_DISTANCE})"
        raise QuestionError(reason, operator.position)
    return int(match[1])


def _pair(left: tuple[Part, ...], right: tuple[Part, ...], distance: int, position: int) -> tuple[Part, ...]:
    """Return two parts as one: both, near each other."""
    parts = (*left, *right)
    if len(parts) != 2 or any(part.is_condition or part.is_excluded for part in parts):
        raise QuestionError("NEAR stands between two words or phrases, or alternatives of them", position)
    return (replace(left[0], near=Neighbour(right[0].text, distance)),)


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

"""Mark the words of a question in a text: what a reader sees highlighted in results, alerts and feeds.

Pure. Words match by the index's rules (`folding`): whole words, a prefix*, runs of scripts that
write no spaces by substring, a "phrase" as its words in sequence, ~forms|of|a|word each.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from warehouse.text.folding import FoldedText, fold

_PART = re.compile(r'-?"[^"]*"?|[^\s"]+')
_RUN_NAMES = ("CJK UNIFIED", "CJK COMPATIBILITY IDEOGRAPH", "HIRAGANA", "KATAKANA", "IDEOGRAPHIC",
              "THAI", "LAO", "KHMER", "MYANMAR")  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarkedPart:
    """A piece of a text; the pieces in sequence are the text."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    start: int  # in the folded text
    end: int
    is_run: bool  # of a script without spaces


@dataclass(frozen=True, slots=True)
class _Sequence:
    """Words of a question that stand side by side; a single word is a sequence of one."""

    tokens: tuple[_Token, ...]
    is_prefix: bool


def mark(text: str, question: str) -> list[MarkedPart]:
    """Return the text in pieces, those that answer the question marked."""
    folded = fold(text)
    spans = _merge(sorted(_find_spans(folded, _sequences(question))))
    parts: list[MarkedPart] = []
    end = 0
    for span_start, span_end in spans:
        start, stop = folded.positions[span_start], folded.positions[span_end]
        parts += [MarkedPart(text[end:start], False), MarkedPart(text[start:stop], True)]
        end = stop
    return [part for part in [*parts, MarkedPart(text[end:], False)] if part.text]


@lru_cache(maxsize=256)  # a question is asked of many texts
def _sequences(question: str) -> tuple[_Sequence, ...]:
    sequences = []
    for part in _PART.findall(question):
        if part.startswith("-") and len(part) > 1:
            continue
        word = part.rpartition(":")[2] if re.match(r"[a-z]+:", part) else part
        for form in word[1:].split("|") if word.startswith("~") else [word]:
            tokens = tuple(_tokens(fold(form).text))
            if tokens:
                sequences.append(_Sequence(tokens, re.search(r'[^*"]\*"?$', part) is not None))
    return tuple(sequences)


def _find_spans(folded: FoldedText, sequences: Sequence[_Sequence]) -> Iterator[tuple[int, int]]:
    present = [s for s in sequences if all(token.word in folded.text for token in s.tokens)]
    tokens = list(_tokens(folded.text)) if present else []
    for sequence in present:
        first = sequence.tokens[0]
        if len(sequence.tokens) == 1 and first.is_run:
            yield from ((m.start(), m.end()) for m in re.finditer(re.escape(first.word), folded.text))
            continue
        n = len(sequence.tokens)
        for i in range(len(tokens) - n + 1):
            if _matches(tokens[i : i + n], sequence):
                yield tokens[i].start, tokens[i + n - 1].end


def _matches(tokens: Sequence[_Token], sequence: _Sequence) -> bool:
    *body, last = sequence.tokens
    if any(token.word != wanted.word for token, wanted in zip(tokens, body, strict=False)):
        return False
    word = tokens[-1].word
    return word.startswith(last.word) if sequence.is_prefix or last.is_run else word == last.word


def _merge(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _tokens(folded: str) -> Iterator[_Token]:
    start, kind = 0, ""
    for i, character in enumerate(folded):
        character_kind = _kind(character)
        if character_kind != kind:
            if kind:
                yield _Token(folded[start:i], start, i, kind == "run")
            start, kind = i, character_kind
    if kind:
        yield _Token(folded[start:], start, len(folded), kind == "run")


@lru_cache(maxsize=8_192)
def _kind(character: str) -> str:
    """Return "word" or "run" for characters that are indexed, "" for others."""
    if character == "ー" or (unicodedata.name(character, "").startswith(_RUN_NAMES)):
        return "run" if unicodedata.category(character)[0] in "LMN" else ""
    category = unicodedata.category(character)
    return "word" if category[0] in "LN" or category == "Mn" else ""

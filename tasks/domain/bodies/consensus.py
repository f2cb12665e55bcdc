"""Which of several readings of a page is its text: the one that agrees most with the others.

Asked only where the usual reading is doubtful. Readings are compared by the page's paragraphs that they
hold, as the page shows them before pruning; so neither class names nor one extractor's habits decide.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from tasks.domain.bodies.line_kinds import is_prose
from tasks.domain.pages.lines import TextLine
from tasks.domain.text.normalise import comparison_key, squeeze
from tasks.domain.text.patterns import WALL_TEXT

_KEY = 60  # characters by which a paragraph is found in a reading
_MARGIN = 0.15  # of agreement by which another reading must be ahead of the usual one
_TIE = 0.02
_MAX_SEARCHES = 400  # in the whole text; more take quadratic time
_CONTINUED = 0.9  # of a reading's paragraphs, in one that continues it
_OWN = 0.7  # of the paragraphs that the usual reading holds
# Of the paragraphs that two readings agree on: a third one with no more cannot tip the balance. A fourth that
# holds all of both is ahead by at most 2/(2 + _FEW) + 2/(1/_FEW + 2) - 1 = .141, less than the margin.
_FEW = 0.125
_LONGER = 1.5  # times the usual reading: of two that agree equally well, the longer one


@dataclass(frozen=True, slots=True)
class ShownProse:
    """The paragraphs that a page shows: length in characters by their first characters."""

    lengths: dict[str, int]

    @property
    def length(self) -> int:
        """How many characters the paragraphs hold."""
        return sum(self.lengths.values())

    def held_by(self, text: str) -> frozenset[str]:
        """Return the keys of the paragraphs that a reading holds."""
        parts = [squeeze(part) for line in text.split("\n") for part in line.removeprefix("- ").split("|")]
        starts = {part[:_KEY] for part in parts}
        held = {key for key in self.lengths if key in starts}
        others = [key for key in self.lengths if key not in held]
        if len(others) <= _MAX_SEARCHES:  # some start within a line: a reading joins what `br` separates
            joined = " ".join(parts)
            held.update(key for key in others if key in joined)
        return frozenset(held)

    def length_of(self, keys: Iterable[str]) -> int:
        """Return how many characters these paragraphs hold."""
        return sum(self.lengths[key] for key in keys)

    def continues(self, longer: str, text: str) -> bool:
        """Say whether a reading holds another one's paragraphs and at least half as many again."""
        held, kept = self.held_by(text), self.held_by(longer)
        length = self.length_of(held)
        is_whole = self.length_of(held & kept) >= _CONTINUED * length
        return is_whole and self.length_of(kept) > _LONGER * length

    def without_walls(self, lines: Iterable[TextLine]) -> "ShownProse":
        """Return the paragraphs without the sentences of a consent wall; `lines` are the page's."""
        keys = {
            line.text[:_KEY]
            for line in lines
            if line.text[:_KEY] in self.lengths and WALL_TEXT.search(line.text)
        }
        return ShownProse({key: length for key, length in self.lengths.items() if key not in keys})


def read_shown_prose(
    lines: Sequence[TextLine], titles: Iterable[str], text: str, teasers: Container[str] = ()
) -> ShownProse:
    """Return the paragraphs among a page's lines; links, labels, notices and `teasers` are none.

    Paragraphs below the h1 of a next article do not count, unless `text` holds them: some pages use h1
    for the headings inside an article.
    """
    prose = _prose(lines, teasers)
    end = _next_article(lines, titles)
    if end == len(lines):
        return prose
    own = _prose(lines[:end], teasers)
    is_own = own.length_of(own.held_by(text)) >= _OWN * prose.length_of(prose.held_by(text))
    return own if is_own else prose


def _prose(lines: Sequence[TextLine], teasers: Container[str]) -> ShownProse:
    texts = (line.text for line in lines if is_prose(line) and line.text not in teasers)
    return ShownProse({text[:_KEY]: len(text) for text in texts})


def _next_article(lines: Sequence[TextLine], titles: Iterable[str]) -> int:
    """Return the place of the first h1 below the one that shows a title; the number of lines without one."""
    keys = set(map(comparison_key, titles))
    heads = [place for place, line in enumerate(lines) if line.tag == "h1" and not line.is_linked]
    own = next((place for place in heads if comparison_key(lines[place].text) in keys), len(lines))
    return next((place for place in heads if place > own), len(lines))


def choose_reading(usual: str, others: Sequence[str], prose: ShownProse) -> str:
    """Return the reading that agrees most with the others; the usual one where none is clearly ahead.

    Agreement of two readings is the Dice coefficient of their paragraphs' lengths, 0 to 1.
    """
    readings = [usual, *others]
    held = [prose.held_by(text) for text in readings]
    agreement = [
        sum(_likeness(keys, other, prose) for j, other in enumerate(held) if i != j)
        for i, keys in enumerate(held)
    ]
    best = max(agreement)
    if best > agreement[0] + _MARGIN:
        return next(text for text, value in zip(readings, agreement, strict=True) if value >= best - _TIE)
    agreed = [i for i, value in enumerate(agreement) if value >= agreement[0] - _TIE]
    longest = max(agreed, key=lambda i: prose.length_of(held[i]))
    is_longer = prose.length_of(held[longest]) > _LONGER * prose.length_of(held[0])
    return readings[longest] if is_longer else usual


def is_settled(usual: str, others: Sequence[str], prose: ShownProse) -> bool:
    """Say whether `choose_reading` returns the usual reading whatever one more reading would hold.

    `others` are two readings. It does where one holds just the paragraphs of the usual one, and the other
    holds the same or very few.
    """
    own, one, two = (prose.held_by(text) for text in (usual, *others))
    return bool(own) and any(
        same == own and (third == own or prose.length_of(third) <= _FEW * prose.length_of(own))
        for same, third in ((one, two), (two, one))
    )


def _likeness(one: frozenset[str], two: frozenset[str], prose: ShownProse) -> float:
    total = prose.length_of(one) + prose.length_of(two)
    return 2 * prose.length_of(one & two) / total if total else 0.0

"""One text against many -> which pairs could be linked at all; before `compare` looks at them one by one.

Reports from one template share thousands of phrases, so each is a candidate for all others, and the full
comparison of a pair takes a quarter of a millisecond. A pair costs a hundredth of that here: common elements
are counted by 16 bits of each hash, which never counts too few, and the counts give an upper bound of the
rule's measures. A pair below the rule's thresholds is dropped. A pure function of two texts; no link is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.domain.duplicates.compare import NEAR_EVIDENCE
from tasks.domain.duplicates.fingerprint import Bits, Fingerprint
from tasks.domain.duplicates.measures import (
    LEAST_SIMILARITY,
    PART_CONTAINMENT,
    PART_LENGTH,
    PREFIX_MORE,
    PREFIX_RATIO,
)

Numbers = npt.NDArray[np.float64]  # one a pair
Rows = npt.NDArray[np.int64]  # of a crowd
Mask = npt.NDArray[np.bool_]

_ROUNDING = 1e-9  # sums are worked out in another order than the measures


class Crowd:
    """Many texts as arrays, for comparing one text with all of them at once."""

    def __init__(self, texts: Sequence[Fingerprint]) -> None:
        outlines = [text.outline for text in texts]
        self.sizes: Numbers = np.array([outline.sizes for outline in outlines], dtype=np.float64)
        self.sha256 = np.array([text.content_sha256.encode() for text in texts])
        self.is_short = np.array([text.is_short for text in texts])
        self.is_spaceless = np.array([text.is_spaceless for text in texts])
        self.shingles = _Sets([outline.shingles for outline in outlines])
        self.tokens = _Sets([outline.tokens for outline in outlines])
        self.names = _Sets([outline.names for outline in outlines])
        self.numbers = _Sets([outline.numbers for outline in outlines])


def prospects(text: Fingerprint, crowd: Crowd, rows: Rows) -> Mask:
    """Say for some texts of a crowd whether comparing them with `text` could give a link."""
    sides = _sides(text, crowd, rows)
    is_part_by_length = sides.length_ratio < PART_LENGTH
    is_open = is_part_by_length | (_evidence(sides, 1.0) >= NEAR_EVIDENCE - _ROUNDING)
    shared = np.zeros(len(rows))  # counting shingles is most of the work: only where they can decide
    shared[is_open] = crowd.shingles.shared(text.outline.shingles, rows[is_open])
    containment = shared / np.maximum(sides.shingles[0], 1)
    may_be_part = is_part_by_length & (containment >= PART_CONTAINMENT - _ROUNDING)
    may_be_near = (_similarity(sides, shared) >= LEAST_SIMILARITY - _ROUNDING) & (
        _evidence(sides, containment) >= NEAR_EVIDENCE - _ROUNDING
    )
    is_comparable = ~crowd.is_short[rows] & (crowd.is_spaceless[rows] == text.is_spaceless)
    is_same = crowd.sha256[rows] == text.content_sha256.encode()
    possible: Mask = is_same | (is_comparable & (may_be_part | may_be_near) & (not text.is_short))
    return possible


@dataclass(frozen=True, slots=True)
class _Sides:
    """Per pair: the sizes of the sets of its short and long text, and upper bounds of what they share."""

    length_ratio: Numbers
    shingles: tuple[Numbers, Numbers]  # different ones; short, long
    prefix: Numbers  # different ones in the beginning of the long text, at least
    tokens: Numbers  # different ones of the short text
    names: tuple[Numbers, Numbers]
    numbers: tuple[Numbers, Numbers]
    shared_names: tuple[Numbers, Numbers]  # names of the one among the tokens of the other
    shared_numbers: Numbers


def _sides(text: Fingerprint, crowd: Crowd, rows: Rows) -> _Sides:
    outline, sizes = text.outline, crowd.sizes[rows].T
    is_as_long = (sizes[0] == text.n_tokens) & (crowd.sha256[rows] > text.content_sha256.encode())
    text_is_short = (sizes[0] > text.n_tokens) | is_as_long  # as in `compare.is_longer`

    def by_length(of_text: Numbers | float, of_others: Numbers) -> tuple[Numbers, Numbers]:
        return np.where(text_is_short, of_text, of_others), np.where(text_is_short, of_others, of_text)

    n_tokens, runs, shingles, tokens, names, numbers = map(by_length, outline.sizes, sizes)
    prefix = np.minimum(np.floor(PREFIX_RATIO * runs[0]) + PREFIX_MORE, runs[1])
    return _Sides(
        length_ratio=n_tokens[0] / np.maximum(n_tokens[1], 1),
        shingles=shingles,
        prefix=prefix - (runs[1] - shingles[1]),
        tokens=tokens[0],
        names=names,
        numbers=numbers,
        shared_names=by_length(
            crowd.tokens.shared(outline.names, rows), crowd.names.shared(outline.tokens, rows)
        ),
        shared_numbers=crowd.numbers.shared(outline.numbers, rows),
    )


class _Sets:
    """Sets of 16 bits, one after another."""

    def __init__(self, sets: Sequence[Bits]) -> None:
        self._values = np.concatenate(
            [*sets, np.zeros(1, dtype=np.uint16)]
        )  # reduceat wants one at each start
        self._sizes = np.array([len(values) for values in sets], dtype=np.int64)
        self._starts = np.cumsum(self._sizes) - self._sizes

    def shared(self, values: Bits, rows: Rows) -> Numbers:
        """Return how many of the values are in some sets, or more where 16 bits collide."""
        table = np.zeros(2**16, dtype=np.uint8)
        table[values] = 1
        sizes = self._sizes[rows]
        if 2 * len(rows) > len(self._sizes):  # one pass over all sets is cheaper
            counts = np.add.reduceat(table.take(self._values), self._starts, dtype=np.uint32)[rows]
        else:
            spans = zip(self._starts[rows].tolist(), sizes.tolist(), strict=True)
            parts = [self._values[start : start + size] for start, size in spans]
            is_shared = table.take(np.concatenate([*parts, self._values[-1:]]))
            counts = np.add.reduceat(is_shared, np.cumsum(sizes) - sizes, dtype=np.uint32)
        counts[sizes == 0] = 0  # there reduceat returns the next set's first value
        return np.minimum(counts, len(values)).astype(np.float64)


def _similarity(sides: _Sides, shared: Numbers) -> Numbers:
    """Return an upper bound of the similarity with the whole long text, or with its beginning."""
    fewest = np.minimum(sides.shingles[1], np.maximum(sides.prefix, shared))
    return shared / np.maximum(sides.shingles[0] + fewest - shared, 1)


def _evidence(sides: _Sides, containment: Numbers | float) -> Numbers:
    """Return an upper bound of `Measures.evidence`: the whole opening in common, no unique passages."""
    figures = [(sides.shared_numbers, sides.numbers[side]) for side in (0, 1)]
    named = [(sides.shared_names[n] + hits, sides.names[n] + size) for n, (hits, size) in enumerate(figures)]
    # Where one of the two has no names, the share of common text takes part, with more weight.
    has_names = (sides.names[0] > 0) & (sides.names[1] > 0)
    of_names, of_text = _smooth(named, 0.5, 2), _smooth(named, containment, 10)
    entity_share = np.where(has_names, of_names, np.maximum(of_names, of_text))
    n_filled_in = sides.numbers[0] - sides.shared_numbers + 0.5 * (sides.names[0] - sides.shared_names[0])
    formulaic = np.clip(n_filled_in / (sides.tokens + 2), 0, 1)
    return (2 + 12 * entity_share + 6 * _smooth(figures, 0.5, 2) - 4 * formulaic) / 20


def _smooth(counts: list[tuple[Numbers, Numbers]], prior: Numbers | float, weight: int) -> Numbers:
    """Return `measures._smooth` of many pairs: the mean share of the short text and of the one with fewer."""
    (hits, n), (long_hits, long_n) = counts
    share = (hits + weight * prior) / (n + weight)
    of_long = (long_hits + weight * prior) / (long_n + weight)
    return (share + np.where(long_n < n, of_long, share)) / 2

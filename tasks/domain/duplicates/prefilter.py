"""Many pairs of texts -> those that could be linked at all; before `compare` looks at them one by one.

Reports from one template share thousands of phrases, so each is a candidate for all others, and the full
comparison of a pair takes a quarter of a millisecond. A pair costs less than a hundredth of that here: what
two sets have in common is counted in bitmaps of their hashes, which never counts too few, and the counts give
an upper bound of the rule's measures. A pair below the rule's thresholds is dropped. A pure function of the
texts; no link is lost.
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
Rows = npt.NDArray[np.integer]  # of a crowd
Mask = npt.NDArray[np.bool_]

_ROUNDING = 1e-9  # sums are worked out in another order than the measures
_PAIRS_AT_ONCE = 2_048  # their bitmaps stay in the processor's cache
_TEXTS_AT_ONCE = 64  # while bitmaps are made, a byte for each bit


@dataclass(frozen=True, slots=True)
class _Widths:
    """The number of bits in the bitmaps of a text's sets; each divides 65,536."""

    shingles: int
    words: int  # tokens, and the names among them
    numbers: int


# Unrelated texts are stopped by the small bitmaps; reports from one template may need the large ones.
_SMALL = _Widths(shingles=4_096, words=2_048, numbers=512)
_LARGE = _Widths(shingles=65_536, words=16_384, numbers=4_096)


class Crowd:
    """Many texts as arrays, for looking at many pairs of them at once."""

    def __init__(self, texts: Sequence[Fingerprint]) -> None:
        self.outlines = [text.outline for text in texts]
        self.sizes = np.array([outline.sizes for outline in self.outlines], dtype=np.float64)
        self.sha256 = np.array([int(text.content_sha256[:16], 16) for text in texts], dtype=np.uint64)
        self.is_short = np.array([text.is_short for text in texts], dtype=np.bool_)
        self.is_spaceless = np.array([text.is_spaceless for text in texts], dtype=np.bool_)


def prospects(crowd: Crowd, a: Rows, b: Rows) -> Mask:
    """Say for pairs of texts, `a[n]` and `b[n]` of a crowd, whether comparing them could give a link."""
    possible: Mask = crowd.sha256[a] == crowd.sha256[b]
    is_comparable = ~crowd.is_short[a] & ~crowd.is_short[b] & (crowd.is_spaceless[a] == crowd.is_spaceless[b])
    rest = np.flatnonzero(is_comparable & ~possible)
    for widths in (_SMALL, _LARGE):
        bitmaps = _Bitmaps(crowd, np.unique(np.concatenate([a[rest], b[rest]])), widths)
        starts = range(0, len(rest), _PAIRS_AT_ONCE)
        parts = [rest[n : n + _PAIRS_AT_ONCE] for n in starts]
        kept = [part[_may_link(crowd, bitmaps, a[part], b[part])] for part in parts]
        rest = np.concatenate([rest[:0], *kept])
    possible[rest] = True
    return possible


def _may_link(crowd: Crowd, bitmaps: "_Bitmaps", a: Rows, b: Rows) -> Mask:
    """Say which pairs of different texts may be near copies, or one a part of the other."""
    sides = _sides(crowd, bitmaps, a, b)
    may_be_part = sides.length_ratio < PART_LENGTH
    may_be_near: Mask = _evidence(sides, 1.0) >= NEAR_EVIDENCE - _ROUNDING
    is_open = may_be_part | may_be_near
    shared = np.zeros(len(a))  # counting shingles is most of the work: only where they can decide
    shared[is_open] = bitmaps.shared_shingles(a[is_open], b[is_open])
    containment = shared / np.maximum(sides.shingles[0], 1)
    may_be_part &= containment >= PART_CONTAINMENT - _ROUNDING
    if may_be_near.any():
        may_be_near &= _similarity(sides, shared) >= LEAST_SIMILARITY - _ROUNDING
        may_be_near &= _evidence(sides, containment) >= NEAR_EVIDENCE - _ROUNDING
    return may_be_part | may_be_near


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


def _sides(crowd: Crowd, bitmaps: "_Bitmaps", a: Rows, b: Rows) -> _Sides:
    of_a, of_b = crowd.sizes[a].T, crowd.sizes[b].T
    a_is_short = (of_a[0] < of_b[0]) | ((of_a[0] == of_b[0]) & (crowd.sha256[a] < crowd.sha256[b]))

    def by_length(first: Numbers, second: Numbers) -> tuple[Numbers, Numbers]:
        return np.where(a_is_short, first, second), np.where(a_is_short, second, first)

    n_tokens, runs, shingles, tokens, names, numbers = map(by_length, of_a, of_b)
    prefix = np.minimum(np.floor(PREFIX_RATIO * runs[0]) + PREFIX_MORE, runs[1])
    return _Sides(
        length_ratio=n_tokens[0] / np.maximum(n_tokens[1], 1),
        shingles=shingles,
        prefix=prefix - (runs[1] - shingles[1]),
        tokens=tokens[0],
        names=names,
        numbers=numbers,
        shared_names=by_length(bitmaps.shared_names(a, b), bitmaps.shared_names(b, a)),
        shared_numbers=bitmaps.shared_numbers(a, b),
    )


class _Bitmaps:
    """The sets of some texts of a crowd as bitmaps."""

    def __init__(self, crowd: Crowd, rows: Rows, widths: _Widths) -> None:
        outlines = [crowd.outlines[row] for row in rows]
        self._places = np.zeros(len(crowd.outlines), dtype=np.int64)
        self._places[rows] = np.arange(len(rows))
        self._shingles = _BitSets([outline.shingles for outline in outlines], widths.shingles)
        self._tokens = _BitSets([outline.tokens for outline in outlines], widths.words)
        self._names = _BitSets([outline.names for outline in outlines], widths.words)
        self._numbers = _BitSets([outline.numbers for outline in outlines], widths.numbers)

    def shared_shingles(self, a: Rows, b: Rows) -> Numbers:
        """Return an upper bound of the number of shingles that the texts of each pair share."""
        return _most_shared(self._shingles, self._places[a], self._shingles, self._places[b])

    def shared_names(self, a: Rows, b: Rows) -> Numbers:
        """Return an upper bound of the number of names of `a` among the tokens of `b`."""
        return _most_shared(self._names, self._places[a], self._tokens, self._places[b])

    def shared_numbers(self, a: Rows, b: Rows) -> Numbers:
        """Return an upper bound of the number of figures that the texts of each pair share."""
        return _most_shared(self._numbers, self._places[a], self._numbers, self._places[b])


class _BitSets:
    """Sets of hashes as rows of bits, and how many elements of each fall on a bit that another one has."""

    def __init__(self, sets: Sequence[Bits], width: int) -> None:
        self.words = np.zeros((len(sets), width // 64), dtype=np.uint64)
        for start in range(0, len(sets), _TEXTS_AT_ONCE):
            some = sets[start : start + _TEXTS_AT_ONCE]
            rows = np.repeat(np.arange(len(some)), [len(values) for values in some])
            bits = np.zeros((len(some), width), dtype=np.bool_)
            bits[rows, np.concatenate(some) & np.uint16(width - 1)] = True
            self.words[start : start + len(some)] = np.packbits(bits, axis=1).view(np.uint64)
        n_bits = np.bitwise_count(self.words).sum(axis=1, dtype=np.int64)
        self.n_hidden = np.array([len(values) for values in sets], dtype=np.int64) - n_bits


def _most_shared(some: _BitSets, a: Rows, others: _BitSets, b: Rows) -> Numbers:
    """Return an upper bound of the number of common elements: common bits, and elements behind them."""
    n_bits = np.bitwise_count(some.words[a] & others.words[b]).sum(axis=1, dtype=np.int64)
    most: Numbers = (n_bits + np.minimum(some.n_hidden[a], others.n_hidden[b])).astype(np.float64)
    return most


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

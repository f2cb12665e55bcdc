"""Two texts -> the measures that tell a copy from a look-alike; before duplicate decides.

Lengths and places count shingles, about one a word; in scripts without spaces, where a word has about two
characters, half of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.domain.fingerprint import Fingerprint, Hashes

LEAST_SIMILARITY = 0.12
_LEAD_SHINGLES = 30

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Measures:
    """How two texts stand to each other; `short` and `long` by tokens."""

    jaccard: float  # of the sets of shingles
    prefix_jaccard: float  # against as much of the long text as the short one has
    containment: float  # share of the short text's shingles found in the long one
    lead: float  # share of one opening found in the other's first half, the better of both
    entity_share: float  # of names and figures
    number_share: float
    length_ratio: float
    n_shared: int
    head: int  # shingles before the first common one, in the text that has fewer
    latest_head: int  # the same in the other
    short_head: int
    own: int  # longest passage that both have of their own, the shorter of the two
    formulaic: float  # of the short text's other words, how many are names and figures
    part_from: int  # where the common text lies in the long one
    part_to: int

    @property
    def similarity(self) -> float:
        """The Jaccard similarity that speaks for a copy cut from the bottom, or the plain one."""
        return max(self.jaccard, self.prefix_jaccard if self.length_ratio >= 0.25 else 0.0)

    @property
    def evidence(self) -> float:
        """What speaks for one story text, at most 1."""
        return (
            2 * self.lead
            + 12 * self.entity_share
            + 6 * self.number_share
            - 6 * min(1.0, self.head / 20)
            - 4 * min(3.0, self.own / 70)
            - 4 * self.formulaic
        ) / 20


def measure(short: Fingerprint, long: Fingerprint) -> Measures | None:
    """Return the measures of two texts; None when they plainly have too little in common."""
    if short.is_short or short.is_spaceless != long.is_spaceless:
        return None
    in_long = _found(short.shingles, long.shingle_set)
    if in_long.mean() < LEAST_SIMILARITY / 2:
        return None
    n_shared = int(_found(short.shingle_set, long.shingle_set).sum())
    in_short = _found(long.shingles, short.shingle_set)
    jaccard = n_shared / (len(short.shingle_set) + len(long.shingle_set) - n_shared)
    prefix_jaccard = _prefix_jaccard(short, in_short, long)
    if max(jaccard, prefix_jaccard) < LEAST_SIMILARITY:
        return None
    containment = n_shared / len(short.shingle_set)
    scale = 2 if short.is_spaceless else 1  # a word of such a script has about two characters
    heads = (int(in_long.argmax()) // scale, int(in_short.argmax()) // scale)
    entity_share, number_share = _named(short, long, containment)
    part_from, part_to = _span(in_short)
    return Measures(
        jaccard=jaccard,
        prefix_jaccard=prefix_jaccard,
        containment=containment,
        lead=max(_lead(short, long), _lead(long, short)),
        entity_share=entity_share,
        number_share=number_share,
        length_ratio=short.n_tokens / long.n_tokens,
        n_shared=n_shared,
        head=min(heads),
        latest_head=max(heads),
        short_head=heads[0],
        own=_own(in_long, in_short) // scale,
        formulaic=_formulaic(short, long),
        part_from=part_from,
        part_to=part_to,
    )


def _found(values: Hashes, among: Hashes) -> Mask:
    """Say for each value whether it is in a sorted set."""
    if not len(among):
        return np.zeros(len(values), dtype=np.bool_)
    at = np.searchsorted(among, values)
    at[at == len(among)] = 0
    found: Mask = among[at] == values
    return found


def _prefix_jaccard(short: Fingerprint, in_short: Mask, long: Fingerprint) -> float:
    """Return the Jaccard similarity of the short text and the beginning of the long one."""
    n = int(1.15 * len(short.shingles)) + 8
    if n >= len(long.shingles):
        n = len(long.shingles)
    prefix = long.shingles[:n]
    shared = len(set(prefix[in_short[:n]].tolist()))
    n_prefix = len(set(prefix.tolist()))
    return shared / (len(short.shingle_set) + n_prefix - shared)


def _lead(one: Fingerprint, other: Fingerprint) -> float:
    """Return the share of one text's opening found in the other's first half."""
    half = np.sort(other.shingles[: max(_LEAD_SHINGLES, len(other.shingles) // 2)])
    return float(_found(one.shingles[:_LEAD_SHINGLES], half).mean())


def _named(short: Fingerprint, long: Fingerprint, containment: float) -> tuple[float, float]:
    """Return the shares of names and figures, and of figures alone, that the two have in common.

    Each is the mean for the short text and for the one that has fewer. Where there is little to count, as in
    scripts without capitals, the share of common text takes its place (two counts' worth).
    """
    names = _count(short.names, long), _count(long.names, short)
    numbers = [
        (int(_found(a.numbers, b.numbers).sum()), len(a.numbers)) for a, b in ((short, long), (long, short))
    ]
    both = [(h + m, n + k) for (h, n), (m, k) in zip(names, numbers, strict=True)]
    prior = containment if not (len(short.names) and len(long.names)) else 0.5
    return _smooth(both, prior, 10 if prior != 0.5 else 2), _smooth(numbers, 0.5, 2)


def _count(names: Hashes, other: Fingerprint) -> tuple[int, int]:
    return int(_found(names, other.token_set).sum()), len(names)


def _smooth(counts: list[tuple[int, int]], prior: float, weight: int) -> float:
    poorer = min(counts, key=lambda count: count[1])
    shares = [(hits + weight * prior) / (n + weight) for hits, n in (counts[0], poorer)]
    return sum(shares) / 2


def _own(in_long: Mask, in_short: Mask) -> int:
    """Return the longest passage that each text has to itself, the shorter of the two.

    Between common passages, or after the last one.
    """
    inner = min(_longest_gap(in_long), _longest_gap(in_short))
    tail = min(_tail(in_long), _tail(in_short))
    return max(inner, tail)


def _longest_gap(found: Mask) -> int:
    at = np.flatnonzero(found)
    return int(np.diff(at).max()) - 1 if len(at) > 1 else 0


def _tail(found: Mask) -> int:
    return int(found[::-1].argmax())


def _formulaic(short: Fingerprint, long: Fingerprint) -> float:
    """Return how far the short text's other words are names and figures: a form filled in anew."""
    other = short.token_set[~_found(short.token_set, long.token_set)]
    n_numbers = len(short.numbers) - int(_found(short.numbers, long.numbers).sum())
    n_names = int(_found(other, short.names).sum())
    return min(1.0, (n_numbers + 0.5 * n_names) / (len(other) + 2))


def _span(in_short: Mask) -> tuple[int, int]:
    """Return where the common text lies in the long one, but for stray meetings at both ends."""
    at = np.flatnonzero(in_short)
    if not len(at):
        return 0, 0
    return int(at[len(at) // 20]), int(at[len(at) - 1 - len(at) // 20]) + 1

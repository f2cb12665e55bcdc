"""Two texts -> the measures that distinguish a copy from a similar text; used by `compare`.

Lengths and places count shingles, about one a word; in scripts without spaces, where a word has about two
characters, half of them.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tasks.domain.duplicates.fingerprint import LEAD_SHINGLES, Codes, Fingerprint, Mask

LEAST_SIMILARITY, LEAST_LEAD = 0.12, 0.15
MOST_HEAD = 60  # shingles before the first common one; a new dateline and some boilerplate at most
PREFIX_RATIO, PREFIX_MORE = 1.15, 8  # of the short text, and some boilerplate: what it is compared with
PART_HEAD, PART_LENGTH, PART_CONTAINMENT = 10, 0.65, 0.6

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Measures:
    """How similar two texts are; `short` and `long` by number of tokens."""

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
    own: int  # longest passage that is unique to each text, the shorter of the two
    formulaic: float  # of the short text's other words, how many are names and figures
    part_from: int  # where the common text lies in the long one
    part_to: int

    @property
    def similarity(self) -> float:
        """The Jaccard similarity with the long text, or with its beginning if that is higher."""
        return max(self.jaccard, self.prefix_jaccard if self.length_ratio >= 0.25 else 0.0)

    @property
    def evidence(self) -> float:
        """The evidence that both carry the same text, at most 1."""
        return (
            2 * self.lead
            + 12 * self.entity_share
            + 6 * self.number_share
            - 6 * min(1.0, self.head / 20)
            - 4 * min(3.0, self.own / 50)
            - 4 * self.formulaic
        ) / 20


def measure(short: Fingerprint, long: Fingerprint) -> Measures | None:
    """Return the measures of two texts; None when they have too little in common."""
    if short.is_short or short.is_spaceless != long.is_spaceless:
        return None
    scale = 2 if short.is_spaceless else 1
    length_ratio = short.n_tokens / long.n_tokens
    if not _may_be_copy(short, long, scale, length_ratio):
        return None
    in_long = _contained(short.shingles, long.shingle_set)
    if np.count_nonzero(in_long) < LEAST_SIMILARITY / 2 * len(in_long):
        return None
    in_short = _contained(long.shingles, short.shingle_set)
    heads = (int(in_long.argmax()) // scale, int(in_short.argmax()) // scale)
    n_shared = _n_different(short, in_long, len(in_long))
    jaccard = n_shared / (len(short.shingle_set) + len(long.shingle_set) - n_shared)
    prefix_jaccard = _prefix_jaccard(short, in_short, long)
    containment = n_shared / len(short.shingle_set)
    lead = max(_lead(short, long), _lead(long, short))
    is_alike = max(jaccard, prefix_jaccard) >= LEAST_SIMILARITY and lead >= LEAST_LEAD
    is_inside = containment >= PART_CONTAINMENT and length_ratio < PART_LENGTH and heads[0] <= PART_HEAD
    if not is_alike and not is_inside:
        return None  # before the search for names, which costs most
    entity_share, number_share = _named(short, long, containment)
    places = np.flatnonzero(in_short)
    part_from, part_to = _span(places)
    return Measures(
        jaccard=jaccard,
        prefix_jaccard=prefix_jaccard,
        containment=containment,
        lead=lead,
        entity_share=entity_share,
        number_share=number_share,
        length_ratio=length_ratio,
        n_shared=n_shared,
        head=min(heads),
        latest_head=max(heads),
        short_head=heads[0],
        own=_own(np.flatnonzero(in_long), len(in_long), places, len(in_short)) // scale,
        formulaic=_formulaic(short, long),
        part_from=part_from,
        part_to=part_to,
    )


def _may_be_copy(short: Fingerprint, long: Fingerprint, scale: int, length_ratio: float) -> bool:
    """Say whether the openings leave any chance: a cheap test that excludes most texts sharing a phrase."""
    n = (MOST_HEAD + 1) * scale
    if not _contained(short.shingles[:n], long.shingle_set).any():
        return False
    return length_ratio < PART_LENGTH or bool(_contained(long.shingles[:n], short.shingle_set).any())


def _contained(values: Codes, among: Codes) -> Mask:
    """Say for each value whether it is in a sorted set."""
    if not len(among):
        return np.zeros(len(values), dtype=np.bool_)
    places = among.searchsorted(values)  # after the last one for those that are larger: clipped
    contained: Mask = among.take(places, mode="clip") == values
    return contained


def _n_different(text: Fingerprint, found: Mask, n: int) -> int:
    """Return how many different ones of the text's first `n` shingles were found."""
    if len(text.shingle_set) == len(text.shingles):
        return int(np.count_nonzero(found[:n]))
    return int(np.count_nonzero(found[:n] & text.is_first[:n]))


def _prefix_jaccard(short: Fingerprint, in_short: Mask, long: Fingerprint) -> float:
    """Return the Jaccard similarity of the short text and the beginning of the long one."""
    n = min(int(PREFIX_RATIO * len(short.shingles)) + PREFIX_MORE, len(long.shingles))
    shared = _n_different(long, in_short, n)
    n_prefix = n if len(long.shingle_set) == len(long.shingles) else int(np.count_nonzero(long.is_first[:n]))
    return shared / (len(short.shingle_set) + n_prefix - shared)


def _lead(one: Fingerprint, other: Fingerprint) -> float:
    """Return the share of one text's opening found in the other's first half."""
    opening = one.shingles[:LEAD_SHINGLES]
    return int(np.count_nonzero(_contained(opening, other.first_half))) / len(opening)


def _named(short: Fingerprint, long: Fingerprint, containment: float) -> tuple[float, float]:
    """Return the shares of names and figures, and of figures alone, that the two have in common.

    Each is the mean for the short text and for the one that has fewer. Where there is little to count, as in
    scripts without capitals, the share of common text is used instead, with the weight of ten counts.
    """
    names = _count(short.names, long), _count(long.names, short)
    numbers = [
        (int(np.count_nonzero(_contained(a.numbers, b.numbers))), len(a.numbers))
        for a, b in ((short, long), (long, short))
    ]
    both = [(h + m, n + k) for (h, n), (m, k) in zip(names, numbers, strict=True)]
    prior = containment if not (len(short.names) and len(long.names)) else 0.5
    return _smooth(both, prior, 10 if prior != 0.5 else 2), _smooth(numbers, 0.5, 2)


def _count(names: Codes, other: Fingerprint) -> tuple[int, int]:
    return int(np.count_nonzero(_contained(names, other.token_set))), len(names)


def _smooth(counts: list[tuple[int, int]], prior: float, weight: int) -> float:
    poorer = min(counts, key=lambda count: count[1])
    shares = [(hits + weight * prior) / (n + weight) for hits, n in (counts[0], poorer)]
    return sum(shares) / 2


def _own(in_long: Places, n_short: int, in_short: Places, n_long: int) -> int:
    """Return the longest passage unique to each text, the shorter of the two.

    Between common passages, or after the last one. `in_long` are the places of common shingles in the short
    text, which has `n_short`; the other way round for the long one. Neither is empty.
    """
    inner = min(_longest_gap(in_long), _longest_gap(in_short))
    tail = min(n_short - 1 - int(in_long[-1]), n_long - 1 - int(in_short[-1]))
    return max(inner, tail)


def _longest_gap(places: Places) -> int:
    return int((places[1:] - places[:-1]).max()) - 1 if len(places) > 1 else 0


def _formulaic(short: Fingerprint, long: Fingerprint) -> float:
    """Return how far the short text's other words are names and figures: a form filled in again."""
    other = short.token_set[~_contained(short.token_set, long.token_set)]
    n_numbers = len(short.numbers) - int(np.count_nonzero(_contained(short.numbers, long.numbers)))
    n_names = int(np.count_nonzero(_contained(other, short.names)))
    return min(1.0, (n_numbers + 0.5 * n_names) / (len(other) + 2))


def _span(places: Places) -> tuple[int, int]:
    """Return where the common text lies in the long one, without stray matches at both ends."""
    n_trimmed = len(places) // 20
    return int(places[n_trimmed]), int(places[len(places) - 1 - n_trimmed]) + 1

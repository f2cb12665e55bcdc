"""Pairs of frequent words that follow each other, as postings of their own: what phrases of them read.

A phrase of two words that nearly every article has would read tens of positions of every article. A pair has
a position only where the two stand side by side. Pairs are written for the dense terms of a segment; the term
of a pair is its words, each after a space, so that it sorts before all words and no prefix leads to it. (A
partial nextword index: Williams, Zobel and Bahle 2004, "Fast phrase querying with combined indexes".) Pure,
numbers only; used by warehouse/search/index.py.
"""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.search.arrays import Numbers, as_numpy, first_mask, list_lengths, one_array, running_numbers
from warehouse.search.postings import LAST_SPOT, Postings

SLICE_DOCUMENTS = 2_048  # whose positions are read at once: about a million
_SPOT_BITS = 16
_WEIGHT_BITS = 4


def pair_postings(words: pa.Array, slices: Iterable[pa.Table]) -> Postings:
    """Return the postings of pairs of a segment's dense terms.

    `words`: these terms, ascending. `slices`: their rows (term, docs, weights, spots), of one range of
    documents after the other. A weight has that of the first word in its higher four bits, that of the
    second in the lower.
    """
    found = [_pairs(words, rows) for rows in slices]
    pairs, docs, spots, weights = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(pairs, kind="stable")
    pairs, docs, spots, weights = pairs[order], docs[order], spots[order], weights[order]
    starts = np.flatnonzero(first_mask(pairs, docs))
    codes = pairs[np.flatnonzero(first_mask(pairs))]
    return Postings(
        terms=_names(words, codes),
        term_starts=np.append(np.searchsorted(pairs[starts], codes), len(starts)),
        docs=docs[starts],
        weights=weights[starts],
        spot_starts=np.append(starts, len(pairs)),
        spots=spots,
    )


def _pairs(words: pa.Array, rows: pa.Table) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return the number, document, position and weight of each pair, by document and position."""
    spots = one_array(rows["spots"]).flatten()
    n_spots = list_lengths(spots)
    row_sizes = list_lengths(one_array(rows["weights"]))
    term_codes = as_numpy(pc.index_in(rows["term"], value_set=words)).astype(np.int64)
    first_docs = as_numpy(one_array(rows["docs"]).flatten()).astype(np.int64)
    docs = np.repeat(first_docs, row_sizes) + running_numbers(row_sizes)
    places = (np.repeat(docs, n_spots) << _SPOT_BITS) | as_numpy(spots.flatten())
    codes = np.repeat(np.repeat(term_codes, row_sizes), n_spots)
    weights = np.repeat(as_numpy(one_array(rows["weights"]).flatten()), n_spots)
    order = np.argsort(places, kind="stable")
    places, codes, weights = places[order], codes[order], weights[order]

    # Positions far into a text or a long title are cut, so several words may stand at one.
    begin = np.searchsorted(places, places + 1, "left")
    n_next = np.searchsorted(places, places + 1, "right") - begin
    n_next[places & LAST_SPOT == LAST_SPOT] = 0
    first = np.repeat(np.arange(len(places)), n_next)
    second = np.repeat(begin, n_next) + running_numbers(n_next)
    return (
        codes[first] * len(words) + codes[second],
        (places[first] >> _SPOT_BITS).astype(np.uint32),
        (places[first] & LAST_SPOT).astype(np.uint16),
        (weights[first] << _WEIGHT_BITS | weights[second]).astype(np.uint8),
    )


def _names(words: pa.Array, codes: Numbers) -> pa.Array:
    first, second = words.take(pa.array(codes // len(words))), words.take(pa.array(codes % len(words)))
    return pc.binary_join_element_wise("", first, second, " ")

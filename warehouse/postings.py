"""Postings as flat arrays: texts inverted, segments merged, weights given. Pure, numbers only.

What warehouse/search_index.py reads from the store and writes back.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MERGE_WIDTH = 8  # so many segments of about one size become one
MAX_SEGMENT_DOCUMENTS = 40_000
BODY_SPOT = 1_000  # title terms stand before it
LAST_SPOT = 65_535
# BM25 (Robertson and Zaragoza 2009, 3.3) with the usual parameters. The mean length is a constant, so
# that a weight never changes once it is written; a title's term counts as three.
K1, B, MEAN_TERMS = 1.2, 0.75, 400
TITLE_WEIGHT = 3

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings in flat form, sorted by term and document: parallel arrays, lists by their offsets."""

    terms: pa.Array  # different, ascending
    term_starts: Numbers  # into docs and weights, one more than terms
    docs: Numbers
    weights: Numbers
    spot_starts: Numbers  # into spots, one more than docs
    spots: Numbers


def invert(texts: pa.Table) -> Postings:
    """Return the postings of documents given as (doc_no, title_terms, body_terms)."""
    doc_no = _flat(texts["doc_no"])
    title, body = _one(texts["title_terms"]), _one(texts["body_terms"])
    n_title, n_body = _lengths(title), _lengths(body)
    words = pa.concat_arrays([title.flatten(), body.flatten()]).dictionary_encode()
    docs = np.concatenate([np.repeat(doc_no, n_title), np.repeat(doc_no, n_body)])
    spots = np.concatenate([_running(n_title).clip(0, BODY_SPOT - 1), _running(n_body) + BODY_SPOT])
    worth = np.concatenate(
        [np.full(n_title.sum(), TITLE_WEIGHT, np.float32), np.ones(n_body.sum(), np.float32)]
    )
    lengths = np.concatenate([np.repeat(n_title + n_body, n_title), np.repeat(n_title + n_body, n_body)])
    order = pc.sort_indices(words.dictionary)
    rank = np.empty(len(order), np.int64)
    rank[_flat(order)] = np.arange(len(order))
    codes = rank[_flat(words.indices)]
    by = np.lexsort((spots, docs, codes))
    codes, docs, spots = codes[by], docs[by], spots[by].clip(0, LAST_SPOT).astype(np.uint16)
    first = _firsts(codes, docs)
    starts = np.flatnonzero(first)
    counts = np.add.reduceat(worth[by], starts) if len(starts) else worth[:0]
    return Postings(
        terms=words.dictionary.take(order),
        term_starts=np.searchsorted(codes[starts], np.arange(len(order) + 1)),
        docs=docs[starts].astype(np.uint32),
        weights=_weights(counts, lengths[by][starts]),
        spot_starts=np.append(starts, len(docs)),
        spots=spots,
    )


def merge(rows: pa.Table, alive: Numbers) -> Postings:
    """Return the postings of several segments as one, without documents that are not alive.

    Rows of one term follow each other by their first document, so nothing is sorted but the rows.
    """
    words = _one(rows["term"]).dictionary_encode()
    order = pc.sort_indices(words.dictionary)
    rank = np.empty(len(order), np.int64)
    rank[_flat(order)] = np.arange(len(order))
    codes = rank[_flat(words.indices)]
    first_docs = _flat(pc.list_element(_one(rows["docs"]), 0))
    by = np.lexsort((first_docs, codes))
    columns = [_one(rows[name]).take(pa.array(by)) for name in ("docs", "weights", "spots")]
    docs, weights, spots = (column.flatten() for column in columns)
    codes = np.repeat(codes[by], _lengths(columns[0]))
    lives = np.zeros(max(_flat(docs).max(initial=0), alive.max(initial=0)) + 1, bool)
    lives[alive] = True
    keep = lives[_flat(docs)]
    if not keep.all():
        mask = pa.array(keep)
        docs, weights, spots, codes = docs.filter(mask), weights.filter(mask), spots.filter(mask), codes[keep]
    kept = np.flatnonzero(np.bincount(codes, minlength=len(order)))
    starts = np.asarray(spots.offsets)
    return Postings(
        terms=words.dictionary.take(order).take(pa.array(kept)),
        term_starts=np.searchsorted(codes, np.append(kept, len(order))),
        docs=_flat(docs),
        weights=_flat(weights),
        spot_starts=starts - starts[0],
        spots=_flat(spots.flatten()),
    )


def segments_to_merge(sizes: list[tuple[int, int]]) -> list[int]:
    """Choose segments to become one: MERGE_WIDTH of about one size, together not too large.

    `sizes` are (segment_no, n_documents). So each posting is written a few times in its life,
    and a million articles lie in some dozen segments.
    """
    tiers: dict[int, list[tuple[int, int]]] = {}
    for segment_no, n_documents in sizes:
        if n_documents < MAX_SEGMENT_DOCUMENTS // 2:
            tiers.setdefault(int(np.log(max(n_documents, 1)) / np.log(MERGE_WIDTH)), []).append(
                (segment_no, n_documents)
            )
    for tier in sorted(tiers):
        if len(tiers[tier]) >= MERGE_WIDTH:
            chosen: list[int] = []
            total = 0
            for segment_no, n_documents in tiers[tier]:
                if total + n_documents <= MAX_SEGMENT_DOCUMENTS or len(chosen) < 2:
                    chosen.append(segment_no)
                    total += n_documents
            return chosen
    return []


def postings_table(postings: Postings) -> pa.Table:
    starts = pa.array(postings.term_starts, pa.int32())
    spots = pa.ListArray.from_arrays(pa.array(postings.spot_starts, pa.int32()), pa.array(postings.spots))
    return pa.table(
        {
            "term": postings.terms,
            "docs": pa.ListArray.from_arrays(starts, pa.array(postings.docs)),
            "weights": pa.ListArray.from_arrays(starts, pa.array(postings.weights)),
            "spots": pa.ListArray.from_arrays(starts, spots),
        }
    )


def _weights(counts: Numbers, lengths: Numbers) -> Numbers:
    shares = counts / (counts + K1 * (1 - B + B * lengths / MEAN_TERMS))
    return (shares * 255).round().clip(1, 255).astype(np.uint8)


def _firsts(*keys: Numbers) -> Numbers:
    """Mark where a sorted sequence of keys changes."""
    first = np.zeros(len(keys[0]), bool)
    first[:1] = True
    for key in keys:
        first[1:] |= key[1:] != key[:-1]
    return first


def _running(lengths: Numbers) -> Numbers:
    """Return 0, 1, 2, ... anew for each list of these lengths."""
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]) if len(lengths) else lengths
    running: Numbers = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    return running


def _one(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    return array.chunk(0) if isinstance(array, pa.ChunkedArray) else array


def _flat(column: pa.ChunkedArray | pa.Array) -> Numbers:
    values: Numbers = np.asarray(column)
    return values


def _lengths(lists: pa.Array) -> Numbers:
    lengths: Numbers = np.diff(np.asarray(lists.offsets))
    return lengths

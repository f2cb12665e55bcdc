"""Postings as flat arrays: invert texts, merge segments, compute weights. Pure, numbers only.

Used by warehouse/search/index.py, which reads and writes them. A row of `core.search_posting` has up to
ROW_DOCUMENTS postings of a term, in one of two forms:

    listed   docs, weights and spots are parallel lists, one element per document that has the term
    dense    docs has only the first of ROW_DOCUMENTS consecutive documents; weights and spots have one
             element for each of them; a document without the term has the weight 0

Rows are short because the engine decompresses lists for 2,048 rows at a time, whichever are read. Frequent
terms are dense: two of them are intersected by reading their weights side by side, several times as fast as
a join of their documents. Every other listed term is stored backwards, from its last document to its first,
so that neighbouring numbers stay close where a term ends: the engine's delta compression (bit-packing with
DELTA_FOR) then needs a quarter less space.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.search.arrays import (
    Numbers,
    arrow_offsets,
    as_numpy,
    first_mask,
    list_lengths,
    list_starts,
    one_array,
    running_numbers,
    stable_order,
)

FORMAT = "3"  # of the rows and weights; an index in another format is rebuilt
MERGE_WIDTH = 8  # so many segments of similar size are merged
MAX_SEGMENT_DOCUMENTS = 40_000
ROW_DOCUMENTS = 128
DENSE_FROM = 4  # a term that every fourth document has is stored dense
BODY_SPOT = 48  # title terms come before it; a higher one costs bits for each word
LAST_SPOT = 65_535
# BM25 (Robertson and Zaragoza 2009, 3.3) with the usual parameters. The mean length is a constant, so that a
# weight never changes once it is written; a term in the title counts three times.
K1, B, MEAN_TERMS = 1.2, 0.75, 400
TITLE_WEIGHT = 3
LEVELS = 15  # a weight has four bits


@dataclass(frozen=True, slots=True)
class Postings:
    """Postings as flat arrays, sorted by term and document; lists are given by their offsets."""

    terms: pa.Array  # unique, ascending
    term_starts: Numbers  # into docs and weights, one more than terms
    docs: Numbers
    weights: Numbers  # 1 to LEVELS; of pairs two of them, in four bits each
    spot_starts: Numbers  # into spots, one more than docs
    spots: Numbers


def invert(texts: pa.Table) -> Postings:
    """Return the postings of documents given as (doc_no, title_terms, body_terms)."""
    doc_no = as_numpy(texts["doc_no"])
    title, body = one_array(texts["title_terms"]), one_array(texts["body_terms"])
    n_title, n_body = list_lengths(title), list_lengths(body)
    words = pa.concat_arrays([title.flatten(), body.flatten()]).dictionary_encode()
    docs = np.concatenate([np.repeat(doc_no, n_title), np.repeat(doc_no, n_body)])
    spots = np.concatenate(
        [running_numbers(n_title).clip(0, BODY_SPOT - 2), running_numbers(n_body) + BODY_SPOT]
    )
    worth = np.concatenate(
        [np.full(n_title.sum(), TITLE_WEIGHT, np.float32), np.ones(n_body.sum(), np.float32)]
    )
    lengths = np.concatenate([np.repeat(n_title + n_body, n_title), np.repeat(n_title + n_body, n_body)])
    terms, codes = _ranked(words)
    by = stable_order(docs, codes)  # of one document the title comes first
    codes, docs, spots = codes[by], docs[by], spots[by].clip(0, LAST_SPOT).astype(np.uint16)
    first = first_mask(codes, docs)
    starts = np.flatnonzero(first)
    counts = np.add.reduceat(worth[by], starts) if len(starts) else worth[:0]
    return Postings(
        terms=terms,
        term_starts=np.searchsorted(codes[starts], np.arange(len(terms) + 1)),
        docs=docs[starts].astype(np.uint32),
        weights=_weights(counts, lengths[by][starts]),
        spot_starts=np.append(starts, len(docs)),
        spots=spots,
    )


def merge(rows: pa.Table, alive: Numbers) -> Postings:
    """Return the postings of several segments' rows together, only of documents that are alive."""
    terms, codes = _ranked(one_array(rows["term"]).dictionary_encode())
    weights = one_array(rows["weights"])
    sizes = list_lengths(weights)
    slot_docs = _slot_docs(one_array(rows["docs"]), as_numpy(rows["is_dense"]), sizes)
    slot_weights = as_numpy(weights.flatten())
    lives = np.zeros(max(slot_docs.max(initial=0), alive.max(initial=0)) + 1, bool)
    lives[alive] = True
    keep = np.flatnonzero((slot_weights > 0) & lives[slot_docs])
    slot_codes = np.repeat(codes, sizes)[keep]
    order = keep[stable_order(slot_docs[keep], slot_codes)]
    per_code = np.bincount(slot_codes, minlength=len(terms))
    kept = np.flatnonzero(per_code)
    spots, spot_starts = _taken(one_array(rows["spots"]).flatten(), order)
    return Postings(
        terms=terms.take(pa.array(kept)),
        term_starts=list_starts(per_code[kept]),
        docs=slot_docs[order],
        weights=slot_weights[order],
        spot_starts=spot_starts,
        spots=spots,
    )


def postings_table(postings: Postings) -> pa.Table:
    """Return the rows (term, is_dense, n_docs, docs, weights, spots) of a segment, in the order of terms."""
    n_docs = np.diff(postings.term_starts)
    docs = postings.docs.astype(np.int64)
    first_block, last_block = (
        (docs.min() // ROW_DOCUMENTS, docs.max() // ROW_DOCUMENTS) if len(docs) else (0, 0)
    )
    is_dense = n_docs * DENSE_FROM >= docs.max(initial=0) - docs.min(initial=2**32) + 1
    blocks = np.where(is_dense, last_block - first_block + 1, -(-n_docs // ROW_DOCUMENTS))
    sizes = np.where(is_dense, blocks * ROW_DOCUMENTS, n_docs)
    slots = _slots(docs - first_block * ROW_DOCUMENTS, n_docs, is_dense, list_starts(sizes))
    weights, n_spots, slot_docs = (np.zeros(sizes.sum(), np.int64) for _ in range(3))
    weights[slots] = postings.weights
    n_spots[slots] = np.diff(postings.spot_starts)
    slot_docs[slots] = docs
    starts = np.zeros(len(weights), np.int64)
    starts[slots] = postings.spot_starts[:-1]
    spots = postings.spots[np.repeat(starts, n_spots) + running_numbers(n_spots)]

    dense_rows = np.repeat(is_dense, blocks)
    places = running_numbers(blocks)
    row_sizes = np.minimum(ROW_DOCUMENTS, np.repeat(sizes, blocks) - places * ROW_DOCUMENTS)
    doc_sizes = np.where(dense_rows, 1, row_sizes)
    row_docs = np.repeat((first_block + places) * ROW_DOCUMENTS, doc_sizes)
    row_docs[~np.repeat(dense_rows, doc_sizes)] = slot_docs[~np.repeat(is_dense, sizes)]
    row_starts = list_starts(row_sizes)
    lists = arrow_offsets(row_sizes)
    spot_lists = pa.ListArray.from_arrays(arrow_offsets(n_spots), pa.array(spots.astype(np.uint16)))
    return pa.table(
        {
            "term": postings.terms.take(pa.array(np.repeat(np.arange(len(n_docs)), blocks))),
            "is_dense": pa.array(dense_rows),
            "n_docs": pa.array(np.diff(list_starts(weights > 0)[row_starts]), pa.uint8()),
            "docs": pa.ListArray.from_arrays(arrow_offsets(doc_sizes), pa.array(row_docs, pa.uint32())),
            "weights": pa.ListArray.from_arrays(lists, pa.array(weights, pa.uint8())),
            "spots": pa.ListArray.from_arrays(lists, spot_lists),
        }
    )


def segments_to_merge(sizes: list[tuple[int, int]]) -> list[int]:
    """Return the segments to merge into one: MERGE_WIDTH of similar size, together not too large.

    `sizes` are (segment_no, n_documents). Each posting is rewritten only a few times, and a million articles
    have some dozen segments.
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
            for segment_no, n_documents in tiers[tier][:MERGE_WIDTH]:
                if total + n_documents <= MAX_SEGMENT_DOCUMENTS or len(chosen) < 2:
                    chosen.append(segment_no)
                    total += n_documents
            return chosen
    return []


def _weights(counts: Numbers, lengths: Numbers) -> Numbers:
    shares = counts / (counts + K1 * (1 - B + B * lengths / MEAN_TERMS))
    return (shares * LEVELS).round().clip(1, LEVELS).astype(np.uint8)


def _slot_docs(docs: pa.Array, is_dense: Numbers, sizes: Numbers) -> Numbers:
    """Return the document of each slot of the rows' weights."""
    n_listed = list_lengths(docs)
    listed = as_numpy(docs.flatten())
    firsts = listed[list_starts(n_listed)[:-1]]
    slot_docs: Numbers = np.repeat(firsts, sizes) + running_numbers(sizes).astype(np.uint32)
    slot_docs[~np.repeat(is_dense, sizes)] = listed[~np.repeat(is_dense, n_listed)]
    return slot_docs


def _slots(docs_from_block: Numbers, n_docs: Numbers, is_dense: Numbers, starts: Numbers) -> Numbers:
    """Return the slot of each posting: its position among the weights of all rows."""
    places = running_numbers(n_docs)
    is_backwards = np.repeat((np.arange(len(n_docs)) % 2 == 1) & ~is_dense, n_docs)
    places = np.where(is_backwards, np.repeat(n_docs, n_docs) - 1 - places, places)
    places = np.where(np.repeat(is_dense, n_docs), docs_from_block, places)
    slots: Numbers = np.repeat(starts[:-1], n_docs) + places
    return slots


def _ranked(words: pa.DictionaryArray) -> tuple[pa.Array, Numbers]:
    """Return the unique words in order, and each word's rank among them."""
    order = pc.sort_indices(words.dictionary)
    rank = np.empty(len(order), np.int64)
    rank[as_numpy(order)] = np.arange(len(order))
    return words.dictionary.take(order), rank[as_numpy(words.indices)]


def _taken(lists: pa.Array, order: Numbers) -> tuple[Numbers, Numbers]:
    """Return the contents of the lists in this order, and their offsets."""
    starts = np.asarray(lists.offsets).astype(np.int64)
    sizes = np.diff(starts)[order]
    values = as_numpy(lists.values)[np.repeat(starts[order], sizes) + running_numbers(sizes)]
    return values, list_starts(sizes)

"""Pairs of frequent words: which documents and positions they have, across slices of documents."""

import pyarrow as pa
import pytest

from warehouse.search.pairs import pair_postings
from warehouse.search.postings import BODY_SPOT, LAST_SPOT, invert, postings_table


def as_dict(postings):
    """Return the documents of each term with their weight and positions."""
    answer = {}
    for n, term in enumerate(postings.terms.to_pylist()):
        answer[term] = {
            int(postings.docs[k]): (
                int(postings.weights[k]),
                postings.spots[postings.spot_starts[k] : postings.spot_starts[k + 1]].tolist(),
            )
            for k in range(postings.term_starts[n], postings.term_starts[n + 1])
        }
    return answer


def dense_row(term, first_doc, spots):
    """Return a row of 128 documents from `first_doc` on; `spots` by document, each with the weight 3."""
    documents = range(first_doc, first_doc + 128)
    return {
        "term": term,
        "docs": [first_doc],
        "weights": [3 if doc in spots else 0 for doc in documents],
        "spots": [spots.get(doc, []) for doc in documents],
    }


SCHEMA = pa.schema({
    "term": pa.string(),
    "docs": pa.list_(pa.uint32()),
    "weights": pa.list_(pa.uint8()),
    "spots": pa.list_(pa.list_(pa.uint16())),
})  # fmt: skip


def pairs(*slices):
    words = sorted({row["term"] for rows in slices for row in rows})
    tables = [pa.Table.from_pylist(rows, SCHEMA) for rows in slices]
    return as_dict(pair_postings(pa.array(words, pa.string()), tables))


WEIGHT = 3 * 16 + 3


@pytest.mark.parametrize(
    ("slices", "expected"),
    [
        pytest.param(
            [[dense_row("of", 0, {5: [50, 60]}), dense_row("the", 0, {5: [51, 70], 6: [61]})]],
            {" of the": {5: (WEIGHT, [50])}},
            id="side by side in one document",
        ),
        pytest.param(
            [[dense_row("of", 0, {5: [50, 52]}), dense_row("the", 0, {5: [51, 53]})]],
            {" of the": {5: (WEIGHT, [50, 52])}, " the of": {5: (WEIGHT, [51])}},
            id="both orders",
        ),
        pytest.param(
            [[dense_row("the", 0, {5: [50, 51]})]], {" the the": {5: (WEIGHT, [50])}}, id="a word twice"
        ),
        pytest.param(
            [
                [dense_row("of", 0, {5: [50]}), dense_row("the", 0, {5: [51]})],
                [],
                [dense_row("of", 256, {300: [48]}), dense_row("the", 256, {300: [49]})],
            ],
            {" of the": {5: (WEIGHT, [50]), 300: (WEIGHT, [48])}},
            id="several slices, one empty",
        ),
        pytest.param(
            [[dense_row("of", 0, {5: [BODY_SPOT - 3]}), dense_row("the", 0, {5: [BODY_SPOT - 2] * 2})]],
            {" of the": {5: (WEIGHT, [BODY_SPOT - 3] * 2)}},
            id="the end of a long title",
        ),
        pytest.param(
            [[dense_row("of", 0, {5: [LAST_SPOT]}), dense_row("the", 0, {6: [0]})]],
            {},
            id="not from the end of a document to the next",
        ),
    ],
)
def test_pairs(slices, expected):
    assert pairs(*slices) == expected


def test_weights_are_those_of_the_words():
    terms = [["climate"] * 9 + ["deal"], ["climate", "deal"]]
    texts = pa.table({
        "doc_no": pa.array([1, 2], pa.uint32()),
        "title_terms": pa.array([[], []], pa.list_(pa.string())),
        "body_terms": pa.array(terms, pa.list_(pa.string())),
    })  # fmt: skip
    words = invert(texts)
    of_word = as_dict(words)
    rows = postings_table(words)
    found = as_dict(pair_postings(words.terms, [rows.filter(rows["is_dense"])]))
    assert found[" climate deal"] == {
        doc: (of_word["climate"][doc][0] * 16 + of_word["deal"][doc][0], [spot])
        for doc, spot in ((1, 56), (2, 48))
    }

"""Texts -> lists of terms: each different word of a batch is split once, by the macro that questions use.

Before the postings (`warehouse/search/postings.py`). A term never spans white space, so the terms of a text
are those of its words, one word after the other; a thousand articles have half a million words, of which
some twenty thousand differ.
"""

import secrets

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.search.arrays import (
    Numbers,
    arrow_offsets,
    as_numpy,
    list_lengths,
    list_starts,
    one_array,
    running_numbers,
)
from warehouse.store.arrow import registered

_WORDS_PER_LINE = 500


def split_texts(con: duckdb.DuckDBPyConnection, texts: pa.Array) -> pa.ListArray:
    """Return the terms of each text, in order: lists of strings with one dictionary.

    The texts are clean (`warehouse.store.text`): the macro stops at a NUL.
    """
    words = pc.ascii_split_whitespace(texts)
    encoded = words.flatten().dictionary_encode()
    terms, n_terms = _split_words(con, encoded.dictionary.to_pylist())
    places = as_numpy(encoded.indices)
    sizes = n_terms[places]
    taken = np.repeat(list_starts(n_terms)[places], sizes) + running_numbers(sizes)
    text_ends = list_starts(list_lengths(words))
    n_of_texts = np.diff(list_starts(sizes)[text_ends])
    return pa.ListArray.from_arrays(arrow_offsets(n_of_texts), terms.take(pa.array(taken)))


def _split_words(con: duckdb.DuckDBPyConnection, words: list[str]) -> tuple[pa.DictionaryArray, Numbers]:
    """Return the terms of all words, in order, and the number of terms of each word.

    Some hundred words are one line: folding a word costs nearly as much as folding a line. A mark, which is
    a term that no text has, stands before each word.
    """
    mark = secrets.token_hex(16)
    starts = range(0, len(words), _WORDS_PER_LINE)
    lines = ["".join(f" {mark} {word}" for word in words[n : n + _WORDS_PER_LINE]) for n in starts]
    table = pa.table({"no": pa.array(range(len(lines)), pa.int32()), "line": pa.array(lines, pa.string())})
    with registered(con, word_line=table):
        rows = con.sql(_TERMS).to_arrow_table()
    terms = one_array(rows["terms"]).flatten()
    is_mark = as_numpy(pc.equal(terms, mark))
    n_terms = np.diff(np.append(np.flatnonzero(is_mark), len(terms))) - 1
    return terms.filter(pa.array(~is_mark)).dictionary_encode(), n_terms


_TERMS = """
select core.search_terms(line) as terms
from word_line
order by no
"""

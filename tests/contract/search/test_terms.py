"""Texts of a batch are split as the macro splits each of them alone."""

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.search.terms import split_texts
from warehouse.store.migrate import find_views
from warehouse.store.text import TITLE_LIMIT, clean_text

# White space of all kinds, marks, invisible characters, digits, and scripts with and without spaces.
PIECES = (
    *" \n\t\r\v\f\u00a0\u2028\u3000",
    *"aBcİſßéêяёйЁΣσς0٣９'-,.·_",
    *"\u0301\u0308\u0327\u05b4\u0640\u200d\u00ad\ufeff",
    *"京都ーはไทยລາວខ្မែမြန်",
    *("Ελλάδα", "Łódź", "covid-19", "C'est", "e\u0301te\u0301", "東京 都"),
)


@pytest.fixture(scope="module")
def con():
    con = duckdb.connect()
    con.execute("create schema core")
    (macros,) = [file for file in find_views() if "search_terms" in file.name]
    con.execute(macros.read_text(encoding="utf-8"))
    yield con
    con.close()


def terms_of(con, texts):
    lists = split_texts(con, pa.array(texts, pa.string()))
    return lists.cast(pa.list_(pa.string())).to_pylist()


def test_terms_keep_their_order_and_repeats(con):
    texts = ["To be or not, to be!", "", "... !", "京都の話 (2020)", "to"]
    assert terms_of(con, texts) == [
        ["to", "be", "or", "not", "to", "be"],
        [],
        [],
        ["京都", "都の", "の話", "話", "2020"],
        ["to"],
    ]


def test_a_batch_without_a_word(con):
    assert terms_of(con, []) == []
    assert terms_of(con, ["", " \n"]) == [[], []]


def test_more_words_than_one_line_has(con):
    words = [f"w{n}" for n in range(2_500)]
    assert terms_of(con, [" ".join(words), " ".join(reversed(words))]) == [words, words[::-1]]


@given(st.lists(st.lists(st.sampled_from(PIECES)).map("".join) | st.text(), max_size=6))
def test_any_texts_are_split_as_each_alone(con, texts):
    texts = [clean_text(text, TITLE_LIMIT) for text in texts]
    rows = con.execute("select core.search_terms(unnest($1::text[]))", [texts]).fetchall()
    assert terms_of(con, texts) == [terms for (terms,) in rows]

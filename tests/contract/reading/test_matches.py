"""What `wirehouse search` shows of an article: the part of its text where the words are."""

import pytest

from warehouse.reading.filters import Order, Selection
from warehouse.reading.find import ResultQuery
from warehouse.reading.matches import MATCH_TYPES, Match, find_matches, snippet
from warehouse.store.connection import connect


@pytest.fixture(scope="module")
def con(web_home):
    con = connect(web_home)
    yield con
    con.close()


def test_matches_have_the_place_of_the_words_and_their_story(con):
    page, matches = find_matches(con, ResultQuery(Selection("mayor"), Order.BEST))
    assert (page.n_articles, page.n_stories) == (1, 1)
    assert (
        matches[0].snippet
        == "Twelve people were hurt in the blast. Police left. More follows. The mayor spoke."
    )
    copies = {m.source: m.is_representative for m in find_matches(con, ResultQuery(Selection("bridge")))[1]}
    assert copies == {"alpha": True, "beta": False}


def test_no_match(con):
    page, matches = find_matches(con, ResultQuery(Selection("nowhere")))
    assert (page.n_articles, matches) == (0, [])


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        pytest.param("The needle lies here.", "needle", "The needle lies here.", id="a short text is whole"),
        pytest.param(
            "word " * 60 + "Müller came. " + "word " * 60, "muller", "Müller came.", id="without accents"
        ),
        pytest.param(
            "word " * 60 + "elections " + "word " * 60, "~election|elections", "elections", id="a form"
        ),
        pytest.param("word " * 60, "nowhere", "word word", id="the beginning when only the title has it"),
    ],
)
def test_snippet(text, words, expected):
    found = snippet(text, words)
    assert expected in found
    assert len(found) <= 162


def test_a_long_text_is_cut_on_both_sides():
    found = snippet("First words here. " * 20 + "The needle lies here. " + "Last words. " * 20, "needle")
    assert found.startswith("…")
    assert found.endswith("…")


def test_every_field_of_a_match_has_a_type():
    assert list(MATCH_TYPES) == list(Match.__slots__)

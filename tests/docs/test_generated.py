"""The pages with answers: each is what the code makes of the demo's data."""

from pathlib import Path

import pytest

from manual.generated import PAGES_OF_STORE
from warehouse.reading.cookbook import answer_question, list_questions
from warehouse.store.connection import connect

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", PAGES_OF_STORE)
def test_a_page_shows_the_answers_of_the_demo(demo_home, name):
    with connect(demo_home) as con:
        text = PAGES_OF_STORE[name](con)
    assert text == (DOCS / name).read_text(encoding="utf-8"), "run: python -m manual"


@pytest.mark.parametrize("question", list_questions(), ids=lambda question: question.name)
def test_the_demo_answers_every_question(demo_home, question):
    with connect(demo_home) as con:
        assert answer_question(con, question, {}).rows

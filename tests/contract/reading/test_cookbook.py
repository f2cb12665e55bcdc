"""Saved questions: their files, and what they are asked with."""

import re

import pytest

from warehouse.reading.cookbook import (
    MAX_ROWS,
    QuestionParameter,
    SavedQuestion,
    answer_question,
    list_questions,
    parse_saved,
)

HEADER = "-- title: One\n-- asks: What is one?\n"


def test_a_file():
    text = HEADER + "-- parameter day (date): A day.\nselect $day::date as day\n"
    parameter = QuestionParameter("day", "date", "A day.")
    assert parse_saved("one", text) == SavedQuestion(
        "one", "One", "What is one?", (parameter,), "select $day::date as day"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("-- title: One\nselect 1", "one.sql has no '-- asks:'", id="no sentence"),
        pytest.param("select 1", "one.sql has no '-- asks:'", id="no header"),
        pytest.param(HEADER + "-- parameter day (day): A day.\n", "one.sql, line 3: expected", id="a kind"),
        pytest.param(HEADER + "-- of a day\nselect 1", "one.sql, line 3: expected", id="a comment"),
    ],
)  # fmt: skip
def test_a_broken_header_is_named(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        parse_saved("one", text)


def test_the_files_refer_to_their_parameters():
    for question in list_questions():
        used = set(re.findall(r"\$([a-z_]+)", question.sql))
        assert used == {parameter.name for parameter in question.parameters}, question.name
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", question.name)
        assert question.asks.endswith("?")


def test_an_answer_is_cut():
    import duckdb

    question = SavedQuestion("n", "N", "Which numbers?", (), "select range as n from range(1001)")
    answer = answer_question(duckdb.connect(), question, {})
    assert (len(answer.rows), answer.is_cut, answer.columns) == (MAX_ROWS, True, ("n",))
    assert answer.rows[0] == (0,)

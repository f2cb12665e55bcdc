"""The cookbook: saved questions, each a file of SQL with a header, run read-only on the snapshot.

`/questions` of browse lists and runs them. A file is `warehouse/cookbook/NAME.sql`:

    -- title: Stories of one day
    -- asks: Which stories were published on a day, each counted once?
    -- parameter day (date): Day as printed; empty: the latest that has articles.
    select …

A parameter is a date, a number or a text; null where it is not given. The statement refers to it as `$day`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

MAX_ROWS = 1_000
_FOLDER = Path(__file__).parents[1] / "cookbook"
_HEADER = re.compile(r"-- (title|asks): (.+)")
_PARAMETER = re.compile(r"-- parameter ([a-z_]+) \((date|number|text)\): (.+)")


@dataclass(frozen=True, slots=True)
class QuestionParameter:
    """What a saved question can be asked with."""

    name: str
    kind: str  # date, number, text
    description: str


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A question with the statement that answers it."""

    name: str
    title: str
    asks: str
    parameters: tuple[QuestionParameter, ...]
    sql: str


@dataclass(frozen=True, slots=True)
class QuestionAnswer:
    """The rows that answer a question; `is_cut` when there are more than MAX_ROWS."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_cut: bool


@cache
def list_questions() -> tuple[SavedQuestion, ...]:
    """Return the questions of the cookbook, by title."""
    questions = (parse_saved(file.stem, file.read_text(encoding="utf-8")) for file in _FOLDER.glob("*.sql"))
    return tuple(sorted(questions, key=lambda question: question.title))


def find_question(name: str) -> SavedQuestion | None:
    """Return the question of that name."""
    return next((question for question in list_questions() if question.name == name), None)


def parse_saved(name: str, text: str) -> SavedQuestion:
    """Return the question that a file holds. Raises ValueError with the line that is wrong."""
    header: dict[str, str] = {}
    parameters: list[QuestionParameter] = []
    lines = text.splitlines(keepends=True)
    n_header = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    for n, line in enumerate(lines[:n_header], 1):
        if match := _HEADER.fullmatch(line.rstrip()):
            header[match[1]] = match[2]
        elif match := _PARAMETER.fullmatch(line.rstrip()):
            parameters.append(QuestionParameter(match[1], match[2], match[3]))
        else:
            raise ValueError(
                f"{name}.sql, line {n}: expected '-- title:', '-- asks:' or '-- parameter name (kind):'"
            )
    if missing := {"title", "asks"} - header.keys():
        raise ValueError(f"{name}.sql has no '-- {min(missing)}:'")
    return SavedQuestion(
        name, header["title"], header["asks"], tuple(parameters), "".join(lines[n_header:]).strip()
    )


def answer_question(
    con: duckdb.DuckDBPyConnection, question: SavedQuestion, values: Mapping[str, date | float | str | None]
) -> QuestionAnswer:
    """Return the answer to a question; parameters without a value are null."""
    parameters = {parameter.name: values.get(parameter.name) for parameter in question.parameters}
    result = con.execute(question.sql, parameters)
    columns = tuple(column[0] for column in result.description or ())
    rows = [tuple(map(_plain, row)) for row in result.fetchmany(MAX_ROWS + 1)]
    return QuestionAnswer(columns, tuple(rows[:MAX_ROWS]), len(rows) > MAX_ROWS)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value

"""`/questions` and `/questions/{name}`: the cookbook's questions, each with its parameters and its SQL."""

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

import duckdb

from warehouse.reading.cookbook import (
    MAX_ROWS,
    QuestionAnswer,
    QuestionParameter,
    SavedQuestion,
    answer_question,
    find_question,
    list_questions,
)
from warehouse.text.feed_rows import entries_of_rows, missing_column
from warehouse.text.syndication import OutgoingFeed
from web.errors import BadRequest, NotFound
from web.parameters import MAX_QUESTION, Parameters, parse_day
from web.view import RequestContext, View

_SHOWN_ROWS = 200  # in the page; the other forms have up to MAX_ROWS
_LINKED = frozenset({"article_id", "story_id"})  # lead to the page of the row; its title is the link


@dataclass(frozen=True, slots=True)
class QuestionLine:
    """A question in the JSON and CSV forms of the list."""

    name: str
    title: str
    asks: str


def question_list(context: RequestContext) -> View:
    """Return the list of questions."""
    rows = [QuestionLine(q.name, q.title, q.asks) for q in list_questions()]
    return View("questions.html.j2", {"questions": rows}, {"questions": rows}, rows, QuestionLine)


def question(context: RequestContext) -> View:
    """Return one question with its answer. Raises NotFound, BadRequest."""
    name = context.path["name"]
    saved = find_question(name)
    if saved is None:
        raise NotFound(f"There is no question {name[:80]!r}. The list is at /questions.")
    asked = {parameter.name: _value(context.parameters, parameter) for parameter in saved.parameters}
    answer = _answer(context, saved, asked)
    shown = answer.rows[:_SHOWN_ROWS]
    hidden = _LINKED | _empty_columns(answer.columns, shown)
    values = {
        "question": saved,
        "given": {name: "" if value is None else str(value) for name, value in asked.items()},
        "columns": [name for name in answer.columns if name not in hidden],
        "empty": [name for name in answer.columns if name in hidden - _LINKED],
        "numbers": _number_columns(answer),
        "rows": [_shown_row(answer.columns, row, hidden) for row in shown],
        "n_rows": len(answer.rows),
        "is_cut": answer.is_cut,
        "most": MAX_ROWS,
    }
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    data = {
        "question": QuestionLine(saved.name, saved.title, saved.asks),
        "parameters": asked,
        "rows": rows,
        "is_cut": answer.is_cut,
    }
    return View(
        "question.html.j2",
        values,
        data,
        answer.rows,
        columns=answer.columns,
        feed=_feed(context, saved, answer, rows),
    )


def _answer(
    context: RequestContext, saved: SavedQuestion, asked: Mapping[str, date | float | str | None]
) -> QuestionAnswer:
    """Return the answer. Raises BadRequest for words that `search()` refuses."""
    try:
        return answer_question(context.con, saved, asked)
    except duckdb.InvalidInputException as error:
        raise BadRequest(str(error).removeprefix("Invalid Input Error: ")) from error


def _value(parameters: Parameters, parameter: QuestionParameter) -> date | float | str | None:
    """Return the value that the address gives a parameter; None when it gives none. Raises BadRequest."""
    if parameter.kind == "date":
        return parse_day(parameters, parameter.name)
    text = parameters.get(parameter.name).strip()
    if not text:
        return None
    if len(text) > MAX_QUESTION:
        raise BadRequest(f"{parameter.name}: more than {MAX_QUESTION} characters")
    if parameter.kind == "text":
        return text
    try:
        number = float(text)
    except ValueError as error:
        raise BadRequest(f"{parameter.name}: {text!r} is not a number") from error
    if not math.isfinite(number) or abs(number) > 1e9:
        raise BadRequest(f"{parameter.name}: {text!r} is not a number up to 1,000,000,000")
    return int(number) if number.is_integer() else number


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of the page's table."""

    column: str
    value: Any
    href: str  # of our own page; empty without one


def _shown_row(columns: Sequence[str], row: Sequence[Any], hidden: Set[str]) -> list[ShownCell]:
    named = dict(zip(columns, row, strict=True))
    return [ShownCell(name, value, _href(name, named)) for name, value in named.items() if name not in hidden]


def _empty_columns(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> set[str]:
    """Return the columns without any value: on a phone they would hide those that have some."""
    values = zip(*rows, strict=True)
    return {name for name, cells in zip(columns, values, strict=False) if all(cell is None for cell in cells)}


def _number_columns(answer: QuestionAnswer) -> set[str]:
    """Return the columns that hold numbers."""
    return {
        name
        for name, values in zip(answer.columns, zip(*answer.rows, strict=True), strict=False)
        if any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    }


def _href(column: str, row: Mapping[str, Any]) -> str:
    """Return where a cell leads: the title to its article or story, a source to its page."""
    if column == "title" and row.get("article_id"):
        return f"/article/{row['article_id']}"
    if column == "title" and row.get("story_id"):
        return f"/story/{row['story_id']}"
    if column in ("source", "earlier", "later", "most_often_in") and row[column]:
        return f"/sources/{quote(str(row[column]), safe='')}"
    return ""


def _feed(
    context: RequestContext, saved: SavedQuestion, answer: QuestionAnswer, rows: Sequence[Mapping[str, Any]]
) -> OutgoingFeed | None:
    """Return the answer as a feed; None when it does not list articles."""
    if missing_column(answer.columns):
        return None
    query = f"?{context.query}" if context.query else ""
    entries = entries_of_rows(rows[:_SHOWN_ROWS], context.published_at, context.base_url)
    return OutgoingFeed(
        id=f"{context.base_url}questions/{saved.name}.atom{query}",
        title=f"wirehouse: {saved.title}",
        feed_url=f"{context.base_url}questions/{saved.name}.atom{query}",
        page_url=f"{context.base_url}questions/{saved.name}{query}",
        updated_at=max((entry.updated_at for entry in entries), default=context.published_at),
        entries=entries,
    )

"""Commands that query the snapshot: `sql` and `explain`."""

import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal.answers import answered, limited, memory_size
from flows.terminal.formats import Destination, Format, batches, parse_destination, write_result
from flows.terminal.options import (
    FormatOption,
    HomeOption,
    JsonOption,
    OutputOption,
    SpreadsheetOption,
    home_path,
    read_text_file,
)
from flows.terminal.output import print_json, print_table
from flows.terminal.query_result import QueryResult
from flows.terminal.values import visible
from tasks.errors import UsageError

if TYPE_CHECKING:
    import duckdb

    from warehouse.inspection.explain import Explanation

_NO_QUERY = 'There is no query. Example: wirehouse sql "select count(*) from articles"'


def sql(
    query: Annotated[
        str | None,
        typer.Argument(
            metavar="QUERY",
            help="The query. When missing, it is read from standard input; a terminal gets a prompt.",
        ),
    ] = None,
    query_file: Annotated[Path | None, typer.Option("--file", help="Read the query from this file.")] = None,
    form: FormatOption = None,
    output: OutputOption = None,
    spreadsheet_safe: SpreadsheetOption = False,
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="Time limit in seconds.")] = 300,
    memory: Annotated[str, typer.Option("--memory", help="Memory limit, such as 500MB.")] = "2GB",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Query the snapshot with SQL: read-only, without access to files or the network.

    A table shows at most 1,000 rows; the other formats have all rows.
    """
    from warehouse.store.connection import connect

    destination = parse_destination(form, output, as_json=as_json, is_for_spreadsheet=spreadsheet_safe)
    is_prompt = query is None and query_file is None and sys.stdin.isatty()
    question = "" if is_prompt else _read_question(query, query_file)
    con = connect(home_path(home), memory_limit=memory_size(memory))
    if is_prompt:
        _prompt(con, destination, timeout_s)
        return
    with answered(con, timeout_s):
        _answer(con, question, destination)


def _prompt(con: "duckdb.DuckDBPyConnection", destination: Destination, timeout_s: float) -> None:
    from flows.terminal.prompt import run_prompt

    def answer(question: str) -> None:
        with limited(con, timeout_s):
            _answer(con, question, destination)

    try:
        run_prompt(con, answer)
    finally:
        con.close()


def _answer(con: "duckdb.DuckDBPyConnection", question: str, destination: Destination) -> None:
    from warehouse.inspection.question import find_refusal

    if refusal := find_refusal(con, question):
        raise UsageError(refusal)
    title = "wirehouse: " + " ".join(question.split())[:200]
    # A result of execute() is read as rows and a relation as Arrow: DuckDB 2 refuses both ways at once.
    if destination.form is Format.PARQUET:
        relation = con.sql(question)
        if relation is None:
            raise UsageError("The statement has no result to write as Parquet.")
        result = QueryResult(relation.columns, (), relation.to_arrow_reader, title)
    else:
        answer = con.execute(question)
        names = [column[0] for column in answer.description or []]
        result = QueryResult(names, batches(answer) if names else (), None, title)
    write_result(result, destination)


def _read_question(query: str | None, file: Path | None) -> str:
    if query is not None and file is not None:
        raise UsageError("--file: the query is given twice, as an argument and as a file")
    if query is not None:
        question = query
    elif file is not None:
        question = read_text_file("--file", file)
    else:
        question = _read_standard_input()
    if not question.strip(" \t\r\n;"):
        raise UsageError(_NO_QUERY)
    return question


def _read_standard_input() -> str:
    try:
        text = sys.stdin.read()
        text.encode()  # in the C locale, other bytes are read as surrogates
    except UnicodeError as error:
        raise UsageError("The query on standard input is not UTF-8. Save it as UTF-8.") from error
    return text.removeprefix("\ufeff")


def explain(
    url: Annotated[str, typer.Argument(metavar="URL", help="URL of an article.")],
    diff: Annotated[
        bool, typer.Option("--diff", help="Show which sentences changed between revisions.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show everything that is known about one article: origins, copies, revisions, requests."""
    from warehouse.inspection.explain import find_explanation
    from warehouse.store.connection import connect

    key = _url_key(url)
    with connect(home_path(home)) as con:
        explanation = find_explanation(con, key)
        changes = _changes(con, explanation) if diff and explanation.article else []
    if as_json:
        print_json({**_parts(explanation), **({"changes": changes} if diff else {})})
    else:
        _print_explanation(explanation, changes)
    if not explanation.is_known:
        typer.echo(visible(f"Nothing is known about '{url}' (key {explanation.url_key})."), err=True)
        raise typer.Exit(1)


def _url_key(url: str) -> str:
    """Return the key of a URL that was given as an argument. Raises UsageError."""
    from tasks.domain.urls.key import url_key
    from tasks.errors import ItemError, UsageError

    try:
        return url_key(url)
    except ItemError as error:
        raise UsageError(f"{visible(repr(url))}: {error.reason}") from error


def _parts(explanation: "Explanation") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(explanation)


def _changes(con: "duckdb.DuckDBPyConnection", explanation: "Explanation") -> list[dict[str, Any]]:
    from warehouse.inspection.explain import find_revision_texts, text_change

    assert explanation.article is not None
    texts = find_revision_texts(con, str(explanation.article["article_id"]))
    changes = []
    for (_, before), (number, after) in pairwise(texts):
        change = text_change(before, after)
        changes.append({"revision_no": number, "added": change.added, "removed": change.removed})
    return changes


def _print_explanation(explanation: "Explanation", changes: list[dict[str, Any]]) -> None:
    for row in explanation.forgotten:
        reason = f" ({row['reason']})" if row["reason"] else ""
        typer.echo(f"Removed on request on {row['forgotten_at']:%Y-%m-%d}{reason}; not fetched again.")
    if explanation.article:
        typer.echo("Article")
        print_table(
            ["field", "value"],
            [[k, v] for k, v in explanation.article.items() if v is not None],
        )
    for title, rows in _parts(explanation).items():
        if isinstance(rows, list) and rows:
            typer.echo(f"\n{title.capitalize()}")
            print_table(list(rows[0]), [list(row.values()) for row in rows])
    for change in changes:
        typer.echo(f"\nRevision {change['revision_no']}")
        for sign, sentences in (("-", change["removed"]), ("+", change["added"])):
            for sentence in sentences:
                typer.echo(visible(f"{sign} {sentence}"))

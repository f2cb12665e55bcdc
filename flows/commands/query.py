"""Commands that query the snapshot: `sql` and `explain`."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal.limits import memory_limit, stopped_by_ctrl_c, time_limit
from flows.terminal.options import HomeOption, JsonOption, home_path
from flows.terminal.output import Format, batches, print_json, visible, write_rows
from tasks.errors import UsageError

if TYPE_CHECKING:
    import duckdb

    from warehouse.inspection.explain import Explanation


def sql(
    query: Annotated[
        str | None, typer.Argument(help="The query; read from standard input when missing.")
    ] = None,
    form: Annotated[
        Format, typer.Option("--format", help="table stops after 1,000 rows; json and csv print all.")
    ] = Format.TABLE,
    timeout_s: Annotated[float, typer.Option("--timeout", min=0.1, help="Time limit in seconds.")] = 300,
    memory: Annotated[str, typer.Option("--memory", help="Memory limit, such as 500MB.")] = "2GB",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Query the snapshot with SQL: read-only, without access to files or the network."""
    from warehouse.inspection.question import find_refusal
    from warehouse.store.connection import connect

    question = query if query is not None else _read_stdin()
    if not question.strip(" \t\r\n;"):
        raise UsageError('There is no query. Example: wirehouse sql "select count(*) from articles"')
    con = connect(home_path(home), memory_limit=memory_size(memory))
    with answered(con, timeout_s):
        if refusal := find_refusal(con, question):
            raise UsageError(refusal)
        result = con.execute(question)
        names = [column[0] for column in result.description or []]
        write_rows(names, batches(result) if names else [], Format.JSON if as_json else form)


def explain(
    url: Annotated[str, typer.Argument(help="URL of an article.")],
    diff: Annotated[
        bool, typer.Option("--diff", help="Show which sentences changed between revisions.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show everything that is known about one article: origins, copies, revisions, requests."""
    from tasks.domain.urls.key import url_key
    from warehouse.inspection.explain import find_explanation
    from warehouse.store.connection import connect

    con = connect(home_path(home))
    try:
        explanation = find_explanation(con, url_key(url))
        changes = _changes(con, explanation) if diff and explanation.article else []
    finally:
        con.close()
    if as_json:
        print_json({**_parts(explanation), **({"changes": changes} if diff else {})})
    else:
        _print_explanation(explanation, changes)
    if not explanation.is_known:
        typer.echo(visible(f"Nothing is known about '{url}' (key {explanation.url_key})."), err=True)
        raise typer.Exit(1)


@contextmanager
def answered(con: "duckdb.DuckDBPyConnection", timeout_s: float) -> Iterator[None]:
    """Run a query in the block: limit its time and memory, and turn DuckDB's errors into ours."""
    import duckdb

    too_long = (
        f"The query took longer than {timeout_s:g} s and was stopped. Narrow it down, or raise --timeout."
    )
    try:
        with stopped_by_ctrl_c(), time_limit(con, timeout_s, too_long), memory_limit(con):
            yield
    except duckdb.InterruptException as error:
        raise UsageError(too_long) from error
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise UsageError(
            "The query needs more memory than its limit. Narrow it down, or raise --memory."
        ) from error
    except BrokenPipeError:
        _drop_stdout()
    except (duckdb.IOException, duckdb.FatalException) as error:
        from warehouse.errors import WarehouseCorrupt

        raise WarehouseCorrupt(f"The snapshot cannot be read: {error}") from error
    except duckdb.Error as error:
        raise UsageError(str(error)) from error
    finally:
        con.close()


def _read_stdin() -> str:
    if sys.stdin.isatty():
        raise UsageError('There is no query. Example: wirehouse sql "select count(*) from articles"')
    return sys.stdin.read()


def memory_size(text: str) -> str:
    """Return a size as DuckDB takes it. Raises UsageError."""
    import re

    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B)", text, re.IGNORECASE):
        raise UsageError(f"--memory: {text!r} is not a size (expected a form such as 500MB or 2GB)")
    return text


def _drop_stdout() -> None:
    """Discard the rest of the output: the reader closed the pipe, as `head` does."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
        write_rows(
            ["field", "value"],
            [[k, v] for k, v in explanation.article.items() if v is not None],
            Format.TABLE,
        )
    for title, rows in _parts(explanation).items():
        if isinstance(rows, list) and rows:
            typer.echo(f"\n{title.capitalize()}")
            write_rows(list(rows[0]), [list(row.values()) for row in rows], Format.TABLE)
    for change in changes:
        typer.echo(f"\nRevision {change['revision_no']}")
        for sign, sentences in (("-", change["removed"]), ("+", change["added"])):
            for sentence in sentences:
                typer.echo(visible(f"{sign} {sentence}"))

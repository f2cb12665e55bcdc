"""The `search` command: full-text search, best match first."""

from dataclasses import asdict
from typing import Annotated

import typer

from flows.commands.query import answered
from flows.terminal.filters import check_sources
from flows.terminal.options import HomeOption, JsonOption, SinceOption, SourceOption, UntilOption, home_path
from flows.terminal.output import Format, json_value, visible, write_rows
from tasks.errors import UsageError


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            help='Words, "a phrase", a prefix*, ~inflections, OR, NEAR/5, parentheses, an -excluded word, '
            "in any script; title: author: source: lang: before: after:."
        ),
    ],
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many articles to show.")] = 20,
    language: Annotated[
        list[str] | None,
        typer.Option("--language", help="Only this language (ISO 639-1); repeat for several."),
    ] = None,
    newest: Annotated[
        bool, typer.Option("--newest", help="Newest first instead of best match first.")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search the articles' full text. In SQL: from search('words') order by score desc.

    The exit code is 0 with or without a match.
    """
    from warehouse.reading.filters import Order, Selection
    from warehouse.reading.matches import find_matches
    from warehouse.search.grammar import parse_question
    from warehouse.search.parts import QuestionError
    from warehouse.store.connection import connect

    question = _question(words)
    try:
        parse_question(question)
    except QuestionError as error:
        raise UsageError(f"{question!r}: {error}") from error
    selection = Selection(
        question=question,
        sources=tuple(source or ()),
        languages=tuple(language or ()),
        since=since,
        until=until,
    )
    con = connect(home_path(home))
    with answered(con, 60):
        check_sources(con, source)
        articles = find_matches(con, selection, Order.NEW if newest else Order.BEST, limit)
    if as_json:
        rows = [json_value(asdict(article)) for article in articles]
        write_rows(list(rows[0]) if rows else [], [list(row.values()) for row in rows], Format.JSON)
    elif not articles:
        typer.echo(visible(f"No article matches {question}"), err=True)
    else:
        names = ["published", "source", "title", "snippet", "url"]
        write_rows(
            names,
            [[a.published_at or a.published_on, a.source, a.title, a.snippet, a.url] for a in articles],
            Format.TABLE,
        )


def _question(words: list[str]) -> str:
    """Return the words as one search string; an argument with spaces was quoted in the shell."""
    parts = [f'"{word}"' if len(words) > 1 and " " in word and '"' not in word else word for word in words]
    question = " ".join(parts).strip()
    if not any(letter.isalnum() for letter in question):
        raise UsageError('There are no words to search for. Example: wirehouse search climate "green deal"')
    return question

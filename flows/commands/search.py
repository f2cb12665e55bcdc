"""The `search` command: full-text search, best match or newest first, with totals and a cursor."""

import shlex
from datetime import date, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.terminal.answers import answered
from flows.terminal.filters import check_question, check_sources, read_url
from flows.terminal.formats import Destination, Format, parse_destination, write_result
from flows.terminal.options import (
    FormatOption,
    HomeOption,
    JsonOption,
    LanguageOption,
    OutputOption,
    SinceOption,
    SourceOption,
    SpreadsheetOption,
    UntilOption,
    home_path,
)
from flows.terminal.query_result import QueryResult
from flows.terminal.values import visible
from tasks.errors import UsageError
from warehouse.wording import plural

if TYPE_CHECKING:
    from warehouse.reading.filters import Cursor, Selection
    from warehouse.reading.find import ResultPage
    from warehouse.reading.matches import Match


def search(
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="WORDS",
            help='Words, "a phrase", a prefix*, ~inflections, OR, NEAR/5, parentheses, an -excluded word, '
            "in any script; title: author: source: lang: before: after:; or a URL.",
        ),
    ],
    source: SourceOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many articles to show.")] = 20,
    after: Annotated[
        str | None,
        typer.Option("--after", help="Continue after this cursor, which the previous page printed."),
    ] = None,
    language: LanguageOption = None,
    newest: Annotated[
        bool, typer.Option("--newest", help="Newest first instead of best match first.")
    ] = False,
    form: FormatOption = None,
    output: OutputOption = None,
    spreadsheet_safe: SpreadsheetOption = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Search the articles' full text. In SQL: from search('words') order by score desc.

    Days and times are those of the page's own time zone; of a page without a date, when it was first seen, in
    UTC. The number of articles and stories, and the cursor of the next page, go to standard error. The exit
    code is 0 with or without a match.
    """
    from warehouse.reading.filters import Order, Selection
    from warehouse.reading.find import ResultQuery
    from warehouse.reading.matches import find_matches
    from warehouse.store.connection import connect

    destination = parse_destination(form, output, as_json=as_json, is_for_spreadsheet=spreadsheet_safe)
    url = read_url(" ".join(words))
    selection = Selection(
        question="" if url else _question(words),
        url=url,
        sources=tuple(source or ()),
        languages=tuple(language or ()),
        since=since,
        until=until,
    )
    request = ResultQuery(selection, Order.NEW if newest else Order.BEST, limit, _cursor(after))
    con = connect(home_path(home))
    with answered(con, 60):
        check_sources(con, source)
        if not url:
            check_question(con, selection.question)
        page, matches = find_matches(con, request)
    if not matches and (selection.url or destination.form is Format.TABLE):
        typer.echo(visible(_no_match(selection)), err=True)
    if matches or destination.form is not Format.TABLE:
        write_result(_result(selection, matches, destination), destination)
    _print_summary(page)


def _result(selection: "Selection", matches: "list[Match]", destination: Destination) -> QueryResult:
    """Return the matches as rows: a few columns for people, all for programs."""
    import pyarrow as pa

    from warehouse.reading.matches import MATCH_TYPES

    if destination.form in (Format.TABLE, Format.MARKDOWN):
        names = ["published (page's zone)", "source", "title", "snippet", "url"]
        rows: list[list[Any]] = [[_published(m), m.source, m.title, m.snippet, m.url] for m in matches]
    else:
        names = list(MATCH_TYPES)
        rows = [[getattr(match, name) for name in names] for match in matches]

    def to_arrow() -> pa.RecordBatchReader:
        lines = [dict(zip(names, row, strict=True)) for row in rows]
        return pa.Table.from_pylist(lines, schema=pa.schema(list(MATCH_TYPES.items()))).to_reader()

    return QueryResult(names, rows, to_arrow, f"wirehouse: {selection.asked}")


def _no_match(selection: "Selection") -> str:
    if not selection.url:
        return f"No article matches {selection.question}"
    why = "shows whether a feed listed it, how it was fetched and why it was not stored."
    command = f"wirehouse explain {shlex.quote(selection.url.text)}"
    return f"No article with the URL '{selection.url.text}' is stored. {command} {why}"


def _published(match: "Match") -> datetime | date | str:
    """Return the time as on the page, with its offset; a day alone where no zone is known."""
    if match.published_local and match.utc_offset_minutes is not None:
        zone = timezone(timedelta(minutes=match.utc_offset_minutes))
        return match.published_local.replace(tzinfo=zone).isoformat(" ", "minutes")
    if match.published_on:
        return match.published_on
    return f"first seen {match.first_seen_at:%Y-%m-%d %H:%M} UTC"


def _print_summary(page: "ResultPage") -> None:
    for inflection in page.inflections:
        typer.echo(visible(f"~{inflection.word} finds {', '.join(inflection.forms)}"), err=True)
    if page.n_articles:
        total = f"{plural(page.n_articles, 'article')} in {plural(page.n_stories, 'story')}"
        typer.echo(f"{total}; next: --after {page.next}" if page.next else total, err=True)


def _cursor(text: str | None) -> "Cursor | None":
    from warehouse.reading.filters import Cursor

    try:
        return Cursor.parse(text) if text else None
    except ValueError as error:
        raise UsageError(f"--after: {error}; use the one that the page before printed") from error


def _question(words: list[str]) -> str:
    """Return the words as one question; one with spaces was quoted in the shell. Raises UsageError."""
    from warehouse.search.grammar import parse_question
    from warehouse.search.parts import QuestionError

    parts = [f'"{word}"' if len(words) > 1 and " " in word and '"' not in word else word for word in words]
    question = " ".join(parts).strip()
    if not any(letter.isalnum() for letter in question):
        raise UsageError('There are no words to search for. Example: wirehouse search climate "green deal"')
    try:
        parse_question(question)
    except QuestionError as error:
        raise UsageError(f"{question!r}: {error}") from error
    return question

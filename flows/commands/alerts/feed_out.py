"""The `feed-out` command: a saved search, a question or a SQL query as an Atom feed or a JSON Feed."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.settings import searches_path
from flows.terminal.options import (
    ConfigOption,
    HomeOption,
    LanguageOption,
    SourceOption,
    config_path,
    home_path,
    read_text_file,
)
from flows.terminal.values import visible
from tasks.errors import UsageError
from warehouse.wording import plural, suggest

if TYPE_CHECKING:
    from warehouse.alerts.saved_feed import SavedFeed
    from warehouse.alerts.saved_search import SavedSearch, SavedSearches


class FeedFormat(StrEnum):
    """How a feed is written."""

    ATOM = "atom"
    JSON = "json"


def feed_out(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A saved search or feed of searches.toml.")
    ] = None,
    query: Annotated[
        str | None, typer.Option("--query", help="Words, as `wirehouse search` takes them.")
    ] = None,
    question: Annotated[
        str | None, typer.Option("--question", help="A question of the cookbook, by its name.")
    ] = None,
    sql: Annotated[
        Path | None, typer.Option("--sql", help="A file of SQL with the columns title and url.")
    ] = None,
    all_feeds: Annotated[
        bool, typer.Option("--all", help="Write all feeds of searches.toml to its feeds_folder.")
    ] = False,
    language: LanguageOption = None,
    source: SourceOption = None,
    form: Annotated[FeedFormat, typer.Option("--format", help="How the feed is written.")] = FeedFormat.ATOM,
    to: Annotated[
        Path | None, typer.Option("--to", help="Write to this file instead of standard output.")
    ] = None,
    home: HomeOption = None,
    config: ConfigOption = None,
) -> None:
    """Write what a saved search, a query, a question or a SQL file finds as a feed.

    The latest 100 entries; their ids stay the same when the warehouse is rebuilt. Each ingest run does what
    --all does.
    """
    if sum((name is not None, query is not None, question is not None, sql is not None, all_feeds)) != 1:
        raise UsageError("Give one of: a name of searches.toml, --query, --question, --sql, --all.")
    if (language or source) and query is None:
        raise UsageError("--language and --source narrow --query; a saved search has its own.")
    file = searches_path(config_path(config))
    if all_feeds:
        _write_all(home_path(home), file)
    elif query is not None:
        _write(_query_search(query, source, language), _saved(file), home_path(home), form, to)
    elif question is not None:
        _write(_question_feed(question), _saved(file), home_path(home), form, to)
    elif sql is not None:
        _write(_sql_feed(sql), _saved(file), home_path(home), form, to)
    else:
        saved = _saved(file)
        _write(_named(saved, str(name), file), saved, home_path(home), form, to)


def _saved(file: Path) -> "SavedSearches":
    from tasks.alerts.searches_file import read_if_any

    return read_if_any(file)


def _named(saved: "SavedSearches", name: str, file: Path) -> "SavedSearch | SavedFeed":
    items = {item.name: item for item in saved.items()}
    if name not in items:
        raise UsageError(f"'{name}' is not a search or feed of {file}. {suggest(name, items)}")
    return items[name]


def _query_search(query: str, source: list[str] | None, language: list[str] | None) -> "SavedSearch":
    from warehouse.alerts.saved_search import SavedSearch
    from warehouse.search.grammar import parse_question
    from warehouse.search.parts import QuestionError

    try:
        parse_question(query)
    except QuestionError as error:
        raise UsageError(f"--query: {query!r}: {error}") from error
    languages, sources = tuple(language or ()), tuple(source or ())
    return SavedSearch(" ".join((query, *sources, *languages)), query, languages, sources)


def _question_feed(name: str) -> "SavedFeed":
    from warehouse.alerts.saved_feed import SavedFeed
    from warehouse.reading.cookbook import find_question, list_questions

    question = find_question(name)
    if question is None:
        raise UsageError(f"--question: unknown '{name}'. {suggest(name, [q.name for q in list_questions()])}")
    return SavedFeed(name, question.title, question.sql, {p.name: None for p in question.parameters})


def _sql_feed(file: Path) -> "SavedFeed":
    from warehouse.alerts.saved_feed import SavedFeed

    return SavedFeed(file.stem, f"wirehouse: {file.stem}", read_text_file("--sql", file), {})


def _write(
    item: "SavedSearch | SavedFeed", saved: "SavedSearches", home: Path, form: FeedFormat, to: Path | None
) -> None:
    from tasks.alerts.feed_files import make_feed, replace_if_changed
    from warehouse.alerts.feeds import FeedUnavailable
    from warehouse.reading.snapshots import SnapshotSource
    from warehouse.store.home import Home
    from warehouse.text.syndication import atom, json_feed

    try:
        with SnapshotSource(Home(home), timeout_s=60) as snapshots, snapshots.session() as session:
            feed = make_feed(session, item, saved)
    except FeedUnavailable as error:
        raise UsageError(str(error)) from error
    content = atom(feed) if form is FeedFormat.ATOM else json_feed(feed)
    if to is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content + b"\n")
        return
    replace_if_changed(to, content)
    typer.echo(visible(f"Wrote {plural(len(feed.entries), 'entry')} to {to}."), err=True)


def _write_all(home: Path, file: Path) -> None:
    from tasks.alerts.feed_files import write_feed_files
    from tasks.alerts.searches_file import read_searches
    from warehouse.store.home import Home

    saved = read_searches(file)
    if saved.feeds_folder is None:
        raise UsageError(f"{file}: there is no feeds_folder. Add one, such as feeds_folder = 'feeds'.")
    problems = write_feed_files(Home(home), file)
    n_feeds = len(saved.searches) + len(saved.feeds)
    typer.echo(visible(f"{saved.feeds_folder}: {plural(n_feeds - len(problems), 'feed')} up to date."))
    for problem in problems:
        typer.echo(visible(f"! {problem}"), err=True)
    if problems:
        raise typer.Exit(1)

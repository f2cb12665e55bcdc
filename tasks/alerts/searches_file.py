"""Reads, checks and extends `searches.toml`: saved searches, their recipients and schedules, and feeds.

It is beside `sources.toml`. `docs/reference/searches.md` has its keys; `tasks.alerts.search_schema`
declares them.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tasks.alerts.search_schema import SavedFeedModel, SearchListModel, SearchModel, SendModel
from tasks.errors import SearchesError
from warehouse.alerts.saved_feed import SavedFeed
from warehouse.alerts.saved_search import Channel, Recipient, SavedSearch, SavedSearches
from warehouse.alerts.schedule import parse_schedule
from warehouse.errors import why_unreadable
from warehouse.reading.cookbook import find_question
from warehouse.toml_file import problems, read_toml, replace_file
from warehouse.wording import suggest

_DOCS = "docs/reference/searches.md"
_HEADER = f"# What wirehouse watches. {_DOCS} documents every key.\n"


def read_searches(path: Path) -> SavedSearches:
    """Return the saved searches. Raises SearchesError when the file is missing, not TOML or not valid."""
    document = read_toml(path, SearchesError, "Add a search: wirehouse searches add NAME 'QUESTION'.")
    return parse_searches(document, str(path))


def read_if_any(path: Path) -> SavedSearches:
    """Return the saved searches; none without a file. Raises SearchesError."""
    return read_searches(path) if path.exists() else SavedSearches()


def parse_searches(document: dict[str, Any], name: str) -> SavedSearches:
    """Return a parsed document as records. Raises SearchesError.

    `name` is the file's path: messages name it, and paths in the document are relative to its folder.
    """
    try:
        model = SearchListModel.model_validate(document)
    except ValidationError as error:
        raise SearchesError(problems(error, document, name, _DOCS)) from error
    folder = Path(name).parent
    return SavedSearches(
        searches=tuple(_search(item, model.timezone) for item in model.search),
        feeds=tuple(_feed(item, folder) for item in model.feed),
        feeds_folder=folder / Path(model.feeds_folder).expanduser() if model.feeds_folder else None,
        feeds_url=model.feeds_url,
        browse_url=model.browse_url,
    )


def select_search(searches: SavedSearches, name: str) -> SavedSearch:
    """Return the search of a name. Raises SearchesError for an unknown one."""
    known = searches.by_name()
    if name not in known:
        raise SearchesError(f"unknown search '{name}'. {suggest(name, known)}")
    return known[name]


def append_search(path: Path, stanza: str) -> None:
    """Add a search at the end of the file, which is made if needed. Raises SearchesError."""
    before = path.read_text(encoding="utf-8-sig") if path.exists() else _HEADER
    text = before.rstrip("\n") + "\n\n" + stanza
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SearchesError(f"{path}: not valid TOML: {error}. Correct that line.") from error
    parse_searches(document, str(path))
    replace_file(path, text, SearchesError)


def stanza_of(search: SavedSearch) -> str:
    """Return a saved search as `searches.toml` writes it; keys with their default are left out."""
    lines = ["[[search]]", f"name = {_quoted(search.name)}", f"query = {_quoted(search.query)}"]
    default = SavedSearch(search.name, search.query)
    lines += [f"languages = {_quoted(search.languages)}"] if search.languages else []
    lines += [f"sources = {_quoted(search.sources)}"] if search.sources else []
    lines += [f"on = {_quoted(search.on)}"] if search.on != default.on else []
    lines += [f"each = {_quoted(search.each)}"] if search.each != default.each else []
    if search.max_age_days != default.max_age_days:
        lines.append(f"max_age_days = {search.max_age_days}")
    for recipient in search.recipients:
        key = "webhook" if recipient.channel is Channel.WEBHOOK else "to"
        lines += ["[[search.send]]", f"{key} = {_quoted(recipient.address)}"]
        lines += [f"secret = {_quoted(recipient.secret)}"] if recipient.secret else []
        lines.append(f"when = {_quoted(str(recipient.schedule))}")
    return "\n".join(lines) + "\n"


def _quoted(value: object) -> str:
    """Return a string or a list of strings in TOML, whose basic strings are escaped as JSON's are."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _search(model: SearchModel, zone: str) -> SavedSearch:
    return SavedSearch(
        name=model.name,
        query=model.query,
        languages=tuple(model.languages),
        sources=tuple(model.sources),
        on=tuple(dict.fromkeys(model.on)),
        each=model.each,
        max_age_days=model.max_age_days,
        recipients=tuple(_recipient(send, zone) for send in model.send),
    )


def _feed(model: SavedFeedModel, folder: Path) -> SavedFeed:
    """Return a feed with its statement; a SQL file that cannot be read is a problem of this feed alone."""
    question = find_question(model.question or "")
    if question is not None:
        parameters = {p.name: model.parameters.get(p.name) for p in question.parameters}
        return SavedFeed(model.name, model.title or question.title, question.sql, parameters)
    file = folder / Path(str(model.sql)).expanduser()
    title = model.title or f"wirehouse: {model.name}"
    try:
        return SavedFeed(model.name, title, file.read_text(encoding="utf-8"), {})
    except (OSError, UnicodeDecodeError) as error:
        problem = f"feed '{model.name}': {file} cannot be read: {why_unreadable(error)}"
        return SavedFeed(model.name, title, "", {}, problem)


def _recipient(model: SendModel, zone: str) -> Recipient:
    schedule = parse_schedule(model.when, zone)
    if model.webhook is not None:
        return Recipient(Channel.WEBHOOK, model.webhook, model.secret, schedule)
    return Recipient(Channel.APPRISE, str(model.to), None, schedule)

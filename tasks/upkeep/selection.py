"""Which pages a re-extraction takes, as a person asks for them."""

from collections.abc import Iterable, Sequence
from datetime import date

from tasks.domain.articles.article import EXTRACTOR
from tasks.domain.articles.imported import EXTRACTOR as IMPORT_EXTRACTOR
from tasks.errors import UsageError
from warehouse.pages.stored_pages import Choice
from warehouse.sources import find_source_names
from warehouse.store.connection import Home, open_store


def parse_choice(
    home: Home, sources: Sequence[str] | None, since: str | None, until: str | None, *, is_older: bool
) -> Choice:
    """Return the choice. Raises UsageError for an unknown source or what is no day."""
    if sources:
        with open_store(home, owner="reextract") as con:
            _check_names(sources, find_source_names(con))
    first, last = _day(since, "since"), _day(until, "until")
    if first and last and first > last:
        raise UsageError(f"--since {since} is after --until {until}; exchange them.")
    todays = (EXTRACTOR, IMPORT_EXTRACTOR)
    return Choice(tuple(sources) if sources else None, first, last, todays if is_older else None)


def _check_names(names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise UsageError(f"unknown source '{name}'. Stored are: {', '.join(sorted(known)) or 'none'}.")


def _day(text: str | None, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"--{name} {text}: is no day; write it as 2022-01-31.") from error

"""Which pages a re-extraction reads, parsed from the options of the command or flow."""

from collections.abc import Iterable, Sequence
from datetime import date

from tasks.domain.articles.article import EXTRACTOR
from tasks.domain.articles.imported import EXTRACTOR as IMPORT_EXTRACTOR
from tasks.errors import UsageError
from warehouse.pages.stored_pages import Choice
from warehouse.sources import find_source_names
from warehouse.store.connection import Home, read_store
from warehouse.wording import suggest


def parse_choice(
    home: Home, sources: Sequence[str] | None, since: str | None, until: str | None, *, is_older: bool
) -> Choice:
    """Return the choice. Raises UsageError for an unknown source or a value that is not a date."""
    if sources:
        with read_store(home, owner="reextract") as con:
            _check_names(sources, find_source_names(con))
    first, last = _day(since, "since"), _day(until, "until")
    if first and last and first > last:
        raise UsageError(f"--since: '{since}' is after --until '{until}'")
    todays = (EXTRACTOR, IMPORT_EXTRACTOR)
    return Choice(tuple(sources) if sources else None, first, last, todays if is_older else None)


def _check_names(names: Iterable[str], known: set[str]) -> None:
    for name in names:
        if name not in known:
            raise UsageError(f"--source: unknown source '{name}'. {suggest(name, known)}")


def _day(text: str | None, name: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UsageError(f"--{name}: '{text}' is not a date (expected YYYY-MM-DD)") from error

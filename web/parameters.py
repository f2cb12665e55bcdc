"""Query parameters of a URL as types of the reading layer, and back to a query string."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from warehouse.reading.filters import AskedUrl, Cursor, Order, Selection
from warehouse.reading.find import ResultQuery
from warehouse.search.grammar import parse_question
from warehouse.search.parts import QuestionError
from web.errors import BadRequest, NotFound

ReadUrl = Callable[[str], AskedUrl | None]

MAX_QUESTION = 500  # characters
MAX_VALUES = 50
MAX_FIELDS = 200
MAX_LIMIT = 500
PAGE_ROWS = 20  # where `limit` is not given


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a query string, some of them more than once."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def parse(cls, query: str) -> "Parameters":
        """Return a query string's parameters. Raises BadRequest when there are too many."""
        try:
            return cls(tuple(parse_qsl(query, keep_blank_values=True, max_num_fields=MAX_FIELDS)))
        except ValueError as error:
            raise BadRequest(f"the address has more than {MAX_FIELDS} parameters") from error

    def get(self, name: str, default: str = "") -> str:
        """Return the last value of a parameter."""
        return next((value for key, value in reversed(self.pairs) if key == name), default)

    def getlist(self, name: str) -> list[str]:
        """Return all values of a parameter."""
        return [value for key, value in self.pairs if key == name]

    def without(self, name: str) -> "Parameters":
        """Return all other parameters."""
        return Parameters(tuple(pair for pair in self.pairs if pair[0] != name))


def parse_selection(parameters: Parameters, read_url: ReadUrl) -> Selection:
    """Return which articles are meant. Raises BadRequest."""
    asked = with_question(Selection(), parameters.get("q", "").strip(), read_url)
    since, until = parse_day(parameters, "since"), parse_day(parameters, "until")
    if since and until and since > until:
        raise BadRequest(f"since: {since} is later than until: {until}")
    return replace(
        asked,
        sources=_values(parameters, "source"),
        languages=_values(parameters, "lang"),
        since=since,
        until=until,
        only_edited=parse_flag(parameters, "edited"),
        only_copied=parse_flag(parameters, "copied"),
    )


def with_question(selection: Selection, text: str, read_url: ReadUrl) -> Selection:
    """Return a selection with another question, or a URL. Raises BadRequest with the place of a mistake."""
    if url := read_url(text):
        return replace(selection, question="", url=url)
    if len(text) > MAX_QUESTION:
        raise BadRequest(f"q: the query has more than {MAX_QUESTION} characters")
    try:
        if text:
            parse_question(text)
    except QuestionError as error:
        raise BadRequest(f"q: {error}") from error
    return replace(selection, question=text, url=None)


def parse_page_request(parameters: Parameters, read_url: ReadUrl) -> ResultQuery:
    """Return which page of which articles is asked for. Raises BadRequest."""
    return ResultQuery(
        selection=parse_selection(parameters, read_url),
        order=_order(parameters),
        limit=parse_limit(parameters, PAGE_ROWS),
        after=parse_cursor(parameters),
    )


def parse_day(parameters: Parameters, name: str) -> date | None:
    """Return a day; None when it is not given. Raises BadRequest."""
    text = parameters.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadRequest(f"{name}: {text!r} is not a date (expected YYYY-MM-DD)") from error


def parse_flag(parameters: Parameters, name: str) -> bool:
    """Return whether a switch is on. Raises BadRequest."""
    text = parameters.get(name, "").strip()
    if text not in ("", "0", "1"):
        raise BadRequest(f"{name}: {text!r} is not a switch (expected 1 or 0)")
    return text == "1"


def parse_limit(parameters: Parameters, default: int, most: int = MAX_LIMIT) -> int:
    """Return how many rows a page has. Raises BadRequest."""
    text = parameters.get("limit", "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        raise BadRequest(f"limit: {text!r} is not a number from 1 to {most}")
    return int(text)


def parse_cursor(parameters: Parameters) -> Cursor | None:
    """Return where the last page ended. Raises BadRequest."""
    text = parameters.get("after", "").strip()
    if not text:
        return None
    try:
        return Cursor.parse(text)
    except ValueError as error:
        raise BadRequest(f"after: {error}; use the value of `next` of the page before") from error


def parse_id(text: str, owner: str = "an article") -> str:
    """Return an id as a UUID in its usual form; `owner` is what it is the id of. Raises NotFound."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise NotFound(f"{text[:60]!r} is not the id of {owner}") from error


def query_string(request: ResultQuery, **changes: object) -> str:
    """Return the query string of a request's first page, with some fields of the selection changed."""
    selection = replace(request.selection, **changes)  # type: ignore[arg-type]
    pairs: list[tuple[str, str]] = []
    if selection.asked:
        pairs.append(("q", selection.asked))
    pairs += [("source", source) for source in selection.sources]
    pairs += [("lang", language) for language in selection.languages]
    pairs += _days(selection)
    pairs += [("edited", "1")] * selection.only_edited + [("copied", "1")] * selection.only_copied
    if request.order is Order.BEST:
        pairs.append(("sort", "best"))
    if request.limit != PAGE_ROWS:
        pairs.append(("limit", str(request.limit)))
    return urlencode(pairs)


def next_query(parameters: Parameters, cursor: Cursor | None) -> str:
    """Return the query string of the next page, with this page's other parameters; "" after the last page."""
    return urlencode([*parameters.without("after").pairs, ("after", str(cursor))]) if cursor else ""


def with_parameters(query: str, extra: Mapping[str, str]) -> str:
    """Return a query string with more parameters."""
    return "&".join(part for part in (query, urlencode(extra)) if part)


def _days(selection: Selection) -> list[tuple[str, str]]:
    days = (("since", selection.since), ("until", selection.until))
    return [(name, day.isoformat()) for name, day in days if day]


def _order(parameters: Parameters) -> Order:
    text = parameters.get("sort", "").strip() or "new"
    try:
        return Order(text)
    except ValueError as error:
        raise BadRequest(f"sort: {text!r} is not an order (expected new or best)") from error


def _values(parameters: Parameters, name: str) -> tuple[str, ...]:
    values: Sequence[str] = [value.strip() for value in parameters.getlist(name) if value.strip()]
    if len(values) > MAX_VALUES:
        raise BadRequest(f"{name}: more than {MAX_VALUES} values")
    return tuple(dict.fromkeys(values))

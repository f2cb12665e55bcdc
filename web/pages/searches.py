"""`/searches`, `/searches/{name}` and `/feeds/{name}`: what is watched, its matches, and what was sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from warehouse.alerts.deliveries import Delivery
from warehouse.alerts.feeds import FeedPlace, FeedUnavailable, find_sql_feed, search_feed
from warehouse.alerts.saved_search import Channel, Each, Recipient, SavedSearch
from warehouse.alerts.watched import Watched
from warehouse.reading.find import ResultQuery, find_articles_page, find_stories_page
from warehouse.reading.questions import marked
from warehouse.text.syndication import OutgoingEntry
from web.errors import NotFound
from web.pages.search import ResultRow, marked_hit, result_data, result_row
from web.parameters import PAGE_ROWS, next_query, parse_cursor, parse_limit, query_string
from web.view import RequestContext, View

_KINDS = {Channel.WEBHOOK: "webhook", Channel.APPRISE: "mail or chat"}


@dataclass(frozen=True, slots=True)
class SearchLine:
    """A saved search in lists; recipients by kind and schedule, never by address."""

    name: str
    query: str
    languages: tuple[str, ...]
    sources: tuple[str, ...]
    on: tuple[str, ...]
    each: str
    recipients: tuple[str, ...]
    last_sent_at: datetime | None
    n_pending: int  # changes
    next_due_at: datetime | None  # of what is pending
    failure: str | None  # why a message could not be sent


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """A message of a saved search."""

    recipient: str  # its kind and schedule
    n_changes: int
    due_at: datetime
    sent_at: datetime | None
    attempts: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A feed of searches.toml."""

    name: str
    title: str
    problem: str | None


def search_list(context: RequestContext) -> View:
    """Return the saved searches and feeds."""
    watched = context.settings.read_watched()
    lines = [search_line(search, watched.deliveries) for search in watched.searches.searches]
    feeds = [FeedLine(feed.name, feed.title, feed.problem) for feed in watched.searches.feeds]
    data = {"searches": lines, "feeds": feeds, "problem": watched.problem}
    return View("searches.html.j2", data, data, lines, SearchLine)


def saved_search(context: RequestContext) -> View:
    """Return the latest matches of a saved search, and what was sent of it. Raises NotFound, BadRequest."""
    watched = context.settings.read_watched()
    search = watched.searches.by_name().get(context.path["name"])
    if search is None:
        raise _unknown(watched, f"There is no saved search {context.path['name'][:80]!r}.")
    request = ResultQuery(
        search.selection,
        limit=parse_limit(context.parameters, PAGE_ROWS),
        after=parse_cursor(context.parameters),
    )
    find = find_stories_page if search.each is Each.STORY else find_articles_page
    found = find(context.con, request)
    words = marked(search.query, found.inflections)
    deliveries = [_delivery_line(search, d) for d in watched.deliveries if d.search == search.name]
    line = search_line(search, watched.deliveries)
    values = {
        "search": line,
        "found": found,
        "marked_of": {hit.article_id: marked_hit(hit, words) for hit in found.hits},
        "deliveries": deliveries,
        "query": query_string(request),
        "next_query": next_query(context.parameters, found.next),
    }
    data = {"search": line, "deliveries": deliveries, **result_data(found)}
    rows = [result_row(hit) for hit in found.hits]
    address, query = f"{context.base_url}searches/{search.name}", f"?{context.query}" if context.query else ""
    place = FeedPlace(f"{address}.atom{query}", f"{address}{query}", context.base_url)
    feed = search_feed(search, found.hits, place, context.published_at)
    return View("saved_search.html.j2", values, data, rows, ResultRow, feed)


def saved_feed(context: RequestContext) -> View:
    """Return the entries of a feed of searches.toml. Raises NotFound."""
    watched = context.settings.read_watched()
    feed = next((feed for feed in watched.searches.feeds if feed.name == context.path["name"]), None)
    if feed is None:
        raise _unknown(watched, f"There is no feed {context.path['name'][:80]!r}.")
    place = FeedPlace(
        f"{context.base_url}feeds/{feed.name}.atom", f"{context.base_url}feeds/{feed.name}", context.base_url
    )
    try:
        made = find_sql_feed(context.con, feed, place, context.published_at)
    except FeedUnavailable as error:
        raise NotFound(str(error)) from error
    values = {"title": feed.title, "entries": made.entries, "sql": feed.sql}
    data = {"name": feed.name, "title": feed.title, "entries": made.entries}
    return View("feed.html.j2", values, data, made.entries, OutgoingEntry, made)


def search_line(search: SavedSearch, deliveries: Sequence[Delivery]) -> SearchLine:
    """Return a saved search with what was sent of it last and what is pending."""
    own = [d for d in deliveries if d.search == search.name]
    pending = [d for d in own if d.sent_at is None]
    return SearchLine(
        name=search.name,
        query=search.query,
        languages=search.languages,
        sources=search.sources,
        on=tuple(trigger.value for trigger in search.on),
        each=search.each.value,
        recipients=tuple(_shown(recipient) for recipient in search.recipients),
        last_sent_at=max((d.sent_at for d in own if d.sent_at), default=None),
        n_pending=sum(d.n_alerts for d in pending),
        next_due_at=min((d.next_try_at or d.due_at for d in pending), default=None),
        failure=next((d.reason for d in pending if d.reason), None),
    )


def _shown(recipient: Recipient) -> str:
    return f"{_KINDS[recipient.channel]}, {recipient.schedule}"


def _delivery_line(search: SavedSearch, delivery: Delivery) -> DeliveryLine:
    shown = {recipient.key: _shown(recipient) for recipient in search.recipients}
    kind = _KINDS[Channel(delivery.recipient.partition(" ")[0])]
    return DeliveryLine(
        shown.get(delivery.recipient, kind),
        delivery.n_alerts,
        delivery.due_at,
        delivery.sent_at,
        delivery.attempts,
        delivery.reason,
    )


def _unknown(watched: Watched, what: str) -> NotFound:
    if watched.problem:
        return NotFound(f"{what} searches.toml cannot be used: {watched.problem}")
    return NotFound(f"{what} The list is at /searches.")

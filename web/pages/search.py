"""`/`: a question, its results once per story, time bars and facets."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from warehouse.inspection.explain import find_explanation
from warehouse.reading.filters import AskedUrl, Order, Selection
from warehouse.reading.find import FacetValue, Hit, ResultPage, ResultQuery, find_stories_page
from warehouse.reading.questions import marked
from warehouse.reading.sources import find_titles
from warehouse.search.grammar import named_sources, parse_question
from warehouse.text.marks import mark
from web.charts import time_bars
from web.parameters import MAX_LIMIT, PAGE_ROWS, parse_page_request, query_string, with_parameters
from web.view import RequestContext, View, feed_of_hits

_LEAD_LENGTH = 320


@dataclass(frozen=True, slots=True)
class ResultRow:
    """An article in the JSON and CSV forms of a list."""

    article_id: str
    story_id: str
    title: str
    url: str
    source: str
    language: str | None
    published_at: datetime | None
    published_on: date | None
    first_seen_at: datetime
    lead: str
    n_copies: int
    n_edits: int
    score: float | None


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """A value that narrows the results, or one that is chosen and can be taken away."""

    value: str
    n_articles: int
    n_stories: int
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class MissingUrl:
    """What is known about a URL without a result."""

    is_stored: bool  # the filters exclude it
    removed_at: datetime | None  # on request
    listed_at: datetime | None  # by a feed, first
    reject: Mapping[str, Any] | None  # the last one
    command: str  # that shows the rest


def results(context: RequestContext) -> View:
    """Return a page of results."""
    request = parse_page_request(context.parameters, context.settings.read_url)
    titles = find_titles(context.con)
    found = find_stories_page(context.con, request)
    selection = request.selection
    unfiltered = Selection(selection.question, url=selection.url)
    rows = [result_row(hit) for hit in found.hits]
    query = query_string(request)
    words = marked(selection.question, found.inflections)
    values = {
        "request": request,
        "page_rows": PAGE_ROWS,
        "found": found,
        "chart": time_bars(found.days),
        "marked_of": {hit.article_id: marked_hit(hit, words) for hit in found.hits},
        "facets": _facets(request, found),
        "titles": titles,
        "unknown_sources": _unknown_sources(selection, titles) if not found.n_articles else [],
        "switches": _switches(request, found),
        "query": query,
        "next_query": with_parameters(query, {"after": str(found.next)}) if found.next else "",
        "new_query": query_string(replace(request, order=Order.NEW)),
        "best_query": query_string(replace(request, order=Order.BEST)),
        "clear_query": query_string(replace(request, selection=unfiltered)),
        "is_narrowed": selection != unfiltered,
        "csv_query": query_string(replace(request, limit=MAX_LIMIT)),
        "n_in_csv": min(found.n_stories, MAX_LIMIT),
        "missing": _missing(context, selection.url) if selection.url and not found.n_articles else None,
        "narrow": lambda first, last: query_string(request, since=first, until=last),
    }
    title = f"wirehouse: {selection.asked or 'latest articles'}"
    return View(
        template="search.html.j2",
        values=values,
        data=result_data(found),
        rows=rows,
        row_type=ResultRow,
        feed=feed_of_hits(context, title, f"?{query}" if query else "", found.hits),
    )


def _unknown_sources(selection: Selection, titles: Mapping[str, str]) -> list[str]:
    """Return the sources that a selection names and the warehouse does not have."""
    alternatives = parse_question(selection.question) if selection.question else ()
    return [name for name in (*selection.sources, *named_sources(alternatives)) if name not in titles]


def _missing(context: RequestContext, url: AskedUrl) -> MissingUrl:
    known = find_explanation(context.con, url.key)
    is_stored = known.article is not None
    return MissingUrl(
        is_stored=is_stored,
        removed_at=known.forgotten[-1]["forgotten_at"] if known.forgotten else None,
        listed_at=known.entries[0]["first_seen_at"] if known.entries else None,
        reject=known.rejects[-1] if known.rejects and not is_stored else None,
        command=f"wirehouse explain {shlex.quote(url.text)}",
    )


def result_data(found: ResultPage) -> dict[str, object]:
    """Return a page of results as it goes out as JSON."""
    return {
        "articles": [result_row(hit) for hit in found.hits],
        "total": found.n_articles,
        "n_stories": found.n_stories,
        "next": str(found.next) if found.next else None,
    }


def result_row(hit: Hit) -> ResultRow:
    """Return an article of a list as it goes out."""
    return ResultRow(
        hit.article_id, hit.story_id, hit.title, hit.url, hit.source, hit.language, hit.published_at,
        hit.published_on, hit.first_seen_at, hit.lead, hit.n_copies, hit.n_edits, hit.score,
    )  # fmt: skip


def marked_hit(hit: Hit, question: str) -> dict[str, object]:
    """Return the title and the lead of an article with the words of a question marked."""
    lead = hit.lead if len(hit.lead) <= _LEAD_LENGTH else hit.lead[:_LEAD_LENGTH].rstrip() + "…"
    return {"title": mark(hit.title[:300], question), "lead": mark(lead, question)}


def _facets(request: ResultQuery, found: ResultPage) -> list[tuple[str, list[FacetChoice]]]:
    selection = request.selection
    return [
        ("Source", _choices(request, "sources", selection.sources, found.sources)),
        ("Language", _choices(request, "languages", selection.languages, found.languages)),
    ]


def _choices(
    request: ResultQuery, field: str, chosen: tuple[str, ...], values: tuple[FacetValue, ...]
) -> list[FacetChoice]:
    """Return a facet's values; choosing one narrows to it, choosing it again takes it away."""
    choices = []
    for value in values:
        is_chosen = value.value in chosen
        after = tuple(v for v in chosen if v != value.value) if is_chosen else (*chosen, value.value)
        query = query_string(request, **{field: after})
        choices.append(FacetChoice(value.value, value.n_articles, value.n_stories, query, is_chosen))
    present = {value.value for value in values}
    for name in chosen:
        if name not in present:
            query = query_string(request, **{field: tuple(other for other in chosen if other != name)})
            choices.append(FacetChoice(name, 0, 0, query, True))
    return choices


def _switches(request: ResultQuery, found: ResultPage) -> list[FacetChoice]:
    selection = request.selection
    edited = query_string(request, only_edited=not selection.only_edited)
    copied = query_string(request, only_copied=not selection.only_copied)
    return [
        FacetChoice("Edited", found.n_edited, 0, edited, selection.only_edited),
        FacetChoice("With copies", found.n_copied, 0, copied, selection.only_copied),
    ]

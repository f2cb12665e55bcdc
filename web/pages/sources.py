"""`/sources` and `/sources/{name}`: what each source gives, how complete and how timely."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from warehouse.reading.filters import Selection
from warehouse.reading.find import DayVolume, ResultQuery, find_articles_page
from warehouse.reading.sources import (
    SourceSum,
    find_copy_flows,
    find_coverage,
    find_days,
    find_feeds,
    find_hours,
    find_lag,
    find_rejects,
    find_source,
    list_sources,
)
from web.charts import time_bars
from web.errors import NotFound
from web.view import RequestContext, View, feed_of_hits

_GAP_SHARE = 0.9  # a source that publishes on this share of its days has a gap on the others


def source_list(context: RequestContext) -> View:
    """Return the list of sources."""
    rows = list_sources(context.con)
    values = {
        "sources": rows,
        "most": max((row.n_articles for row in rows), default=0),
        "has_language": any(row.language for row in rows),
        "has_country": any(row.country for row in rows),
    }
    return View("sources.html.j2", values, {"sources": rows}, rows, SourceSum)


def source(context: RequestContext) -> View:
    """Return the page of one source."""
    name = context.path["name"]
    summary = find_source(context.con, name)
    if summary is None:
        raise NotFound(f"There is no source {name!r}. The list is at /sources.")
    days = find_days(context.con, name)
    latest = find_articles_page(context.con, ResultQuery(Selection(sources=(name,)), limit=10))
    flows = find_copy_flows(context.con, name)
    details: dict[str, Any] = {
        "hours": find_hours(context.con, name),
        "lag": find_lag(context.con, name),
        "coverage": find_coverage(context.con, name),
        "feeds": find_feeds(context.con, name),
        "rejects": find_rejects(context.con, name),
        "gaps": find_gaps(days),
    }
    values = {
        **details,
        "source": summary,
        "chart": time_bars(days),
        "latest": latest.hits,
        "earlier": [flow for flow in flows if flow.later == name],
        "later": [flow for flow in flows if flow.earlier == name],
    }
    data = {"source": summary, "days": days, "copies": flows, **details}
    feed = feed_of_hits(context, f"wirehouse: {summary.title}", f"sources/{name}", latest.hits)
    return View("source.html.j2", values, data, days, DayVolume, feed)


def find_gaps(days: tuple[DayVolume, ...]) -> list[tuple[date, int]]:
    """Return runs of days without an article, of a source that usually has some each day.

    A run is its first day and its length in days, the longest first, ten at most.
    """
    if len(days) < 10:
        return []
    n_days = (days[-1].day - days[0].day).days + 1
    if len(days) / n_days < _GAP_SHARE:
        return []
    gaps = [
        (before.day + timedelta(days=1), (after.day - before.day).days - 1)
        for before, after in pairwise(days)
        if (after.day - before.day).days > 1
    ]
    return sorted(gaps, key=lambda gap: -gap[1])[:10]

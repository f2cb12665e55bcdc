"""The report: one page about a selection, served at `/report` and written as one file.

The file holds its own styles and nothing else: no script, no font, no image from anywhere; its
policy allows exactly its style sheet, by hash.
"""

import base64
import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from warehouse.reading.filters import Selection
from warehouse.reading.report_sums import ReportSums, SourceReport, find_report
from web.charts import time_bars
from web.parameters import parse_selection
from web.render import html
from web.report_charts import (
    certainty_lines,
    coverage_lines,
    flow_chart,
    heat_map,
    story_lines,
    year_calendars,
)
from web.texts import day
from web.view import RequestContext, View

_STYLE_FILE = Path(__file__).parent / "static" / "style.css"


def report(context: RequestContext) -> View:
    """Return the report as a page."""
    selection = parse_selection(context.parameters, context.settings.read_url)
    sums = find_report(context.con, selection)
    values = {**report_values(sums, selection), "linked": True}
    return View("report.html.j2", values, sums, sums.sources, SourceReport)


def report_file(sums: ReportSums, selection: Selection, published_at: datetime, title: str) -> bytes:
    """Return the report as one self-contained HTML file, UTF-8."""
    style = _STYLE_FILE.read_text(encoding="utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    values = {
        **report_values(sums, selection),
        "linked": False,
        "style": style,
        "style_hash": digest,
        "title": title,
        "published_at": published_at,
    }
    return html("report_file.html.j2", values)


def report_values(sums: ReportSums, selection: Selection) -> dict[str, Any]:
    """Return what the report's templates are given."""
    return {
        "sums": sums,
        "selection": selection,
        "described": describe(selection),
        "chart": time_bars(sums.days),
        "calendars": year_calendars(sums.days),
        "heat": heat_map(sums.source_days, sums.sources),
        "flows": flow_chart(sums.copies),
        "stories": story_lines(sums.stories),
        "coverage": coverage_lines(sums.months) if sums.months else (),
        "certainty": certainty_lines(sums.months),
        "rated_months": [month for month in sums.months if month.n_rated],
        "most_hours": max(hour.n_articles for hour in sums.hours),
        "most_articles": max((source.n_articles for source in sums.sources), default=0),
        "is_everything": selection == Selection(),
    }


def describe(selection: Selection) -> str:
    """Return a selection in words."""
    parts = [f"“{selection.asked}”"] if selection.asked else []
    parts += [f"source {', '.join(selection.sources)}"] if selection.sources else []
    parts += [f"language {', '.join(selection.languages)}"] if selection.languages else []
    if selection.since:
        parts.append(f"from {day(selection.since)}")
    if selection.until:
        parts.append(f"to {day(selection.until)}")
    parts += ["edited articles"] * selection.only_edited + ["articles with copies"] * selection.only_copied
    return ", ".join(parts) or "all articles"

"""`/compare?q=…&q=…`: up to five queries over time, what matches two of them, and their words."""

from dataclasses import dataclass
from datetime import date
from itertools import combinations

from warehouse.reading.attention import Overlap, count_matches, count_overlap, find_attention, find_span
from warehouse.reading.filters import Selection
from warehouse.reading.words import find_words
from web.errors import BadRequest
from web.line_chart import share_lines
from web.parameters import parse_selection, with_question
from web.view import RequestContext, View

MAX_QUESTIONS = 5
MAX_WORDS = 12  # that stand out, of each question
_DAY_SPAN, _WEEK_SPAN = 92, 730  # days up to which a chart is by day, by week


@dataclass(frozen=True, slots=True)
class ComparedPoint:
    """One interval of one question, in the CSV form."""

    question: str
    starts_on: date
    n_articles: int
    n_stories: int
    n_all: int
    share: float


def compare(context: RequestContext) -> View:
    """Return the comparison."""
    questions = _questions(context)
    selection = parse_selection(context.parameters.without("q"), context.settings.read_url)
    interval = _interval(context, selection)
    selections = [with_question(selection, question, context.settings.read_url) for question in questions]
    series = [find_attention(context.con, one, interval) for one in selections]
    totals = [count_matches(context.con, one) for one in selections]
    overlaps = [
        Overlap(a, b, count_overlap(context.con, selections[a], selections[b]))
        for a, b in combinations(range(len(questions)), 2)
    ]
    words = [find_words(context.con, one, MAX_WORDS) for one in selections]
    rows = [
        ComparedPoint(q, p.starts_on, p.n_articles, p.n_stories, p.n_all, p.share)
        for q, points in zip(questions, series, strict=True)
        for p in points
    ]
    values = {
        "questions": questions,
        "inputs": [*questions, *[""] * (MAX_QUESTIONS - len(questions))],
        "selection": selection,
        "interval": interval,
        "chart": share_lines(questions, series, interval),
        "totals": totals,
        "series": series,
        "overlaps": overlaps,
        "words": words,
    }
    lines = [
        {"question": question, "total": total, "points": points, "words": stand_out}
        for question, total, points, stand_out in zip(questions, totals, series, words, strict=True)
    ]
    data = {"interval": interval, "questions": lines, "overlaps": overlaps}
    return View("compare.html.j2", values, data, rows, ComparedPoint)


def _questions(context: RequestContext) -> list[str]:
    questions = list(dict.fromkeys(q.strip() for q in context.parameters.getlist("q") if q.strip()))
    if len(questions) > MAX_QUESTIONS:
        raise BadRequest(f"q: {len(questions)} queries; at most {MAX_QUESTIONS} are compared")
    return questions


def _interval(context: RequestContext, selection: Selection) -> str:
    """Return the interval that fits the days that are asked for, or that the warehouse has."""
    first, last = find_span(context.con, selection)
    n_days = (last - first).days if first and last else 0
    return "day" if n_days <= _DAY_SPAN else "week" if n_days <= _WEEK_SPAN else "month"

"""Geometry of the report's charts: calendar, heat map by source, copy flows, story timelines, coverage.

Inline SVG without script or inline style, like `charts`: a report opens offline, prints, and needs
no policy but for its own styles.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.reading.find import DayVolume
from warehouse.reading.report_sums import MonthCoverage, SourceDay, SourceReport, StoryReport
from warehouse.reading.sources import CopyFlow
from web.line_chart import ChartLine
from web.texts import between, number, percent, plural
from web.texts import day as shown_day

LEVELS = 5  # of colour, 1 to 5; 0 means no articles
MAX_YEARS = 5
_CELL = 16
_MAX_COLUMNS = 70


@dataclass(frozen=True, slots=True)
class Cell:
    """A square of a calendar or heat map."""

    x: int
    y: int
    level: int
    label: str


@dataclass(frozen=True, slots=True)
class YearCalendar:
    """One year: weeks are columns, Monday is the first row."""

    year: int
    cells: tuple[Cell, ...]
    months: tuple[tuple[int, str], ...]  # x and name
    n_articles: int


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One source of the heat map."""

    source: str
    title: str
    y: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Articles by source and interval, on a true time axis."""

    rows: tuple[HeatRow, ...]
    width: int
    height: int
    unit: str
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class FlowBand:
    """A band from an earlier to a later source; the path's points and its width."""

    path: str
    width: float
    label: str


@dataclass(frozen=True, slots=True)
class FlowChart:
    """Who carried stories before whom."""

    left: tuple[tuple[float, str], ...]  # y and title
    right: tuple[tuple[float, str], ...]
    bands: tuple[FlowBand, ...]
    height: float


@dataclass(frozen=True, slots=True)
class StoryLine:
    """When the articles of a story appeared, from 0 to 1,000 of its span."""

    story: StoryReport
    marks: tuple[float, ...]
    span: str  # empty when fewer than two of them have an instant


def year_calendars(days: Sequence[DayVolume]) -> tuple[YearCalendar, ...]:
    """Return a calendar for each of the latest years that have articles, the latest first."""
    volumes = {volume.day: volume.n_articles for volume in days}
    years = sorted({day.year for day in volumes}, reverse=True)[:MAX_YEARS]
    level = _levels([n for day, n in volumes.items() if day.year in years])
    return tuple(_calendar(year, volumes, level) for year in years)


def heat_map(volumes: Sequence[SourceDay], sources: Sequence[SourceReport]) -> HeatMap | None:
    """Return articles by source and day, week or month; None without articles."""
    if not volumes:
        return None
    first, last = min(v.day for v in volumes), max(v.day for v in volumes)
    columns = _columns(first, last)
    sums: dict[tuple[str, int], int] = {}
    names: dict[int, str] = {}
    for volume in volumes:
        column = columns.place(volume.day)
        sums[volume.source, column] = sums.get((volume.source, column), 0) + volume.n_articles
        names[column] = columns.name(volume.day)
    level = _levels(list(sums.values()))
    present = {source for source, _ in sums}
    shown = [source for source in sources if source.source in present]
    rows = tuple(
        HeatRow(source.source, source.title, n * _CELL, tuple(
            Cell(column * _CELL, n * _CELL, level(sums[source.source, column]),
                 f"{source.title}, {names[column]}: {plural(sums[source.source, column], 'article')}")
            for column in range(columns.n) if (source.source, column) in sums
        ))
        for n, source in enumerate(shown)
    )  # fmt: skip
    return HeatMap(
        rows, columns.n * _CELL, len(shown) * _CELL, columns.unit, shown_day(first), shown_day(last)
    )


def flow_chart(flows: Sequence[CopyFlow]) -> FlowChart | None:
    """Return the copy network as bands between two columns of sources; None when nobody copies."""
    if not flows:
        return None
    left = _places(dict.fromkeys((flow.earlier, flow.earlier_title) for flow in flows))
    right = _places(dict.fromkeys((flow.later, flow.later_title) for flow in flows))
    most = max(flow.n_stories for flow in flows)
    bands = tuple(
        FlowBand(
            _band(left[flow.earlier][0], right[flow.later][0]),
            round(1 + 9 * flow.n_stories / most, 1),
            f"{flow.earlier_title} before {flow.later_title}: {plural(flow.n_stories, 'story', 'stories')}",
        )
        for flow in flows
    )
    height = max(len(left), len(right)) * 26
    return FlowChart(tuple(left.values()), tuple(right.values()), bands, height)


def story_lines(stories: Sequence[StoryReport]) -> tuple[StoryLine, ...]:
    """Return each story's articles along its own span."""
    lines = []
    for story in stories:
        if len(story.instants) < 2:
            lines.append(StoryLine(story, (), ""))
            continue
        first, last = story.instants[0], story.instants[-1]
        span_s = (last - first).total_seconds() or 1
        marks = tuple(round(1_000 * (at - first).total_seconds() / span_s, 1) for at in story.instants[:200])
        lines.append(StoryLine(story, marks, between(first, last).removeprefix("+") or "at once"))
    return tuple(lines)


def coverage_lines(months: Sequence[MonthCoverage]) -> tuple[ChartLine, ...]:
    """Return the share of articles whose instant, day, authors and language are known, by month."""
    fields: tuple[tuple[str, Callable[[MonthCoverage], int]], ...] = (
        ("publication day", lambda month: month.n_with_day),
        ("publication instant", lambda month: month.n_with_instant),
        ("authors", lambda month: month.n_with_authors),
        ("language", lambda month: month.n_with_language),
    )
    return tuple(_share_line(name, months, known, lambda month: month.n_articles) for name, known in fields)


def certainty_lines(months: Sequence[MonthCoverage]) -> tuple[ChartLine, ...]:
    """Return the share of articles whose fields are sure, by month, of articles that say it."""
    fields: tuple[tuple[str, Callable[[MonthCoverage], int]], ...] = (
        ("title sure", lambda month: month.n_sure_title),
        ("publication day sure", lambda month: month.n_sure_day),
        ("text sure", lambda month: month.n_sure_text),
        ("authors sure", lambda month: month.n_sure_authors),
    )
    rated = [month for month in months if month.n_rated]
    return tuple(
        _share_line(name, rated, sure, lambda month: month.n_rated) for name, sure in fields if rated
    )


def _share_line(
    name: str,
    months: Sequence[MonthCoverage],
    part: Callable[[MonthCoverage], int],
    whole: Callable[[MonthCoverage], int],
) -> ChartLine:
    first, last = months[0].month, months[-1].month
    span = (last - first).days or 1
    dots = tuple(
        (
            round(8 + 944 * (month.month - first).days / span, 1),
            round(160 * (1 - part(month) / whole(month)), 1),
            f"{name}, {month.month:%Y-%m}: {percent(part(month) / whole(month))}",
        )
        for month in months
    )
    runs: list[list[str]] = []
    for n, (x, y, _) in enumerate(dots):
        if not n or (months[n].month - months[n - 1].month).days > 31:
            runs.append([])
        runs[-1].append(f"{x},{y}")
    return ChartLine(name, tuple(" ".join(run) for run in runs if len(run) > 1), dots)


def _calendar(year: int, volumes: dict[date, int], level: Callable[[int], int]) -> YearCalendar:
    first = date(year, 1, 1)
    offset = first.weekday()
    cells, months, total = [], [], 0
    for n in range((date(year + 1, 1, 1) - first).days):
        day = first + timedelta(days=n)
        n_articles = volumes.get(day, 0)
        total += n_articles
        x = (n + offset) // 7 * _CELL
        cells.append(
            Cell(x, day.weekday() * _CELL, level(n_articles), f"{shown_day(day)}: {number(n_articles)}")
        )
        if day.day == 1:
            months.append((x, f"{day:%b}"))
    return YearCalendar(year, tuple(cells), tuple(months), total)


def _levels(values: Sequence[int]) -> Callable[[int], int]:
    """Return a function from a volume to its level; levels are fifths of the largest volume."""
    most = max(values, default=0)
    return lambda value: min(LEVELS, -(-value * LEVELS // most)) if value > 0 else 0


@dataclass(frozen=True, slots=True)
class _Columns:
    """The columns of a heat map: days, weeks, months or years."""

    unit: str
    n: int
    place: Callable[[date], int]  # of the column with a day
    name: Callable[[date], str]


def _columns(first: date, last: date) -> _Columns:
    """Return columns for a range of days, of the shortest unit with at most _MAX_COLUMNS of them."""
    n_days = (last - first).days + 1
    if n_days <= _MAX_COLUMNS:
        return _Columns("day", n_days, lambda day: (day - first).days, shown_day)
    monday = first - timedelta(days=first.weekday())
    n_weeks = (last - monday).days // 7 + 1
    if n_weeks <= _MAX_COLUMNS:
        return _Columns("week", n_weeks, lambda day: (day - monday).days // 7, _week_name)
    n_months = (last.year - first.year) * 12 + last.month - first.month + 1
    if n_months <= _MAX_COLUMNS:
        return _Columns(
            "month",
            n_months,
            lambda day: (day.year - first.year) * 12 + day.month - first.month,
            lambda day: f"{day:%b %Y}",
        )
    n_years = last.year - first.year + 1
    return _Columns("year", n_years, lambda day: day.year - first.year, lambda day: str(day.year))


def _week_name(day: date) -> str:
    return f"week of {shown_day(day - timedelta(days=day.weekday()))}"


def _places(names: dict[tuple[str, str], None]) -> dict[str, tuple[float, str]]:
    return {source: (n * 26 + 13, title) for n, (source, title) in enumerate(names)}


def _band(y1: float, y2: float) -> str:
    return f"M300,{y1} C430,{y1} 530,{y2} 660,{y2}"

"""Lines of shares over time, as SVG geometry: what `/compare` draws."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from warehouse.reading.attention import AttentionPoint
from web.charts import Tick
from web.texts import day as shown_day
from web.texts import percent

WIDTH, HEIGHT = 960, 260
_STEP_DAYS = {"day": 1, "week": 7, "month": 31, "year": 366}  # longest distance of neighbours


@dataclass(frozen=True, slots=True)
class ChartLine:
    """The line of one question."""

    name: str
    runs: tuple[str, ...]  # points of polylines; a gap in the data is a gap in the line
    dots: tuple[tuple[float, float, str], ...]  # x, y, label


@dataclass(frozen=True, slots=True)
class LineChart:
    """Lines on one scale; the grid has a share at each height."""

    lines: tuple[ChartLine, ...]
    ticks: tuple[Tick, ...]
    grid: tuple[tuple[float, str], ...]
    summary: str


def share_lines(names: Sequence[str], series: Sequence[Sequence[AttentionPoint]], interval: str) -> LineChart:
    """Return the chart of each question's share of all articles, by interval."""
    days = sorted({point.starts_on for points in series for point in points})
    if not days:
        return LineChart((), (), (), "No articles.")
    highest = max((point.share for points in series for point in points), default=0) or 1.0
    lines = tuple(
        _line(name, points, days, highest, _STEP_DAYS[interval])
        for name, points in zip(names, series, strict=True)
    )
    grid = tuple((round(HEIGHT * (1 - part), 2), percent(highest * part)) for part in (0, 0.5, 1))
    summary = f"Share of all articles, {shown_day(days[0])} to {shown_day(days[-1])}: " + "; ".join(
        f"{name} at most {percent(max((p.share for p in points), default=0))}"
        for name, points in zip(names, series, strict=True)
    )
    return LineChart(lines, _ticks(days, interval), grid, summary)


def _line(
    name: str, points: Sequence[AttentionPoint], days: Sequence[date], highest: float, step_days: int
) -> ChartLine:
    dots = tuple(
        (
            round(_x(point.starts_on, days), 2),
            round(HEIGHT * (1 - point.share / highest), 2),
            f"{name}, {shown_day(point.starts_on)}: "
            f"{point.n_articles} of {point.n_all} ({percent(point.share)})",
        )
        for point in points
    )
    runs: list[list[str]] = []
    for n, (x, y, _) in enumerate(dots):
        if not n or (points[n].starts_on - points[n - 1].starts_on).days > step_days:
            runs.append([])
        runs[-1].append(f"{x},{y}")
    return ChartLine(name, tuple(" ".join(run) for run in runs if len(run) > 1), dots)


def _x(day: date, days: Sequence[date]) -> float:
    span = (days[-1] - days[0]).days or 1
    return 8 + (WIDTH - 16) * (day - days[0]).days / span


def _ticks(days: Sequence[date], interval: str) -> tuple[Tick, ...]:
    first = Tick(0, _label(days[0], interval), "start")
    return (first, Tick(WIDTH, _label(days[-1], interval), "end")) if len(days) > 1 else (first,)


def _label(first_day: date, interval: str) -> str:
    """Return an interval as 3 Nov 2026, or Nov 2026: a month is not its first day."""
    return shown_day(first_day).partition(" ")[2] if interval == "month" else shown_day(first_day)

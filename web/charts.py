"""Geometry of the charts: inline SVG made on the server, so that pages need no script.

Attributes only, no `style`: the strict policy of the pages forbids inline styles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from warehouse.reading.find import DayVolume, in_intervals
from web.texts import day as shown_day
from web.texts import plural

WIDTH, HEIGHT = 960, 120
LABEL_WIDTH = 180  # of a day, at the size of text on a phone


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; x, y, width and height in the chart's own units."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: int
    second: int
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Tick:
    """A label below the chart."""

    x: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class BarChart:
    """A time chart of bars."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    highest: int
    unit: str  # day, week, month
    summary: str


def time_bars(days: Sequence[DayVolume], noun: str = "article") -> BarChart:
    """Return a chart of volumes on a true time axis, by day, week or month."""
    step, volumes = in_intervals(days)
    unit = {1: "day", 7: "week"}.get(step.days, "month") if step else "month"
    highest = max((volume.n_articles for volume in volumes), default=0)
    slot = WIDTH / max(len(volumes), 12)
    bars = tuple(
        _bar(volume, n, slot, highest, _last_day(volume.day, step), noun) for n, volume in enumerate(volumes)
    )
    return BarChart(bars, _ticks(bars, unit), highest, unit, _summary(bars, unit, noun))


def share_width(part: float, whole: float, width: float = 100) -> float:
    """Return the length of a bar that shows a part of a whole."""
    return round(width * part / whole, 2) if whole else 0


def _bar(volume: DayVolume, n: int, slot: float, highest: int, last_day: date, noun: str) -> Bar:
    height = HEIGHT * volume.n_articles / highest if highest else 0
    height = max(height, 2) if volume.n_articles else 0
    gap = min(2, slot / 4)
    span = shown_day(volume.day) + (f" to {shown_day(last_day)}" if last_day != volume.day else "")
    label = f"{span}: {plural(volume.n_articles, noun)}"
    return Bar(
        round(n * slot, 2), round(HEIGHT - height, 2), round(slot - gap, 2), round(height, 2), label,
        volume.n_articles, volume.n_stories, volume.day, last_day,
    )  # fmt: skip


def _last_day(first: date, step: timedelta | None) -> date:
    if step is not None:
        return first + step - timedelta(days=1)
    return (first.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)


def _ticks(bars: Sequence[Bar], unit: str) -> tuple[Tick, ...]:
    if not bars:
        return ()
    form = "%b %Y" if unit == "month" else "%-d %b %Y"
    chosen = sorted({0, len(bars) // 2, len(bars) - 1}) if len(bars) > 6 else [0, len(bars) - 1]
    ticks: list[Tick] = []
    for n in dict.fromkeys(chosen):
        bar = bars[n]
        anchor = "start" if n == 0 else "end" if n == len(bars) - 1 and bar.x > WIDTH * 0.8 else "middle"
        x = {"start": bar.x, "end": bar.x + bar.width}.get(anchor, bar.x + bar.width / 2)
        if not ticks or x >= LABEL_WIDTH * 1.5 or anchor == "end":
            ticks.append(Tick(round(x, 2), bar.first_day.strftime(form), anchor))
    return tuple(ticks)


def _summary(bars: Sequence[Bar], unit: str, noun: str) -> str:
    if not bars:
        return f"No {noun}s."
    highest = max(bars, key=lambda bar: bar.value)
    total = plural(sum(bar.value for bar in bars), noun)
    span = f"{shown_day(bars[0].first_day)} to {shown_day(bars[-1].last_day)}"
    return f"{total} by {unit}, {span}. Most: {highest.label}."

"""Geometry of charts: true time axes, gaps, levels."""

from datetime import date

import pytest

from warehouse.reading.attention import AttentionPoint
from warehouse.reading.find import DayVolume
from warehouse.reading.report_sums import MonthCoverage, SourceDay, SourceReport
from web.charts import time_bars
from web.line_chart import share_lines
from web.report_charts import certainty_lines, heat_map, year_calendars


def test_a_day_without_articles_is_an_empty_place():
    chart = time_bars((DayVolume(date(2026, 1, 1), 4, 4), DayVolume(date(2026, 1, 3), 2, 1)))
    assert [(bar.value, bar.height) for bar in chart.bars] == [(4, 120), (0, 0), (2, 60)]
    assert chart.unit == "day"
    assert chart.bars[2].label == "3 Jan 2026: 2 articles"


def test_labels_of_few_bars_do_not_overlap():
    two = time_bars((DayVolume(date(2026, 11, 1), 1, 1), DayVolume(date(2026, 11, 2), 1, 1)))
    assert [tick.text for tick in two.ticks] == ["1 Nov 2026"]
    six = time_bars((DayVolume(date(2026, 11, 1), 1, 1), DayVolume(date(2026, 11, 6), 1, 1)))
    assert [tick.text for tick in six.ticks] == ["1 Nov 2026", "6 Nov 2026"]


def test_the_smallest_bar_can_be_seen():
    chart = time_bars((DayVolume(date(2026, 1, 1), 10_000, 1), DayVolume(date(2026, 1, 2), 1, 1)))
    assert chart.bars[1].height == 2


def test_a_month_ends_on_its_last_day():
    chart = time_bars((DayVolume(date(2024, 2, 10), 1, 1), DayVolume(date(2026, 1, 2), 1, 1)))
    assert (chart.unit, chart.bars[0].first_day, chart.bars[0].last_day) == (
        "month",
        date(2024, 2, 1),
        date(2024, 2, 29),
    )


def test_no_articles_no_bars():
    assert time_bars(()).bars == ()


def test_a_line_breaks_where_there_is_no_interval():
    points = [AttentionPoint(date(2026, 1, day), 1, 1, 2, 0.5) for day in (1, 2, 5, 6)]
    (line,) = share_lines(["oil"], [points], "day").lines
    assert len(line.runs) == 2
    assert len(line.dots) == 4


def test_months_are_labelled_without_a_day():
    points = [AttentionPoint(date(2026, month, 1), 1, 1, 2, 0.5) for month in (1, 11)]
    assert [tick.text for tick in share_lines(["oil"], [points], "month").ticks] == ["Jan 2026", "Nov 2026"]
    assert share_lines(["oil"], [points], "week").ticks[0].text == "1 Jan 2026"


def test_a_calendar_has_every_day_of_its_year_in_its_row():
    (calendar,) = year_calendars((DayVolume(date(2024, 2, 29), 5, 5),))
    assert len(calendar.cells) == 366
    marked = [cell for cell in calendar.cells if cell.level]
    assert [(cell.level, cell.label, cell.y) for cell in marked] == [(5, "29 Feb 2024: 5", 3 * 16)]


def test_a_heat_map_stands_on_a_true_axis():
    sources = [SourceReport("a", "Alpha", 3, 3, 0, 3, None, None, date(2026, 1, 4))]
    chart = heat_map([SourceDay("a", date(2026, 1, 1), 1), SourceDay("a", date(2026, 1, 4), 2)], sources)
    assert chart is not None
    assert [(cell.x, cell.level) for cell in chart.rows[0].cells] == [(0, 3), (48, 5)]
    assert chart.unit == "day"


@pytest.mark.parametrize(
    ("last", "labels"),
    [
        pytest.param(date(2026, 1, 4), ["1 Jan 2026", "4 Jan 2026"], id="days"),
        pytest.param(date(2026, 6, 3), ["week of 29 Dec 2025", "week of 1 Jun 2026"], id="weeks"),
        pytest.param(date(2028, 6, 3), ["Jan 2026", "Jun 2028"], id="months"),
        pytest.param(date(2036, 6, 3), ["2026", "2036"], id="years"),
    ],
)
def test_a_cell_of_a_heat_map_names_its_time(last, labels):
    sources = [SourceReport("a", "Alpha", 3, 3, 0, 3, None, None, last)]
    chart = heat_map([SourceDay("a", date(2026, 1, 1), 1), SourceDay("a", last, 2)], sources)
    counts = ("1 article", "2 articles")
    expected = [f"Alpha, {label}: {n}" for label, n in zip(labels, counts, strict=True)]
    assert [cell.label for cell in chart.rows[0].cells] == expected


def test_certainty_is_a_share_of_the_articles_that_say_it():
    def month(n, rated, sure):
        return MonthCoverage(date(2026, n, 1), 100, 0, 0, 0, 0, rated, sure, sure, sure, 0)

    title, *_, authors = certainty_lines([month(1, 50, 25), month(2, 0, 0), month(3, 10, 10)])
    assert [label for *_, label in title.dots] == ["title sure, 2026-01: 50 %", "title sure, 2026-03: 100 %"]
    assert [y for _, y, _ in authors.dots] == [160, 160]
    assert title.runs == ()  # a month without any is a gap
    assert certainty_lines([month(1, 0, 0)]) == ()

"""Days of other calendars."""

from datetime import date

import pytest

from tasks.domain.dates.calendars import common_day, jalali_day


@pytest.mark.parametrize(
    ("year", "month", "day", "common"),
    [
        pytest.param(1400, 1, 1, date(2021, 3, 21), id="new year"),
        pytest.param(1399, 12, 30, date(2021, 3, 20), id="last day of a leap year"),
        pytest.param(1400, 12, 30, None, id="not a leap year"),
        pytest.param(1404, 1, 1, date(2025, 3, 21), id="new year after the leap year 1403"),
        pytest.param(1390, 1, 1, date(2011, 3, 21), id="before the year counted from"),
        pytest.param(1400, 7, 30, date(2021, 10, 22), id="month of 30 days"),
        pytest.param(1400, 7, 31, None, id="no 31st in the second half"),
        pytest.param(1400, 6, 31, date(2021, 9, 22), id="31st in the first half"),
        pytest.param(1200, 1, 1, None, id="year out of bounds"),
        pytest.param(1400, 13, 1, None, id="no such month"),
    ],
)
def test_jalali_day(year, month, day, common):
    assert jalali_day(year, month, day) == common


def test_common_day():
    assert common_day(2020, 2, 29) == date(2020, 2, 29)
    assert common_day(2021, 2, 29) is None

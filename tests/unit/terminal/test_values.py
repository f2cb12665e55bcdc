"""Values in output: as cells, as JSON, and for people."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from flows.terminal.values import cell_text, json_value, shown, unique_names
from warehouse.text.spreadsheet import guarded

AT = datetime(2022, 1, 10, 13, 58, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        pytest.param("=1+1", "=1+1", id="text is unchanged"),
        pytest.param(-3, "-3", id="a number"),
        pytest.param(Decimal("2.50"), "2.50", id="a decimal keeps its digits"),
        pytest.param(float("nan"), "nan", id="not a number"),
        pytest.param(None, "", id="null is empty"),
        pytest.param(True, "true", id="boolean"),
        pytest.param(["a"], '["a"]', id="list as JSON"),
        pytest.param(AT, "2022-01-10T13:58:00+00:00", id="an instant with its offset"),
    ],
)
def test_cell_text(value, cell):
    assert cell_text(value) == cell


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        pytest.param("=1+1", "'=1+1", id="formula"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at sign"),
        pytest.param("-2+3", "'-2+3", id="minus"),
        pytest.param("\t=1", "'\t=1", id="tab before"),
        pytest.param("＝1", "'＝1", id="full-width equals"),
        pytest.param("a=b", "a=b", id="equals inside"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_guarded(cell, expected):
    assert guarded(cell) == expected


@pytest.mark.parametrize(
    ("value", "as_json"),
    [
        pytest.param(AT, "2022-01-10T13:58:00+00:00", id="instant"),
        pytest.param(date(2022, 1, 10), "2022-01-10", id="day"),
        pytest.param(Decimal("2.50"), 2.5, id="decimal"),
        pytest.param(Decimal(7), 7, id="whole decimal"),
        pytest.param(float("nan"), None, id="NaN is null"),
        pytest.param(b"\x00\xff", "00ff", id="bytes"),
        pytest.param({"a": [date(2022, 1, 1)]}, {"a": ["2022-01-01"]}, id="nested"),
    ],
)
def test_json_value(value, as_json):
    assert json_value(value) == as_json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param(AT, "2022-01-10 13:58:00 UTC", id="an instant"),
        pytest.param(
            AT.astimezone(timezone(timedelta(hours=11))), "2022-01-11 00:58:00 +11:00", id="an offset"
        ),
        pytest.param(AT.replace(tzinfo=None), "2022-01-10 13:58:00", id="a time without zone"),
        pytest.param(["a", "b"], "a, b", id="a list"),
        pytest.param(None, "", id="null"),
        pytest.param("one\ntwo", "one two", id="line break"),
    ],
)
def test_shown(value, text):
    assert shown(value) == text


def test_a_repeated_column_name_gets_a_number():
    assert unique_names(["url", "url", "n", "url"]) == ["url", "url_1", "n", "url_2"]

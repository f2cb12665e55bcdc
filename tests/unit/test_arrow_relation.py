"""Values that are written into a query."""

from datetime import date

import duckdb
import pytest

from warehouse.store.arrow import relation


@pytest.mark.parametrize(
    "value",
    ["it's", "'; drop table t; --", "$other \\ $value", "", None, -3, date(2026, 1, 31), [4, 5]],
)
def test_a_value_comes_back_as_it_was(value):
    with duckdb.connect() as con:
        assert relation(con, "select $value as v", {"value": value}).fetchall() == [(value,)]


def test_names_are_not_mixed_up_with_longer_ones():
    with duckdb.connect() as con:
        values = {"segment": 1, "segments": [2]}
        assert relation(con, "select $segment, $segments", values).fetchall() == [(1, [2])]

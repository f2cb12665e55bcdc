"""Rows of a statement as objects of a type: columns are matched to fields by name."""

from typing import Any, TypeVar
from uuid import UUID

import duckdb

T = TypeVar("T")


def fetch_as(
    con: duckdb.DuckDBPyConnection, row_type: type[T], sql: str, parameters: object = None
) -> tuple[T, ...]:
    """Return the rows of a statement as `row_type`; its fields are the statement's columns."""
    result = con.execute(sql, parameters)
    names = [column[0] for column in result.description or []]
    return tuple(row_type(**dict(zip(names, map(_plain, row), strict=True))) for row in result.fetchall())


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value

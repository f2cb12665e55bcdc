"""Answers as a table, as JSON and as CSV: what commands print to standard output."""

import csv
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, TextIO

TABLE_ROWS = 1_000  # more is for json and csv

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]+")
# A spreadsheet runs a cell that starts with one of these (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def write_rows(
    names: Sequence[str], rows: Iterable[Sequence[Any]], form: Format, out: TextIO | None = None
) -> None:
    """Print an answer to standard output (or `out`); json and csv give every row as it comes."""
    out = out or sys.stdout
    names = unique_names(names)
    if form is Format.JSON:
        _write_json(names, rows, out)
    elif form is Format.CSV:
        _write_csv(names, rows, out)
    else:
        _write_table(names, rows, out)


def unique_names(names: Sequence[str]) -> list[str]:
    """Return the column names; a repeated one gets a number, so that no column is lost in an object."""
    taken: list[str] = []
    for name in names:
        fresh, n = name, 1
        while fresh in taken:
            fresh, n = f"{name}_{n}", n + 1
        taken.append(fresh)
    return taken


def print_json(value: Any) -> None:
    """Print one value as JSON, for a person to read."""
    sys.stdout.write(json.dumps(json_value(value), ensure_ascii=False, indent=2) + "\n")


def json_value(value: Any) -> Any:
    """Return a value as JSON knows it: instants in ISO 8601, numbers as numbers, the rest as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {str(key): json_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [json_value(item) for item in value]
    return str(value)


def csv_value(value: Any) -> Any:
    """Return a value as a CSV cell; text that a spreadsheet would run gets an apostrophe before it."""
    if value is None:
        return ""
    value = json_value(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _write_json(names: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO) -> None:
    out.write("[")
    for n, row in enumerate(rows):
        line = {name: json_value(value) for name, value in zip(names, row, strict=True)}
        out.write(("," if n else "") + "\n" + json.dumps(line, ensure_ascii=False))
    out.write("\n]\n")


def _write_csv(names: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO) -> None:
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([csv_value(name) for name in names])
    writer.writerows([csv_value(value) for value in row] for row in rows)


def _write_table(names: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name in names:
        table.add_column(Text(_shown(name)), overflow="fold")
    more = False
    for n, row in enumerate(rows):
        if n == TABLE_ROWS:
            more = True
            break
        table.add_row(*(Text(_shown(value)) for value in row))
    console = Console(file=out, width=None if out.isatty() else 160, emoji=False, markup=False)
    console.print(table)
    if more:
        sys.stderr.write(f"The first {TABLE_ROWS} rows; --format csv or json gives all.\n")


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    value = json_value(value)
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return _CONTROL.sub(" ", str(value))


def batches(result: Any, size: int = 1_000) -> Iterator[Sequence[Any]]:
    """Yield the rows of a DuckDB result without holding all of them."""
    while rows := result.fetchmany(size):
        yield from rows

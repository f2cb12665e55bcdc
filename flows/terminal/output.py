"""Results as a table, JSON or CSV: what commands print to standard output."""

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

TABLE_ROWS = 1_000  # a table stops here; JSON and CSV do not

# Control characters, and those that reorder the text around them (bidirectional overrides, UAX 9).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
# A spreadsheet executes a cell that starts with one of these (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


class Format(StrEnum):
    """How a result is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def write_rows(
    names: Sequence[str], rows: Iterable[Sequence[Any]], form: Format, out: TextIO | None = None
) -> None:
    """Print a result to standard output (or `out`); JSON and CSV stream every row."""
    out = out or sys.stdout
    names = unique_names(names)
    if form is Format.JSON:
        _write_json(names, rows, out)
    elif form is Format.CSV:
        _write_csv(names, rows, out)
    else:
        _write_table(names, rows, out)


def unique_names(names: Sequence[str]) -> list[str]:
    """Return the column names; a repeated one gets a number, so that a JSON object keeps every column."""
    unique: list[str] = []
    for name in names:
        candidate, n = name, 1
        while candidate in unique:
            candidate, n = f"{name}_{n}", n + 1
        unique.append(candidate)
    return unique


def print_json(value: Any) -> None:
    """Print one value as indented JSON."""
    sys.stdout.write(json.dumps(json_value(value), ensure_ascii=False, indent=2) + "\n")


def print_json_line(value: Any) -> None:
    """Print one value as a line of JSON; instants and paths become text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_as_text) + "\n")


def json_value(value: Any) -> Any:
    """Return a value as a JSON type: instants in ISO 8601, numbers as numbers, the rest as text."""
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


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def csv_value(value: Any) -> Any:
    """Return a value as a CSV cell; an apostrophe stands before text that a spreadsheet would execute."""
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
    is_cut = False
    for n, row in enumerate(rows):
        if n == TABLE_ROWS:
            is_cut = True
            break
        table.add_row(*(Text(_shown(value)) for value in row))
    console = Console(file=out, width=None if out.isatty() else 160, emoji=False, markup=False)
    console.print(table)
    if is_cut:
        sys.stderr.write(
            f"Only the first {TABLE_ROWS:,} rows are shown; --format csv or --format json prints all.\n"
        )


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    value = json_value(value)
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return visible(str(value))


def visible(text: str) -> str:
    """Return text without control characters, since text from the web may hold escape sequences."""
    return _CONTROL.sub(" ", text)


def batches(result: Any, size: int = 1_000) -> Iterator[Sequence[Any]]:
    """Yield the rows of a DuckDB result, fetched `size` at a time."""
    while rows := result.fetchmany(size):
        yield from rows

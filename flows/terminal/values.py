"""Values as text and as JSON: what every kind of output is made of."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

# Control characters, and those that reorder the text around them (bidirectional overrides, UAX 9).
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")


def unique_names(names: Sequence[str]) -> list[str]:
    """Return the column names; a repeated one gets a number, so that a JSON object keeps every column."""
    unique: list[str] = []
    for name in names:
        candidate, n = name, 1
        while candidate in unique:
            candidate, n = f"{name}_{n}", n + 1
        unique.append(candidate)
    return unique


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


def cell_text(value: Any) -> str:
    """Return a value as the text of a cell, unchanged; null is empty, lists and structs are JSON."""
    if value is None:
        return ""
    if isinstance(value, float | Decimal):
        return str(value)
    value = json_value(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)


def shown(value: Any) -> str:
    """Return a value for people: an instant with its zone, a list without brackets, one line."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} {_zone(value)}".rstrip()
    value = json_value(value)
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return visible(str(value))


def _zone(value: datetime) -> str:
    """Return UTC, an offset such as +11:00, or nothing for a time without zone."""
    offset = value.utcoffset()
    if offset is None:
        return ""
    return "UTC" if not offset else value.isoformat()[-6:]


def visible(text: str) -> str:
    """Return text without control characters, since text from the web may hold escape sequences."""
    return _CONTROL.sub(" ", text)

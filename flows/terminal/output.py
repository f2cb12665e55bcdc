"""What commands print to standard output: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from flows.terminal.table import write_table
from flows.terminal.values import json_value


def print_table(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as a table."""
    write_table(names, rows, sys.stdout)


def print_json(value: Any) -> None:
    """Print one value as indented JSON."""
    sys.stdout.write(json.dumps(json_value(value), ensure_ascii=False, indent=2) + "\n")


def print_json_line(value: Any) -> None:
    """Print one value as a line of JSON; instants and paths become text."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_as_text) + "\n")


def _as_text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

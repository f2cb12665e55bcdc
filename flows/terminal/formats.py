"""A result in the form and at the place that `--format` and `--output` name.

`sql` and `search` give a `QueryResult`; everything that differs between forms happens here and in `files`.
"""

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from flows.terminal.query_result import QueryResult
from flows.terminal.table import write_table
from flows.terminal.values import cell_text, json_value, shown, unique_names
from tasks.errors import UsageError

_MARKUP = re.compile(r"([\\`*_\[\]<>|~])")  # what Markdown would not show as it is


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    CSV = "csv"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    MARKDOWN = "markdown"
    PARQUET = "parquet"
    XLSX = "xlsx"
    ATOM = "atom"
    JSON_FEED = "jsonfeed"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where and how a result is written, as the options of a command say."""

    form: Format
    file: Path | None = None
    is_for_spreadsheet: bool = False


def parse_destination(
    form: Format | None, file: Path | None, *, as_json: bool, is_for_spreadsheet: bool
) -> Destination:
    """Return where a result goes; without a format it is that of the file's name. Raises UsageError."""
    chosen = Format.JSON if as_json else form or (_format_of(file) if file else Format.TABLE)
    if is_for_spreadsheet and chosen not in (Format.CSV, Format.TSV):
        raise UsageError(f"--spreadsheet-safe: has no meaning for --format {chosen} (expected csv or tsv)")
    if file is None and chosen in (Format.PARQUET, Format.XLSX) and sys.stdout.isatty():
        raise UsageError(f"--format {chosen} is not text. Name a file with --output.")
    return Destination(chosen, file, is_for_spreadsheet)


def _format_of(file: Path) -> Format:
    try:
        return _ENDINGS[file.suffix.lower()]
    except KeyError as error:
        raise UsageError(f"--output: the name '{file}' does not say a format. Add --format.") from error


def write_result(result: QueryResult, destination: Destination) -> None:
    """Write a result; a file appears only when all of it is written. Raises UsageError."""
    with _opened(destination.file) as out:
        if destination.form in _BINARY:
            _write_binary(result, destination.form, out)
        else:
            with _as_text(out, destination.file) as text:
                _write_text(result, destination, text)


def _write_binary(result: QueryResult, form: Format, out: BinaryIO) -> None:
    from flows.terminal import files  # the libraries of these formats are slow to import

    writers = {
        Format.PARQUET: files.write_parquet,
        Format.XLSX: files.write_xlsx,
        Format.ATOM: files.write_atom,
        Format.JSON_FEED: files.write_json_feed,
    }
    writers[form](result, out)


def _write_text(result: QueryResult, destination: Destination, out: TextIO) -> None:
    names, rows = unique_names(result.names), result.rows
    match destination.form:
        case Format.JSON:
            _write_json(names, rows, out)
        case Format.JSONL:
            out.writelines(line + "\n" for line in _json_lines(names, rows))
        case Format.CSV:
            _write_csv(names, rows, out, ",", destination.is_for_spreadsheet)
        case Format.TSV:
            _write_csv(names, rows, out, "\t", destination.is_for_spreadsheet)
        case Format.MARKDOWN:
            _write_markdown(names, rows, out)
        case _:
            write_table(names, rows, out)


@contextmanager
def _opened(file: Path | None) -> Iterator[BinaryIO]:
    """Yield standard output, or a file that replaces `file` at the end."""
    if file is None:
        sys.stdout.flush()
        yield sys.stdout.buffer
        return
    partial = file.with_name(f".{file.name}.{os.getpid()}.tmp")
    try:
        with partial.open("wb") as out:
            yield out
        partial.replace(file)
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"Cannot write {file}: {reason}. Name another file with --output.") from error
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _as_text(out: BinaryIO, file: Path | None) -> Iterator[TextIO]:
    if file is None:
        yield sys.stdout
        return
    text = io.TextIOWrapper(out, encoding="utf-8", errors="replace", newline="")
    yield text
    text.flush()
    text.detach()


def _write_json(names: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO) -> None:
    out.write("[")
    for n, line in enumerate(_json_lines(names, rows)):
        out.write(("," if n else "") + "\n" + line)
    out.write("\n]\n")


def _json_lines(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    for row in rows:
        line = {name: json_value(value) for name, value in zip(names, row, strict=True)}
        yield json.dumps(line, ensure_ascii=False)


def _write_csv(
    names: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO, delimiter: str, is_for_spreadsheet: bool
) -> None:
    from warehouse.text.spreadsheet import BYTE_ORDER_MARK, guarded

    if is_for_spreadsheet:
        out.write(BYTE_ORDER_MARK.decode())
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    for row in chain([names], rows):
        cells = [
            guarded(value) if is_for_spreadsheet and isinstance(value, str) else cell_text(value)
            for value in row
        ]
        writer.writerow(cells)


def _write_markdown(names: Sequence[str], rows: Iterable[Sequence[Any]], out: TextIO) -> None:
    for number, row in enumerate(chain([names], rows)):
        cells = (_MARKUP.sub(r"\\\1", shown(value)) for value in row)
        out.write("| " + " | ".join(cells) + " |\n")
        if number == 0:
            out.write("|" + " --- |" * len(names) + "\n")


def batches(result: Any, size: int = 1_000) -> Iterator[Sequence[Any]]:
    """Yield the rows of a DuckDB result, fetched `size` at a time."""
    while rows := result.fetchmany(size):
        yield from rows


_BINARY = frozenset({Format.PARQUET, Format.XLSX, Format.ATOM, Format.JSON_FEED})
_ENDINGS = {
    ".txt": Format.TABLE,
    ".csv": Format.CSV,
    ".tsv": Format.TSV,
    ".json": Format.JSON,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".md": Format.MARKDOWN,
    ".parquet": Format.PARQUET,
    ".xlsx": Format.XLSX,
    ".atom": Format.ATOM,
    ".xml": Format.ATOM,
}

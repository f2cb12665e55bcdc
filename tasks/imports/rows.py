"""Rows of a file of articles, one at a time: JSON lines, CSV, Parquet; compressed or not.

Before `tasks.imports.import_file`, which turns rows into articles.
"""

import csv
import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from tasks.domain.articles.imported import FIELDS
from tasks.errors import UsageError
from warehouse.errors import why_unreadable

_PARQUET_ROWS = 1_000
_NEEDED = ("url", "body")
_JSON = (".jsonl", ".ndjson", ".json")
_CSV = (".csv", ".tsv")
_PARQUET = (".parquet", ".pq")
NOT_UTF8 = "not UTF-8; save the file as UTF-8 and import it again"
# Surrogate escapes stand for bytes that are not UTF-8 (PEP 383).
_is_other_encoding = re.compile("[\udc80-\udcff]").search


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file, or why it cannot be read."""

    number: int  # from 1; a CSV's header is not counted
    fields: dict[str, Any] = field(default_factory=dict)
    problem: str | None = None


def has_rows(path: Path) -> bool:
    """Say whether a file holds rows, by its name."""
    return _kind_of(path) in {*_JSON, *_CSV, *_PARQUET}


def read_rows(path: Path, needed: Sequence[str] = _NEEDED, columns: Sequence[str] = FIELDS) -> Iterator[Row]:
    """Yield the rows of a .jsonl, .csv, .tsv or .parquet file (.gz for the first three).

    `columns` are those that are read, `needed` those that a file with a header must have.
    Raises UsageError when the file is missing or not of the type of its name.
    """
    if path.is_dir():
        raise UsageError(f"'{path}' is a folder. Name its files: {path}/*.jsonl.")
    if not path.is_file():
        raise UsageError(f"'{path}': no such file. Check the path.")
    kind = _kind_of(path)
    if kind in _JSON:
        return _json_rows(path)
    if kind in _CSV:
        return _csv_rows(path, "\t" if kind == ".tsv" else ",", needed)
    if kind in _PARQUET:
        return _parquet_rows(path, needed, columns)
    raise UsageError(
        f"'{path.name}': unknown file type, and not a WARC file. "
        "Name it .jsonl, .csv, .tsv or .parquet by its content."
    )


def count_rows(path: Path) -> int | None:
    """Return about how many rows a file has; None for a compressed one, which would be unpacked for it.

    A CSV may have fewer: its fields may hold line ends. Also None for a file that cannot be read: reading
    it says why.
    """
    if _kind_of(path) in _PARQUET:
        return _count_parquet_rows(path)
    if path.suffix.lower() == ".gz":
        return None
    try:
        with path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    except OSError:
        return None


def _count_parquet_rows(path: Path) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError):
        return None


def _kind_of(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    return suffixes[-1] if suffixes else ""


def _open_text(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="")
    return path.open("rt", encoding="utf-8-sig", errors="surrogateescape", newline="")


def _json_rows(path: Path) -> Iterator[Row]:
    with _open_text(path) as file:
        for number, line in enumerate(_lines(file, path), 1):
            if line.strip():
                yield _json_row(number, line)


def _json_row(number: int, line: str) -> Row:
    if _is_other_encoding(line):
        return Row(number, problem=NOT_UTF8)
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Row(number, problem=f"not valid JSON: {error}")
    if not isinstance(fields, dict):
        return Row(number, problem="not a JSON object")
    named = dict(zip(_column_names(fields), fields.values(), strict=True))
    return Row(number, named | {name: fields[name] for name in FIELDS if name in fields})


def _csv_rows(path: Path, delimiter: str, needed: Sequence[str]) -> Iterator[Row]:
    csv.field_size_limit(sys.maxsize)
    with _open_text(path) as file:
        rows = csv.DictReader(_lines(file, path), delimiter=delimiter)
        rows.fieldnames = _checked_columns(path, rows.fieldnames or [], needed)
        for number, fields in enumerate(_csv_fields(rows, path), 1):
            if any(isinstance(value, str) and _is_other_encoding(value) for value in fields.values()):
                yield Row(number, problem=NOT_UTF8)
            elif None in fields:  # the key of DictReader for surplus fields
                yield Row(number, problem="more fields than the header has")
            else:
                yield Row(number, fields)


def _csv_fields(rows: "csv.DictReader[str]", path: Path) -> Iterator[dict[str, Any]]:
    try:
        yield from rows
    except csv.Error as error:
        raise UsageError(f"'{path.name}' is not valid CSV: {error}") from error


def _parquet_rows(path: Path, needed: Sequence[str], read: Sequence[str]) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UsageError(f"'{path.name}' is not a Parquet file: {error}") from error
    with file:
        names = file.schema_arrow.names
        columns = dict(zip(_checked_columns(path, names, needed), names, strict=True))
        columns = {name: columns[name] for name in read if name in columns}
        number = 0
        for batch in file.iter_batches(_PARQUET_ROWS, columns=list(columns.values())):
            for fields in batch.rename_columns(_column_names(batch.schema.names)).to_pylist():
                number += 1
                yield Row(number, fields)


def _checked_columns(path: Path, names: Sequence[str], needed: Sequence[str]) -> list[str]:
    """Return the normalised column names.

    Raises UsageError when a required column is missing, or one appears twice.
    """
    if not names:
        raise UsageError(f"'{path.name}' is empty")
    columns = _column_names(names)
    missing = [name for name in needed if name not in columns]
    if missing:
        raise UsageError(f"'{path.name}' has no column {' and '.join(missing)}; it has {', '.join(names)}")
    doubled = [name for name in (*FIELDS, *needed) if columns.count(name) > 1]
    if doubled:
        raise UsageError(f"'{path.name}' has the column {doubled[0]} twice; it has {', '.join(names)}")
    return columns


def _column_names(names: Iterable[str]) -> list[str]:
    """Return the normalised column names.

    Case and surrounding spaces are ignored (spreadsheets write `URL` and ` Title `). `published_at`, the
    name in our own view `articles`, is read as `published`.
    """
    columns = [name.strip().lower() for name in names]
    if "published" in columns:
        return columns
    return ["published" if name == "published_at" else name for name in columns]


def _lines(file: TextIO, path: Path) -> Iterator[str]:
    try:
        yield from file
    except (OSError, EOFError) as error:
        raise UsageError(f"'{path.name}' cannot be read to its end: {why_unreadable(error)}") from error

"""Results as Parquet, as an Excel workbook and as an Atom feed: forms that are made by libraries."""

import io
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

from flows.terminal.query_result import QueryResult
from flows.terminal.values import cell_text, unique_names
from tasks.errors import UsageError

if TYPE_CHECKING:
    from warehouse.text.syndication import OutgoingFeed

_CELL_CHARACTERS = 32_767  # limits of the format (ECMA-376 applications)
_SHEET_ROWS = 1_048_576
_EXACT = 10**15 - 1  # a number in a cell has 15 digits


def write_parquet(result: QueryResult, out: BinaryIO) -> None:
    """Write typed rows. Raises UsageError for a type that Parquet does not have."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    assert result.to_arrow is not None
    reader = result.to_arrow()
    schema = pa.schema(
        [field.with_name(name) for field, name in zip(reader.schema, unique_names(result.names), strict=True)]
    )
    try:
        with pq.ParquetWriter(out, schema, compression="zstd") as writer:
            for batch in reader:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as error:
        raise UsageError(f"--format parquet: {error}. Cast the column to text.") from error


def write_xlsx(result: QueryResult, out: BinaryIO) -> None:
    """Write a workbook of one sheet. Text is text, whatever it starts with; only numbers are numbers.

    Raises UsageError when the result does not fit into a sheet.
    """
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("result")
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(unique_names(result.names)):
            sheet.write_string(0, column, name)
        for number, row in enumerate(result.rows, 1):
            if number >= _SHEET_ROWS:
                raise UsageError(
                    f"--format xlsx: a sheet has at most {_SHEET_ROWS:,} rows. Use csv or parquet."
                )
            _write_sheet_row(sheet, number, row, result.names)
    out.write(buffer.getvalue())


def _write_sheet_row(sheet: Any, number: int, row: Sequence[Any], names: Sequence[str]) -> None:
    for column, value in enumerate(row):
        if value is None:
            continue
        if _is_exact_number(value):
            sheet.write_number(number, column, value)
            continue
        text = cell_text(value)
        if len(text) > _CELL_CHARACTERS:
            raise UsageError(
                f"--format xlsx: '{names[column]}' of row {number} has {len(text):,} characters; a cell has"
                f" at most {_CELL_CHARACTERS:,}. Use csv or parquet, or a part of the column."
            )
        sheet.write_string(number, column, text)


def _is_exact_number(value: object) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return -_EXACT <= value <= _EXACT
    return isinstance(value, float) and math.isfinite(value)


def write_atom(result: QueryResult, out: BinaryIO) -> None:
    """Write an Atom feed: one entry a row. Raises UsageError without the columns title and url."""
    from warehouse.text.syndication import atom

    out.write(atom(_feed(result, "atom")))


def write_json_feed(result: QueryResult, out: BinaryIO) -> None:
    """Write a JSON Feed: one entry a row. Raises UsageError without the columns title and url."""
    from warehouse.text.syndication import json_feed

    out.write(json_feed(_feed(result, "jsonfeed")))


def _feed(result: QueryResult, form: str) -> "OutgoingFeed":
    from warehouse.text.feed_rows import entries_of_rows, missing_column
    from warehouse.text.syndication import OutgoingFeed

    if missing := missing_column(result.names):
        raise UsageError(f"--format {form}: the column '{missing}' is missing (needed: title, url)")
    now = datetime.now(UTC)
    rows = [dict(zip(result.names, row, strict=True)) for row in result.rows]
    entries = entries_of_rows(rows, now)
    updated_at = max((entry.updated_at for entry in entries), default=now)
    return OutgoingFeed(
        f"urn:uuid:{uuid5(NAMESPACE_URL, result.title)}", result.title, "", "", updated_at, entries
    )

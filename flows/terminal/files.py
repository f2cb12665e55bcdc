"""Results as Parquet, as an Excel workbook and as an Atom feed: forms that are made by libraries."""

import io
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

from flows.terminal.query_result import QueryResult
from flows.terminal.values import cell_text, unique_names
from tasks.errors import UsageError

if TYPE_CHECKING:
    from warehouse.text.syndication import OutgoingEntry

_CELL_CHARACTERS = 32_767  # limits of the format (ECMA-376 applications)
_SHEET_ROWS = 1_048_576
_EXACT = 10**15 - 1  # a number in a cell has 15 digits
_UPDATED = ("updated_at", "last_changed_at", "published_at", "sort_at", "first_seen_at", "published_on")
_SUMMARIES = ("snippet", "lead", "description", "body")


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
    """Write a feed: one entry a row. Raises UsageError without the columns title and url.

    Also used when present: article_id, source, language, published_at, an instant of the last change, and a
    text. An entry without any instant has that of the feed.
    """
    from warehouse.text.syndication import OutgoingFeed, atom

    missing = [name for name in ("title", "url") if name not in result.names]
    if missing:
        raise UsageError(f"--format atom: the column '{missing[0]}' is missing (needed: title, url)")
    now = datetime.now(UTC)
    rows = [dict(zip(result.names, row, strict=True)) for row in result.rows]
    entries = [_entry(row, now) for row in rows if row["url"]]
    updated_at = max((entry.updated_at for entry in entries), default=now)
    feed_id = f"urn:uuid:{uuid5(NAMESPACE_URL, result.title)}"
    out.write(atom(OutgoingFeed(feed_id, result.title, "", "", updated_at, entries)))


def _entry(row: dict[str, Any], now: datetime) -> "OutgoingEntry":
    from warehouse.text.syndication import OutgoingEntry

    url = str(row["url"])
    instants = (_instant(row.get(name)) for name in _UPDATED)
    summaries = (row[name] for name in _SUMMARIES if row.get(name))
    language = row.get("language")
    return OutgoingEntry(
        id=f"urn:uuid:{row.get('article_id') or uuid5(NAMESPACE_URL, url)}",
        title=str(row["title"] or url),
        url=url,
        published_at=_instant(row.get("published_at")),
        updated_at=next((instant for instant in instants if instant), now),
        summary=str(next(summaries, "")),
        source=str(row.get("source") or ""),
        language=str(language) if language else None,
    )


def _instant(value: object) -> datetime | None:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return datetime(value.year, value.month, value.day, tzinfo=UTC) if isinstance(value, date) else None

"""Which captures of a WARC file are in the archive already; asked before they are written to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

import duckdb
import pyarrow as pa

from warehouse.records.page import ArchiveRef
from warehouse.store.arrow import registered

CaptureId: TypeAlias = tuple[str, datetime, str]  # URL key, time of the capture, body_sha256


@dataclass(frozen=True, slots=True)
class KnownCapture:
    """A capture that an earlier run has loaded."""

    ref: ArchiveRef | None  # None when its page was pruned
    is_settled: bool  # its URL has an article or a reject; otherwise a filter of that run dropped it


def find_captures(
    con: duckdb.DuckDBPyConnection, captures: Sequence[CaptureId]
) -> dict[CaptureId, KnownCapture]:
    """Return those of the captures that are recorded as fetched."""
    url_keys, times, digests = zip(*captures, strict=True) if captures else ((), (), ())
    table = pa.table(
        {
            "item_no": pa.array(range(len(captures)), pa.int64()),
            "url_key": pa.array(url_keys, pa.string()),
            "started_at": pa.array(times, pa.timestamp("us", "UTC")),
            "body_sha256": pa.array(digests, pa.string()),
        }
    )
    with registered(con, some_capture=table):
        rows = con.execute(_KNOWN).fetchall()
    return {
        captures[number]: KnownCapture(ArchiveRef(file, offset, length) if file else None, is_settled)
        for number, file, offset, length, is_settled in rows
    }


_KNOWN = """
select
    c.item_no,
    f.archive_file,
    f.archive_offset,
    f.archive_length,
    c.url_key in (select url_key from core.article)
        or c.url_key in (select url_key from core.url_alias)
        or c.url_key in (select url_key from core.reject where step = 'extract' and url_key is not null)
        as is_settled
from some_capture as c
join core.fetch as f using (url_key, started_at, body_sha256)
where f.outcome = 'ok'
qualify row_number() over (partition by c.item_no order by f.archive_file nulls last, f.archive_offset) = 1
"""

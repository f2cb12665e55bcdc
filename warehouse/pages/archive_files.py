"""How far each archive file is loaded: pages behind that offset were archived but not loaded."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import duckdb


def find_checked_bytes(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return, by archive file, the offset up to which all its pages are loaded."""
    return dict(con.execute("select file, max(n_bytes) from core.archive_file group by file").fetchall())


def find_loaded_offsets(con: duckdb.DuckDBPyConnection, files: Sequence[str]) -> set[tuple[str, int]]:
    """Return (file, offset) of the pages in these files that a fetch row refers to."""
    rows = con.execute(
        "select distinct archive_file, archive_offset from core.fetch"
        " where archive_file in (select unnest($files::text[]))",
        {"files": list(files)},
    ).fetchall()
    return {(file, offset) for file, offset in rows}


def load_checked_files(con: duckdb.DuckDBPyConnection, sizes: Mapping[str, int], now: datetime) -> None:
    """Record that all pages of these files are loaded, up to these sizes in bytes."""
    names = list(sizes)
    con.execute(
        "delete from core.archive_file where file in (select unnest($names::text[]))", {"names": names}
    )
    con.execute(
        "insert into core.archive_file (file, n_bytes, checked_at)"
        " select unnest($names::text[]), unnest($sizes::bigint[]), $now",
        {"names": names, "sizes": list(sizes.values()), "now": now},
    )

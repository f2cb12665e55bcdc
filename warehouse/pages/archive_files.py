"""How far each archive file is loaded: pages after that offset were archived but not loaded."""

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


def find_archive_names(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of all archive files in any row, also in rows that a rollback would restore."""
    return [name for (name,) in con.execute(_NAMES).fetchall()]


def count_pages_by_file(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return, by archive file, how many of its pages rows refer to."""
    return dict(con.execute(_PAGES_BY_FILE).fetchall())


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


def set_checked_size(con: duckdb.DuckDBPyConnection, file: str, n_bytes: int, now: datetime) -> None:
    """Record that all pages of a file are loaded, before the file is put in place."""
    con.execute("delete from core.archive_file where file = ?", [file])
    con.execute(
        "insert into core.archive_file (file, n_bytes, checked_at) values (?, ?, ?)", [file, n_bytes, now]
    )


def drop_file(con: duckdb.DuckDBPyConnection, file: str) -> None:
    """Remove a deleted file from the list of archive files."""
    con.execute("delete from core.archive_file where file = ?", [file])


_NAMES = """
select archive_file from core.fetch where archive_file is not null
union
select archive_file from core.article where archive_file is not null
union
select archive_file from core.revision where archive_file is not null
union
select archive_file from core.reject where archive_file is not null
union
select file from core.archive_file
union
select name
from (select unnest(json_extract_string(rows_before, '$.*[*].archive_file')) as name from core.superseded)
where name is not null
order by 1
"""

_PAGES_BY_FILE = """
select archive_file, count(distinct archive_offset)
from (
    select archive_file, archive_offset from core.fetch
    union all
    select archive_file, archive_offset from core.article
    union all
    select archive_file, archive_offset from core.revision
    union all
    select archive_file, archive_offset from core.reject
)
where archive_file is not null
group by archive_file
"""

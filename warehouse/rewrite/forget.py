"""Remove an article from every table and block its URL keys.

One transaction, together with the new places of the pages that moved when archive files were rewritten. The
segments of the full-text index that hold removed texts are rewritten.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.invariants import count_rows
from warehouse.pages.stored_pages import PageFamily
from warehouse.records.outcome import Counts
from warehouse.records.page import ArchiveRef
from warehouse.runs import load_load, new_load_id
from warehouse.search.index import rewrite_segments
from warehouse.store.arrow import ID_SET, id_set, registered
from warehouse.store.settings import find_setting, set_setting

_LAST = "last_forgotten_at"
_ID_OF_KEY = "cast(left(sha256(url_key), 32) as uuid)"


@dataclass(frozen=True, slots=True)
class ForgottenKey:
    """A URL key that is not fetched or stored again."""

    url_key: str
    forgotten_at: datetime
    reason: str | None


def list_forgotten_keys(con: duckdb.DuckDBPyConnection) -> list[ForgottenKey]:
    """Return the blocked URL keys, latest first."""
    return [ForgottenKey(*row) for row in con.execute(_LIST).fetchall()]


def unblock_keys(con: duckdb.DuckDBPyConnection, url_key: str) -> list[str]:
    """Unblock a URL key with those that were blocked together with it; return them."""
    rows = con.execute(_TOGETHER, {"key": url_key}).fetchall()
    keys = [key for (key,) in rows]
    con.execute("delete from core.forgotten where url_key in (select unnest($keys::text[]))", {"keys": keys})
    return keys


def find_titles(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> list[str]:
    """Return the headlines of the articles, in the order of their ids."""
    with id_set(con, article_ids):
        rows = con.execute(
            f"select title from core.article join {ID_SET} using (article_id) order by article_id"
        ).fetchall()
    return [title for (title,) in rows]


def is_known_key(con: duckdb.DuckDBPyConnection, url_key: str) -> bool:
    """Say whether a feed showed the URL key, or it was requested or rejected."""
    return bool(con.execute(_KNOWN, {"key": url_key}).fetchall()[0][0])


def find_page_files(con: duckdb.DuckDBPyConnection, url_keys: Sequence[str]) -> list[str]:
    """Return the archive files that hold pages with these keys."""
    rows = con.execute(_FILES, {"keys": list(url_keys)}).fetchall()
    return [file for (file,) in rows]


def find_file_refs(con: duckdb.DuckDBPyConnection, file: str) -> list[ArchiveRef]:
    """Return all places in an archive file that the warehouse refers to."""
    return [ArchiveRef(*row) for row in con.execute(_FILE_REFS, {"file": file}).fetchall()]


def forget_rows(
    con: duckdb.DuckDBPyConnection, family: PageFamily, reason: str | None, now: datetime
) -> dict[str, int]:
    """Delete all rows of these articles and keys; return how many were deleted, by table."""
    keys = pa.table({"url_key": pa.array(family.url_keys, pa.string())})
    ids = pa.table({"article_id": pa.array(family.article_ids, pa.string())})
    with registered(con, some_key=keys, some_id_text=ids):
        con.execute("create or replace temp table forgotten_key as select url_key from some_key")
        con.execute(
            "create or replace temp table forgotten_id as"
            " select cast(article_id as uuid) as article_id from some_id_text"
            f" union select {_ID_OF_KEY} from some_key"
        )
    counts = {
        table: int(con.execute(f"delete from core.{table} where {condition}").fetchall()[0][0])
        for table, condition in _ROWS.items()
    }
    counts["fetch"] = int(con.execute(_CLEAR_FETCHES).fetchall()[0][0])
    con.execute(_KEEP_OUT, {"now": now, "reason": reason})
    set_setting(con, _LAST, now.isoformat())
    _record_load(con, now)
    return counts


def _record_load(con: duckdb.DuckDBPyConnection, now: datetime) -> None:
    """Record how many rows are left, so that `doctor` does not take the missing ones for a loss."""
    sha256 = hashlib.sha256(f"forget {now.isoformat()}".encode()).hexdigest()
    load_id, totals = new_load_id(con, sha256), count_rows(con)
    run_id = f"forget {now:%Y-%m-%d %H:%M:%S}"
    load_load(con, load_id, run_id, kind="data", batch_sha256=sha256, counts=Counts(), totals=totals)


def purge_index(con: duckdb.DuckDBPyConnection) -> int:
    """Rewrite the segments of the full-text index that hold removed texts; return how many."""
    segments = [row[0] for row in con.execute(_DEAD_SEGMENTS).fetchall()]
    for segment in segments:
        rewrite_segments(con, [segment])
    return len(segments)


def move_pages(
    con: duckdb.DuckDBPyConnection, moves: Sequence[tuple[ArchiveRef, ArchiveRef]], files: Sequence[str]
) -> None:
    """Update all references to pages in rewritten files to their new places."""
    table = pa.table(
        {
            "file": pa.array([before.file for before, _ in moves], pa.string()),
            "place": pa.array([before.offset for before, _ in moves], pa.int64()),
            "new_file": pa.array([after.file for _, after in moves], pa.string()),
            "new_place": pa.array([after.offset for _, after in moves], pa.int64()),
        }
    )
    with registered(con, some_move=table):
        for name in ("fetch", "article", "revision", "reject"):
            con.execute(_MOVE.format(table=name))
    _move_history(con, {(b.file, b.offset): a for b, a in moves}, files)


def is_forgotten_at(con: duckdb.DuckDBPyConnection, now: datetime) -> bool:
    """Say whether the `forget` that started at this time was committed."""
    return find_setting(con, _LAST) == now.isoformat()


def find_forgotten(con: duckdb.DuckDBPyConnection, url_keys: Iterable[str]) -> set[str]:
    """Return those of the keys that were forgotten."""
    # As a table: for a list parameter DuckDB looks for optional packages at each element.
    with registered(con, some_key=pa.table({"url_key": pa.array(list(url_keys), pa.string())})):
        rows = con.execute(
            "select url_key from core.forgotten where url_key in (select url_key from some_key)"
        ).fetchall()
    return {key for (key,) in rows}


def _move_history(
    con: duckdb.DuckDBPyConnection, places: Mapping[tuple[str, int], ArchiveRef], files: Sequence[str]
) -> None:
    """Update the references in old rows that a rollback would restore."""
    for file in files:
        rows = con.execute(
            "select run_id, article_id, rows_before from core.superseded where contains(rows_before, ?)",
            [file],
        ).fetchall()
        for run_id, article_id, text in rows:
            kept = json.loads(text)
            for row in (row for table in kept.values() for row in table):
                _move_row(row, places)
            con.execute(
                "update core.superseded set rows_before = ? where run_id = ? and article_id = ?",
                [json.dumps(kept, ensure_ascii=False), run_id, article_id],
            )


def _move_row(row: dict[str, Any], places: Mapping[tuple[str, int], ArchiveRef]) -> None:
    after = places.get((str(row.get("archive_file")), int(row.get("archive_offset") or 0)))
    if after is not None:
        row |= {"archive_file": after.file, "archive_offset": after.offset}


_LIST = """
select url_key, forgotten_at, reason
from core.forgotten
order by forgotten_at desc, url_key
"""

# One `forget` blocks all keys of an article at once; pages that lead to it are blocked when they arrive.
_TOGETHER = """
with blocked as (
    select other.url_key
    from core.forgotten as f
    join core.forgotten as other using (forgotten_at)
    where f.url_key = $key
)
select url_key from blocked
union
select url_key from core.forgotten where reason in (select 'leads to ' || url_key from blocked)
order by url_key
"""

_KNOWN = """
select
    exists (select 1 from core.entry where url_key = $key)
    or exists (select 1 from core.fetch where url_key = $key)
    or exists (select 1 from core.reject where url_key = $key)
    or exists (select 1 from core.url_alias where url_key = $key)
"""

_IDS = "article_id in (select article_id from forgotten_id)"
_KEYS = "url_key in (select url_key from forgotten_key)"
_ROWS = {
    "article_text": _IDS,
    "article_link": _IDS,
    "field_origin": _IDS,
    "revision": _IDS,
    "superseded": _IDS,
    "story_alias": "story_id in (select article_id from forgotten_id)",
    "search_document": _IDS,
    "lead": _IDS,
    "alert": _IDS,
    "listing": _IDS,
    "url_alias": f"{_IDS} or {_KEYS}",
    "entry": _KEYS,
    "reject": _KEYS,
    "article": _IDS,
}

_CLEAR_FETCHES = f"""
update core.fetch
set
    final_url = null,
    body_sha256 = null,
    archive_file = null,
    archive_offset = null,
    archive_length = null
where {_KEYS}
"""

_KEEP_OUT = """
insert into core.forgotten (url_key, forgotten_at, reason)
select k.url_key, $now, $reason
from forgotten_key as k
anti join core.forgotten as f using (url_key)
"""

_FILES = """
select archive_file from core.fetch where url_key in (select unnest($keys::text[]))
union
select archive_file from core.article where url_key in (select unnest($keys::text[]))
union
select r.archive_file
from core.revision as r
join core.article as a using (article_id)
where a.url_key in (select unnest($keys::text[]))
union
select archive_file from core.reject where url_key in (select unnest($keys::text[]))
order by archive_file
"""

_FILE_REFS = """
select archive_file, archive_offset, archive_length from core.fetch where archive_file = $file
union
select archive_file, archive_offset, archive_length from core.article where archive_file = $file
union
select archive_file, archive_offset, archive_length from core.revision where archive_file = $file
union
select archive_file, archive_offset, archive_length from core.reject where archive_file = $file
"""

_MOVE = """
update core.{table} as t
set
    archive_file = m.new_file,
    archive_offset = m.new_place
from some_move as m
where t.archive_file = m.file and t.archive_offset = m.place
"""

_DEAD_SEGMENTS = """
select distinct p.segment_no
from (
    select
        segment_no,
        unnest(case when is_dense then range(docs[1], docs[1] + 128)::uinteger[] else docs end) as doc_no,
        unnest(weights) as weight
    from core.search_posting
) as p
anti join core.search_document as d using (doc_no)
where p.weight > 0
order by p.segment_no
"""

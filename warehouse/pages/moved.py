"""Places in the archive that have moved: recorded, followed, and kept beside the archive for older exports.

`maintain` merges small archive files. Rows are updated at once; rows that come back later, from an export or
a rollback, are updated by `follow_moves`. The archive has the same list as `moved.jsonl`, so that a copy
of `pages/` is enough to restore an export that was made before the merge.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

import duckdb

from warehouse.archive.archive_path import archive_path
from warehouse.store.connection import open_store, transaction
from warehouse.store.filesystem import sync_folder
from warehouse.store.home import Home

_LIST = "moved.jsonl"
_TABLES = ("fetch", "article", "revision", "reject")


@dataclass(frozen=True, slots=True)
class ArchiveMove:
    """Some bytes of an archive file that are in another file now."""

    file: str
    from_offset: int
    n_bytes: int
    new_file: str
    new_offset: int
    moved_at: str  # ISO 8601, UTC


def record_moves(con: duckdb.DuckDBPyConnection, moves: Iterable[ArchiveMove]) -> None:
    """Add moves that are not recorded yet. Call it inside a transaction."""
    for move in moves:
        con.execute(_INSERT, {**asdict(move), "moved_at": datetime.fromisoformat(move.moved_at)})


def follow_moves(con: duckdb.DuckDBPyConnection) -> int:
    """Update all rows that refer to moved places; return how many. Call it inside a transaction."""
    n_changed = 0
    for table in _TABLES:
        while n := int(con.execute(_FOLLOW.format(table=table)).fetchall()[0][0]):
            n_changed += n
    return n_changed


def has_moves_to(con: duckdb.DuckDBPyConnection, file: str) -> bool:
    """Say whether pages have been moved into an archive file."""
    return bool(con.execute("select 1 from core.archive_move where new_file = ? limit 1", [file]).fetchall())


def write_move_list(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Write all moves to the list in the archive."""
    rows = con.execute(_ALL).fetchall()
    if not rows:
        return
    names = ("file", "from_offset", "n_bytes", "new_file", "new_offset", "moved_at")
    moves = [{**dict(zip(names, row, strict=True)), "moved_at": row[-1].isoformat()} for row in rows]
    target = home.pages_dir / _LIST
    partial = target.with_suffix(".partial")
    partial.write_text("".join(json.dumps(move) + "\n" for move in moves), encoding="utf-8")
    partial.chmod(0o640)
    partial.replace(target)
    sync_folder(home.pages_dir)


def adopt_move_list(home: Home) -> int:
    """Record moves that only the list in the archive has; return how many rows were updated."""
    moves = _read_move_list(home)
    if not moves:
        return 0
    with open_store(home, owner="archive") as con:
        known = {(file, offset) for file, offset in con.execute(_KNOWN).fetchall()}
        if all((move.file, move.from_offset) in known for move in moves):
            return 0
        with transaction(con):
            record_moves(con, moves)
            return follow_moves(con)


def _read_move_list(home: Home) -> list[ArchiveMove]:
    file = home.pages_dir / _LIST
    if not file.is_file():
        return []
    moves = [ArchiveMove(**json.loads(line)) for line in file.read_text(encoding="utf-8").splitlines()]
    for move in moves:
        archive_path(home.pages_dir, move.new_file)  # raises ValueError for a name that leaves the archive
    return moves


_INSERT = """
insert into core.archive_move (file, from_offset, n_bytes, new_file, new_offset, moved_at)
select $file, $from_offset, $n_bytes, $new_file, $new_offset, $moved_at
where not exists (
    select 1
    from core.archive_move
    where file = $file and from_offset = $from_offset
)
"""

_FOLLOW = """
update core.{table} as t
set
    archive_file = m.new_file,
    archive_offset = t.archive_offset - m.from_offset + m.new_offset
from core.archive_move as m
where
    t.archive_file = m.file
    and t.archive_offset >= m.from_offset
    and t.archive_offset < m.from_offset + m.n_bytes
"""

_ALL = """
select file, from_offset, n_bytes, new_file, new_offset, moved_at
from core.archive_move
order by moved_at, file, from_offset
"""

_KNOWN = "select file, from_offset from core.archive_move"

"""A new store beside the old one: the list of pages that it was made from, and the exchange of the files.

The old store is attached read-only, under its writer's lock.
"""

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.records.page import ArchiveRef
from warehouse.rewrite.carry import OLD, OLD_SCHEMA, READ_PAGES, SEEDED, copy_table
from warehouse.store.arrow import registered
from warehouse.store.engine import open_file
from warehouse.store.file.lock import writer_lock
from warehouse.store.filesystem import sync_folder
from warehouse.store.home import Home


def fresh_home(home: Home) -> Home:
    """Return the folder where a new store is built; it has no archive."""
    return Home(home.state_dir / "rebuild")


def clear_fresh(home: Home) -> None:
    """Remove what an earlier rebuild that was killed left behind."""
    shutil.rmtree(fresh_home(home).root, ignore_errors=True)


@contextmanager
def old_attached(con: duckdb.DuckDBPyConnection, home: Home) -> Iterator[None]:
    """Attach the old store read-only as OLD; the caller sees to it that nobody writes to it."""
    path = str(home.state_file).replace("'", "''")
    con.execute(f"attach '{path}' as {OLD} (read_only)")
    try:
        yield
    finally:
        con.execute(f"detach {OLD}")


def seed(con: duckdb.DuckDBPyConnection, home: Home) -> None:
    """Copy what a load of pages reads: sources, feeds, entries, forgotten addresses, recurring lines."""
    with writer_lock(home, "rebuild", wait_s=60), old_attached(con, home):
        for table in SEEDED:
            copy_table(con, table)


def begin_pages(con: duckdb.DuckDBPyConnection) -> None:
    """Create the list of pages that were read."""
    con.execute("create schema rebuild")
    con.execute(f"create table {READ_PAGES} (archive_file text, archive_offset bigint)")


def add_pages(con: duckdb.DuckDBPyConnection, refs: Iterable[ArchiveRef]) -> None:
    """Add pages to the list, whatever came of them."""
    places = sorted({(ref.file, ref.offset) for ref in refs})
    table = pa.table(
        {
            "archive_file": pa.array([file for file, _ in places], pa.string()),
            "archive_offset": pa.array([offset for _, offset in places], pa.int64()),
        }
    )
    with registered(con, some_page=table):
        con.execute(f"insert into {READ_PAGES} select archive_file, archive_offset from some_page")


def find_left_out(con: duckdb.DuckDBPyConnection, home: Home) -> set[tuple[str, int]]:
    """Return (file, offset) of pages that a backfill fetched and skipped, as outside its range of days."""
    with writer_lock(home, "rebuild", wait_s=60), old_attached(con, home):
        return set(con.execute(_LEFT_OUT).fetchall())


def find_missed(con: duckdb.DuckDBPyConnection, home: Home) -> list[ArchiveRef]:
    """Return the pages that the old store refers to and that no walk through the archive reached."""
    with writer_lock(home, "rebuild", wait_s=60), old_attached(con, home):
        return [ArchiveRef(*row) for row in con.execute(_MISSED).fetchall()]


def finish_pages(con: duckdb.DuckDBPyConnection) -> None:
    """Resolve rejects whose article came in another batch, and drop the list of pages."""
    con.execute(_RESOLVE)
    con.execute("drop schema rebuild cascade")


def fold_log(home: Home) -> None:
    """Merge the log of a killed writer into the store's file; the caller holds the writer's lock."""
    log = home.state_file.with_name(f"{home.state_file.name}.wal")
    if log.exists():
        open_file(home.state_file, {}).close()


def set_aside(home: Home) -> None:
    """Rename the log of a store that cannot be read, so that the new store does not replay it."""
    log = home.state_file.with_name(f"{home.state_file.name}.wal")
    if log.exists():
        log.replace(log.with_name("warehouse.before-rebuild.duckdb.wal"))


def swap_store(home: Home) -> None:
    """Put the new store in the old one's place; the caller holds the writer's lock, both are closed.

    The old one stays beside it as `warehouse.before-rebuild.duckdb`.
    """
    kept = kept_store(home)
    kept.unlink(missing_ok=True)
    if home.state_file.exists():
        try:
            os.link(home.state_file, kept)  # its name goes to the new store in a moment
        except OSError:
            shutil.copyfile(home.state_file, kept)
    put_in_place(home, fresh_home(home))


def put_in_place(home: Home, fresh: Home) -> None:
    """Replace the store by the one of another home, in one step, and remove that home."""
    fresh.state_file.replace(home.state_file)
    sync_folder(home.state_dir)
    shutil.rmtree(fresh.root, ignore_errors=True)


def kept_store(home: Home) -> Path:
    """Return where the store that a rebuild replaced is kept."""
    return home.state_dir / "warehouse.before-rebuild.duckdb"


_LEFT_OUT = f"""
select f.archive_file, f.archive_offset
from {OLD_SCHEMA}.fetch as f
anti join {OLD_SCHEMA}.article as a using (url_key)
anti join {OLD_SCHEMA}.url_alias as x using (url_key)
anti join (
    select url_key
    from {OLD_SCHEMA}.reject
    where step = 'extract' and url_key is not null
) as r using (url_key)
where f.reason = 'backfill' and f.archive_file is not null
"""

_REFS = f"""
select archive_file, archive_offset, archive_length from {OLD_SCHEMA}.fetch where archive_file is not null
union
select archive_file, archive_offset, archive_length from {OLD_SCHEMA}.revision where archive_file is not null
union
select archive_file, archive_offset, archive_length from {OLD_SCHEMA}.article where archive_file is not null
"""

_MISSED = f"""
select r.archive_file, r.archive_offset, r.archive_length
from ({_REFS}) as r
anti join {READ_PAGES} as p using (archive_file, archive_offset)
order by r.archive_file, r.archive_offset
"""

_RESOLVE = """
update core.reject as r
set resolved_at = i.at
from (
    select r.reject_id, min(v.at) as at
    from core.reject as r
    left join core.url_alias as x using (url_key)
    join core.article as a on a.article_id = x.article_id or a.url_key = r.url_key
    join (
        select article_id, seen_at as at from core.revision
        union all
        select article_id, last_seen_at from core.revision
    ) as v on v.article_id = a.article_id and v.at >= r.last_at - interval '1 hour'
    where r.step = 'extract' and r.resolved_at is null
    group by r.reject_id
) as i
where r.reject_id = i.reject_id
"""

"""An article out of everything: store, archive, full-text index, snapshot; and kept out from then on.

Runs over one writer's session, so that no run begins meanwhile; refused while a run that is under way
writes the archive. The archive's new files are whole before the one transaction that refers to them; a
journal says which files are to go, should the process be killed on either side of it.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from tasks.archive.rewrite import Rewritten, write_without
from tasks.deduplicate import unlink_articles
from tasks.domain.urls.key import url_key
from tasks.replay import is_being_written
from warehouse.errors import WarehouseLocked
from warehouse.pages.stored_pages import Family, find_family
from warehouse.publish import publish_snapshot
from warehouse.rewrite.compact import compact_store, want_compaction
from warehouse.rewrite.forget import (
    drop_file,
    find_file_refs,
    find_page_files,
    forget_rows,
    is_forgotten_at,
    move_pages,
    purge_index,
    set_checked_size,
)
from warehouse.store.connection import Home, open_store, transaction
from warehouse.store.exclusive import exclusive_work


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken out."""

    url_keys: tuple[str, ...]  # kept out from now on
    n_articles: int
    n_pages: int  # in the archive
    rows: dict[str, int] = field(default_factory=dict)  # taken out, by table
    copies: tuple[str, ...] = ()  # files that were made earlier and may still hold it


def forget(home: Home, url: str, reason: str | None = None) -> Forgotten:
    """Take an article out of everything and keep it out; an address that is not known is kept out as well.

    Raises WarehouseLocked while a run writes the archive; nothing has changed then.
    """
    key = url_key(url)
    with exclusive_work(home, "forgetting an article"):
        finish_forgetting(home)
        with open_store(home, owner="forget") as con:
            _assert_quiet(home)
            found = find_family(con, [key])
            family = Family(found.article_ids, found.url_keys, found.refs)
            rewritten = _rewrite(home, con, family)
            rows = _take_out(home, con, family, rewritten, reason)
        finish_forgetting(home)
        compact_store(home)
        publish_snapshot(home)
    n_pages = sum(one.n_dropped for one in rewritten)
    return Forgotten(family.url_keys, rows["article"], n_pages, rows, _copies(home))


def finish_forgetting(home: Home) -> None:
    """Remove the files that are to go, also after a process that was killed."""
    journal = _journal(home)
    if not journal.exists():
        return
    note = json.loads(journal.read_text(encoding="utf-8"))
    with open_store(home, owner="forget") as con:
        is_done = is_forgotten_at(con, datetime.fromisoformat(note["at"]))
        gone = note["old"] if is_done else note["new"]
        for name in (*gone, *(f"{new}.partial" for new in note["new"])):
            (home.pages_dir / name).unlink(missing_ok=True)
        with transaction(con):
            for name in gone:
                drop_file(con, name)
    journal.unlink()


def _rewrite(home: Home, con: duckdb.DuckDBPyConnection, family: Family) -> list[Rewritten]:
    """Write the archive files with pages of the article anew, under partial names."""
    keys = set(family.url_keys)
    names = {*find_page_files(con, family.url_keys), *_unchecked(home, con)}
    rewritten = []
    for name in sorted(name for name in names if name and (home.pages_dir / name).exists()):
        one = write_without(home.pages_dir, name, keys, find_file_refs(con, name))
        if one is not None:
            rewritten.append(one)
    return rewritten


def _take_out(
    home: Home,
    con: duckdb.DuckDBPyConnection,
    family: Family,
    rewritten: list[Rewritten],
    reason: str | None,
) -> dict[str, int]:
    now = datetime.now(UTC)
    note = {
        "at": now.isoformat(),
        "old": [one.old_name for one in rewritten],
        "new": [one.new_name for one in rewritten],
    }
    _journal(home).write_text(json.dumps(note), encoding="utf-8")
    with transaction(con):
        for one in rewritten:  # so that no run takes the new file for pages that were never loaded
            set_checked_size(con, one.new_name, one.new_bytes, now)
    for one in rewritten:
        one.partial.replace(home.pages_dir / one.new_name)
    with transaction(con):
        unlink_articles(con, family.article_ids)
        moves = [(move.before, move.after) for one in rewritten for move in one.moves]
        rows = forget_rows(con, family, reason, now)
        move_pages(con, moves, note["old"])
        purge_index(con)
        want_compaction(con)
    return rows


def _assert_quiet(home: Home) -> None:
    for path in home.pages_dir.rglob("*.warc.gz"):
        if is_being_written(path):
            raise WarehouseLocked(
                f"A run is writing the archive ({path.name}), and what it fetches may hold the article. "
                "Nothing was changed; try again when the run has ended."
            )


def _unchecked(home: Home, con: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the archive files that may hold pages which no row refers to."""
    checked = dict(con.execute("select file, max(n_bytes) from core.archive_file group by file").fetchall())
    sizes = {
        p.relative_to(home.pages_dir).as_posix(): p.stat().st_size for p in home.pages_dir.rglob("*.warc.gz")
    }
    return {name for name, size in sizes.items() if size > checked.get(name, 0)}


def _copies(home: Home) -> tuple[str, ...]:
    kept = [path for path in home.state_dir.glob("warehouse.*.duckdb") if path != home.state_file]
    return tuple(sorted(str(path) for path in kept))


def _journal(home: Home) -> Path:
    return home.state_dir / "forgetting.json"

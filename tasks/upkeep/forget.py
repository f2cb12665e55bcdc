"""Remove an article from store, archive, index, snapshot and feeds, and never fetch or store it again.

Runs in one writer's session, so that no run begins meanwhile, and is refused while a run writes the archive.
The rewritten archive files are complete before the one transaction that refers to them; a journal names the
files to delete, so that a killed process is finished on either side of that transaction.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

import duckdb

from tasks.archive.rewrite import Rewritten, write_without
from tasks.deduplicate import unlink_articles
from tasks.domain.urls.key import url_key
from tasks.errors import UsageError
from warehouse.alerts.feed_note import remove_feed_files
from warehouse.archive.files import find_grown
from warehouse.errors import WarehouseLocked
from warehouse.pages.archive_files import drop_file, find_checked_bytes, set_checked_size
from warehouse.pages.stored_pages import PageFamily, find_family
from warehouse.publish import publish_snapshot
from warehouse.rewrite.compact import purge_store, want_compaction
from warehouse.rewrite.forget import (
    ForgottenKey,
    find_file_refs,
    find_page_files,
    find_titles,
    forget_rows,
    is_forgotten_at,
    is_known_key,
    list_forgotten_keys,
    move_pages,
    purge_index,
    unblock_keys,
)
from warehouse.store.backend import store_of
from warehouse.store.connection import Home, open_store, read_store, transaction
from warehouse.store.filesystem import write_note


@dataclass(frozen=True, slots=True)
class ForgetPlan:
    """What a `forget` would remove."""

    url_key: str
    titles: tuple[str, ...]  # of the articles
    url_keys: tuple[str, ...]  # that would be blocked
    n_pages: int  # in the archive
    is_known: bool  # False: the warehouse never heard of this URL
    blocked_at: datetime | None  # when it was forgotten before


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was removed."""

    url_keys: tuple[str, ...]  # never fetched or stored again
    n_articles: int
    n_pages: int  # in the archive
    rows: dict[str, int] = field(default_factory=dict)  # removed rows by table
    copies: tuple[str, ...] = ()  # older copies of the store, which may still hold the article


def plan_forget(home: Home, url: str) -> ForgetPlan:
    """Return what `forget` would remove; nothing is written. Raises ItemError for an invalid URL."""
    key = url_key(url)
    with read_store(home, owner="forget") as con:
        family = find_family(con, [key])
        titles = find_titles(con, family.article_ids)
        blocked = {entry.url_key: entry.forgotten_at for entry in list_forgotten_keys(con)}
        is_known = bool(family.article_ids or family.refs) or is_known_key(con, key)
    return ForgetPlan(
        key, tuple(titles), family.url_keys, len(family.refs), is_known or key in blocked, blocked.get(key)
    )


def assert_known(plan: ForgetPlan, url: str) -> None:
    """Raise UsageError for a URL that the warehouse has never heard of."""
    if not plan.is_known:
        raise UsageError(
            f"'{url}' was never stored: check the URL. --never-stored blocks it nevertheless, "
            "so that it is never fetched."
        )


def list_forgotten(home: Home) -> list[ForgottenKey]:
    """Return the blocked URL keys, latest first."""
    with read_store(home, owner="forget") as con:
        return list_forgotten_keys(con)


def undo_forget(home: Home, url: str) -> tuple[str, ...]:
    """Allow a forgotten URL to be fetched again, with the keys that were blocked with it; return them.

    What was removed does not come back by itself. Raises UsageError when the URL is not blocked.
    """
    key = url_key(url)
    with open_store(home, owner="forget") as con, transaction(con):
        keys = unblock_keys(con, key)
        if not keys:
            raise UsageError(f"'{url}' is not forgotten; wirehouse forget --list shows what is.")
    publish_snapshot(home)
    return tuple(keys)


def forget(home: Home, url: str, reason: str | None = None) -> Forgotten:
    """Remove an article everywhere and block its URL; an unknown URL is blocked as well.

    Raises WarehouseLocked while a run writes the archive; nothing has changed then.
    """
    key = url_key(url)
    with store_of(home).exclusive("forgetting an article"):
        finish_forgetting(home)
        with open_store(home, owner="forget") as con:
            _assert_quiet(home)
            stored = find_family(con, [key])
            family = PageFamily(stored.article_ids, stored.url_keys, stored.refs)
            rewritten = _rewrite(home, con, family)
            rows = _take_out(home, con, family, rewritten, reason)
        finish_forgetting(home)
        purge_store(home)
        publish_snapshot(home)
    n_pages = sum(file.n_dropped for file in rewritten)
    return Forgotten(family.url_keys, rows["article"], n_pages, rows, _copies(home))


def finish_forgetting(home: Home) -> None:
    """Delete the files that the journal names; does nothing when no `forget` was left unfinished."""
    journal = home.forgetting_file
    if not journal.exists():
        return
    note = json.loads(journal.read_text(encoding="utf-8"))
    with open_store(home, owner="forget") as con:
        is_committed = is_forgotten_at(con, datetime.fromisoformat(note["at"]))
        superfluous = note["old"] if is_committed else note["new"]
        for name in (*superfluous, *(f"{new}.partial" for new in note["new"])):
            home.archive.delete(name)
        with transaction(con):
            for name in superfluous:
                drop_file(con, name)
    remove_feed_files(home)  # they may name the article
    journal.unlink()


def _rewrite(home: Home, con: duckdb.DuckDBPyConnection, family: PageFamily) -> list[Rewritten]:
    """Rewrite the archive files that hold pages of the article, under partial names."""
    keys = set(family.url_keys)
    names = {*find_page_files(con, family.url_keys), *_unchecked(home, con)}
    rewritten = []
    for name in sorted(name for name in names if name and home.archive.find_size(name) >= 0):
        file = write_without(home.archive, name, keys, find_file_refs(con, name))
        if file is not None:
            rewritten.append(file)
    return rewritten


def _take_out(
    home: Home,
    con: duckdb.DuckDBPyConnection,
    family: PageFamily,
    rewritten: list[Rewritten],
    reason: str | None,
) -> dict[str, int]:
    now = datetime.now(UTC)
    note = {
        "at": now.isoformat(),
        "old": [file.old_name for file in rewritten],
        "new": [file.new_name for file in rewritten],
    }
    write_note(home.forgetting_file, json.dumps(note))
    with transaction(con):
        for file in rewritten:  # otherwise the next run would load all pages of the new file
            set_checked_size(con, file.new_name, file.new_bytes, now)
    for file in rewritten:
        home.archive.add(file.partial, file.new_name)
    with transaction(con):
        unlink_articles(con, family.article_ids)
        moves = [(move.before, move.after) for file in rewritten for move in file.moves]
        rows = forget_rows(con, family, reason, now)
        move_pages(con, moves, note["old"])
        purge_index(con)
        want_compaction(con)
    return rows


def _assert_quiet(home: Home) -> None:
    if home.cluster is not None and home.cluster.pace is not None:
        from warehouse.control.shard_locks import find_locked_shards

        if locked := find_locked_shards(home.cluster.pace.url):
            raise WarehouseLocked(
                f"A run is working on shard {locked[0].number}, and may have archived the article. "
                "Nothing was changed. Pause the deployments of ingest; try again when their runs have ended."
            )
    for name in home.archive.find_sizes():
        if home.archive.is_being_written(name):
            raise WarehouseLocked(
                f"A run is writing the archive file {PurePosixPath(name).name}, which may hold the article. "
                "Nothing was changed. Try again when the run has ended."
            )


def _unchecked(home: Home, con: duckdb.DuckDBPyConnection) -> set[str]:
    """Return the archive files that may hold pages which no row refers to."""
    return {*find_grown(home.archive.find_sizes(), find_checked_bytes(con))}


def _copies(home: Home) -> tuple[str, ...]:
    copies = [path for path in home.state_dir.glob("warehouse.*.duckdb") if path != home.state_file]
    return tuple(sorted(str(path) for path in copies))

"""Export and restore a home: locks, and the exchange of files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.archive.archive_path import archive_path
from warehouse.errors import ExportUnusable
from warehouse.export.chain import assert_chain, find_chain, plan_restore
from warehouse.export.export import export_store
from warehouse.export.manifest import Manifest, read_manifest
from warehouse.export.restore import restore_tables
from warehouse.pages.archive_files import count_pages_by_file, find_archive_names
from warehouse.pages.moved import adopt_move_list
from warehouse.publish import publish_snapshot
from warehouse.store.backend import require_store, store_of
from warehouse.store.connection import Home, open_store, read_store, transaction
from warehouse.store.engine import attach_file, translated
from warehouse.store.file.lock import writer_lock
from warehouse.store.filesystem import assert_local, assert_name, make_folder, sync_folder
from warehouse.store.migrate import create_file, find_migrations, migrate, remove_file


def export_home(
    home: Home, directory: Path, since_load: str | None = None, *, since: Path | None = None
) -> Manifest:
    """Export what is loaded, from a new snapshot, so that writers do not wait.

    A full export, the rows of loads after `since_load`, or an incremental one to the export in `since`.
    """
    require_store(home)
    publish_snapshot(home)
    con = store_of(home).unlocked_reader()
    try:
        return export_store(con, directory.resolve(), since_load, since)
    finally:
        con.close()


@dataclass(frozen=True, slots=True)
class MissingPages:
    """Archived pages that the store refers to and that are not in the home's `pages/`."""

    files: tuple[str, ...]  # relative to `pages/`
    n_pages: int


def find_missing_pages(home: Home) -> MissingPages:
    """Return which archive files are still to be copied after a restore."""
    adopt_move_list(home)
    with read_store(home, owner="restore") as con:
        n_pages = count_pages_by_file(con)
    missing = [name for name in sorted(n_pages) if home.archive.find_size(name) < 0]
    return MissingPages(tuple(missing), sum(n_pages[name] for name in missing))


def restore_home(home: Home, *directories: Path) -> Manifest:
    """Restore an export into a home without a warehouse; the store appears complete or not at all.

    Several folders are a full export and the incremental ones after it, in order; the state of the last is
    restored. A folder of exports means the newest in it, with those that it depends on.
    """
    folders = [directory.resolve() for directory in directories]
    if len(folders) == 1:
        folders = find_chain(folders[0]) or folders
    chain = [read_manifest(folder) for folder in folders]
    assert_chain(folders, chain)
    if home.has_lake:
        _fill_lake(home, folders, chain)
    else:
        _put_file(home, folders, chain)
    adopt_move_list(home)
    publish_snapshot(home)
    return chain[-1]


def _put_file(home: Home, directories: Sequence[Path], chain: Sequence[Manifest]) -> None:
    assert_name(home.state_dir)
    make_folder(home.state_dir)
    assert_local(home.state_dir)
    partial = home.state_dir / ".restore.duckdb"
    with writer_lock(home, f"restore from {directories[-1]}", wait_s=10):
        if home.state_file.exists():
            raise ExportUnusable(
                f"{home.root} already has a warehouse. Restore into another home, or move that one away."
            )
        try:
            _fill(home, partial, directories, chain)
            partial.replace(home.state_file)
            sync_folder(home.state_dir)
        finally:
            remove_file(partial)


def _fill_lake(home: Home, folders: Sequence[Path], chain: Sequence[Manifest]) -> None:
    """Restore into a lake without articles; all rows come with one commit, or none."""
    manifest = chain[-1]
    if missing := sorted(set(find_migrations()) - _applied_migrations(manifest)):
        raise ExportUnusable(
            f"{folders[-1]} was made by an older wirehouse: its schema lacks migration {missing[0]}. Restore "
            "it into a folder first, without cluster.toml, and move that: wirehouse cluster move --from DIR."
        )
    with open_store(home, owner=f"restore from {folders[-1]}") as con, transaction(con):
        if con.execute("select count(*) from core.load").fetchall() != [(0,)]:
            raise ExportUnusable(f"{home.store_name} has rows already. Restore into a new lake.")
        restore_tables(con, plan_restore(folders, chain))
        _assert_archive_names(con, home, folders[-1])


def _fill(home: Home, partial: Path, folders: Sequence[Path], chain: Sequence[Manifest]) -> None:
    plan = plan_restore(folders, chain)
    remove_file(partial)  # of a restore that was killed
    with translated(partial):
        create_file(partial)
        con = attach_file(partial, {"memory_limit": "2GB", "temp_directory": str(home.spill_dir)})
        try:
            con.execute("set TimeZone = 'UTC'")
            migrate(con, _applied_migrations(chain[-1]))
            with transaction(con):
                restore_tables(con, plan)
                _assert_archive_names(con, home, folders[-1])
            migrate(con, keep_copy=False)
        finally:
            con.close()


def _assert_archive_names(con: duckdb.DuckDBPyConnection, home: Home, folder: Path) -> None:
    """Raise ExportUnusable when a row names an archive file outside the archive's folder."""
    for name in find_archive_names(con):
        try:
            archive_path(home.pages_dir, name)
        except ValueError as error:
            raise ExportUnusable(f"{folder} cannot be restored: {error}. Nothing was restored.") from error


def _applied_migrations(manifest: Manifest) -> set[int]:
    """Return the migrations of the exported store; later ones migrate the restored rows as well."""
    return set(manifest.migrations) or {n for n in find_migrations() if n <= manifest.schema_version}

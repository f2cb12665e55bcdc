"""Export and restore of a whole home: who is locked out, what is swapped in."""

from pathlib import Path

from warehouse.connection import Home, publish_snapshot, transaction
from warehouse.engine import attach_file, open_file, translated
from warehouse.errors import WarehouseError
from warehouse.export import Manifest, assert_restorable, export_store, read_manifest, restore_tables
from warehouse.filesystem import assert_local, sync_folder
from warehouse.lock import writer_lock
from warehouse.migrate import create_file, migrate


def export_home(home: Home, directory: Path, since_load: str | None = None) -> Manifest:
    """Export what is loaded; writers are not held up, because a fresh snapshot is read."""
    if not home.state_file.exists():
        raise WarehouseError(f"There is nothing to export at {home.root} yet.")
    publish_snapshot(home)
    con = open_file(home.snapshot_file, {"temp_directory": str(home.spill_dir)}, read_only=True)
    try:
        con.execute("set TimeZone = 'UTC'")
        return export_store(con, directory.resolve(), since_load)
    finally:
        con.close()


def restore_home(home: Home, directory: Path) -> Manifest:
    """Bring an export back into a home that has no warehouse; it appears whole or not at all."""
    manifest = read_manifest(directory)
    assert_restorable(manifest)
    home.state_dir.mkdir(parents=True, exist_ok=True)
    assert_local(home.state_dir)
    partial = home.state_dir / ".restore.duckdb"
    with writer_lock(home, f"restore from {directory}", wait_s=10):
        if home.state_file.exists():
            raise WarehouseError(
                f"{home.root} has a warehouse. Restore to another home, or move that one away."
            )
        try:
            _fill(home, partial, directory.resolve(), manifest)
            partial.replace(home.state_file)
            sync_folder(home.state_dir)
        finally:
            partial.unlink(missing_ok=True)
            partial.with_name(f"{partial.name}.wal").unlink(missing_ok=True)
    publish_snapshot(home)
    return manifest


def _fill(home: Home, partial: Path, directory: Path, manifest: Manifest) -> None:
    partial.unlink(missing_ok=True)
    with translated(partial):
        create_file(partial)
        con = attach_file(partial, {"memory_limit": "2GB", "temp_directory": str(home.spill_dir)})
        try:
            con.execute("set TimeZone = 'UTC'")
            migrate(con)
            with transaction(con):
                restore_tables(con, directory, manifest)
        finally:
            con.close()

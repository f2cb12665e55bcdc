"""Move a warehouse between a file and a lake: an export and its restore, which compares counts and hashes.

The source stays as it was, and nobody writes it while the target is filled. In the same way the rows of a
lake are replaced by those of a store that was rebuilt beside it.
"""

import tempfile
from pathlib import Path

from warehouse.errors import WarehouseLocked
from warehouse.export.backup import export_home, restore_home
from warehouse.export.chain import plan_restore
from warehouse.export.export import DERIVED
from warehouse.export.manifest import Manifest, read_manifest
from warehouse.export.restore import restore_tables
from warehouse.store.connection import open_store, read_store, transaction
from warehouse.store.filesystem import make_folder
from warehouse.store.home import Home


def move_store(source: Home, target: Home) -> Manifest:
    """Copy all rows of a store into one that is empty; return what was copied.

    The folder of the target has to hold the export meanwhile. Raises WarehouseLocked when a run wrote the
    source during the export, WarehouseCorrupt when counts or hashes differ; the target has no row then.
    """
    make_folder(target.root)
    make_folder(target.state_dir)
    with tempfile.TemporaryDirectory(prefix="move-", dir=target.state_dir) as folder:
        export = Path(folder, "export")
        manifest = export_home(source, export)
        with open_store(source, owner="cluster move") as con:
            if con.execute(_LAST_LOAD).fetchall() != [(manifest.last_load,)]:
                raise WarehouseLocked(
                    f"A run wrote {source.store_name} during its export. Nothing was moved. Stop the runs "
                    "and try again."
                )
            return restore_home(target, export)


def find_last_load(home: Home) -> str | None:
    """Return the last load of a store; None when nothing was loaded."""
    with read_store(home, owner="rebuild") as con:
        rows: list[tuple[str | None]] = con.execute(_LAST_LOAD).fetchall()
    return rows[0][0]


def replace_lake(home: Home, export: Path, last_load: str | None) -> None:
    """Replace all rows of a lake by those of an export, in one commit; what is derived is made again later.

    Raises WarehouseLocked when the lake has loads after `last_load`, WarehouseCorrupt when counts or hashes
    differ from the manifest; the lake is then as it was.
    """
    manifest = read_manifest(export)
    with open_store(home, owner="rebuild") as con, transaction(con):
        if con.execute(_LAST_LOAD).fetchall() != [(last_load,)]:
            raise WarehouseLocked(
                f"A run wrote {home.store_name} during the rebuild, which would lose its rows. Nothing was "
                "changed. Stop the runs and try again."
            )
        restore_tables(con, plan_restore([export], [manifest]))
        for table in sorted(DERIVED - {"setting", "schema_migration"}):
            con.execute(f"delete from core.{table}")
        con.execute("delete from core.setting where name = 'search_load_id'")


_LAST_LOAD = "select max(load_id) from core.load"

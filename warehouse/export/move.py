"""Move a warehouse between a file and a lake: an export and its restore, which compares counts and hashes.

The source stays as it was, and nobody writes it while the target is filled.
"""

import tempfile
from pathlib import Path

from warehouse.errors import WarehouseLocked
from warehouse.export.backup import export_home, restore_home
from warehouse.export.manifest import Manifest
from warehouse.store.connection import open_store
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


_LAST_LOAD = "select max(load_id) from core.load"

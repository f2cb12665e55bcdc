"""A lake made again: a copy in files is rebuilt, and its rows take the place of the lake's in one commit.

Until that commit the lake is untouched. Readers see the old rows or the new ones; the state before stays
readable as long as every state of a lake does (`upkeep.expire_after_h`).
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from tasks.sources import Sources
from tasks.upkeep.rebuild import Rebuilt, rebuild
from tasks.upkeep.steps import BatchRunner
from tasks.workers.extraction_pool import ExtractionPool
from warehouse.archive.files import FileArchive
from warehouse.export.backup import export_home, restore_home
from warehouse.export.move import find_last_load, replace_lake
from warehouse.publish import publish_snapshot
from warehouse.store.backend import store_of
from warehouse.store.connection import Home
from warehouse.store.filesystem import make_folder


def rebuild_lake(
    home: Home,
    sources: Sources,
    *,
    without_old: bool = False,
    pool: ExtractionPool | None = None,
    runner: BatchRunner | None = None,
) -> Rebuilt:
    """Build the rows of a lake from its archive and sources.toml, and publish them.

    As `rebuild`; the folder of the home has to hold the warehouse and its export meanwhile. Raises
    WarehouseLocked when a run wrote the lake during the rebuild; the lake is then as it was.
    """
    started_at = datetime.now(UTC)
    with store_of(home).exclusive("a rebuild"), _copy_home(home) as copy:
        export = copy.root.parent / "export"
        last_load = find_last_load(home)
        if not without_old:
            export_home(home, export)
            restore_home(copy, export)
            shutil.rmtree(export)
        rebuilt = rebuild(copy, sources, without_old=without_old, pool=pool, runner=runner)
        export_home(copy, export)
        replace_lake(home, export, last_load)
        publish_snapshot(home)
    return replace(rebuilt, seconds=round((datetime.now(UTC) - started_at).total_seconds(), 1))


@contextmanager
def _copy_home(home: Home) -> Iterator[Home]:
    """Yield a home of one machine with the lake's archive and without rows; it is deleted at the end."""
    assert home.cluster is not None
    folder = home.state_dir / "rebuild"
    shutil.rmtree(folder, ignore_errors=True)  # of a rebuild that was killed
    copy = Home(folder / "home", replace(home.cluster, store=None))
    make_folder(folder)
    make_folder(copy.root)
    if isinstance(home.archive, FileArchive):
        make_folder(home.pages_dir)
        copy.pages_dir.symlink_to(home.pages_dir.resolve())
    try:
        yield copy
    finally:
        shutil.rmtree(folder)

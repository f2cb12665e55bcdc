"""The cost of backups: `python -m bench.backup [--articles N]`.

A full export, a load of 200 articles, an incremental export, a restore of both; CPU seconds of the process,
wall seconds, bytes. The reference is the store's own file, which any full backup would have to copy.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench.stores.warehouse_data import batch, batches
from warehouse.articles import load_batch
from warehouse.export.backup import export_home, restore_home
from warehouse.export.manifest import Manifest
from warehouse.publish import publish_snapshot
from warehouse.records.outcome import Batch
from warehouse.store.connection import Home, open_store, transaction

NEWS = 200


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=60_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wirehouse-bench-") as folder:
        measure(Path(folder), arguments.articles)


def measure(folder: Path, n: int) -> None:
    """Fill a store, export it twice and restore it."""
    home = Home(folder / "home")
    for one in batches("fill", 0, n, 10_000):
        _load(home, one)
    publish_snapshot(home)
    whole, changes = folder / "whole", folder / "changes"
    _told("whole export", whole, lambda: export_home(home, whole))
    _load(home, batch("news", n, NEWS))
    publish_snapshot(home)
    manifest = _told(
        f"export of changes after {NEWS} articles", changes, lambda: export_home(home, changes, since=whole)
    )
    back = Home(folder / "back")
    _told("restore of both", back.state_file, lambda: restore_home(back, whole, changes))
    print(f"store: {_bytes(home.state_file) / 1e6:.1f} MB")
    again = export_home(back, folder / "again")
    print("equal:", again.export_id == manifest.export_id)


def _load(home: Home, one: Batch) -> None:
    with open_store(home, owner="bench") as con, transaction(con):
        load_batch(con, one)


def _told(what: str, path: Path, work: Callable[[], Manifest]) -> Manifest:
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(f"{what}: {cpu:.1f} CPU s, {wall:.1f} s, {_bytes(path) / 1e6:.1f} MB", flush=True)
    return result


def _bytes(path: Path) -> int:
    return sum(part.stat().st_size for part in (path, *path.rglob("*")) if part.is_file())


if __name__ == "__main__":
    main()

"""Which archive files may hold pages that are not loaded: those that grew since they were last checked.

A file that another process is still writing is skipped. `tasks.archive.replay` reads the pages; whether there
are any is asked before each run, so this module does not import what reads them.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from warehouse.archive.files import find_grown
from warehouse.pages.archive_files import find_checked_bytes, load_checked_files
from warehouse.store.connection import Home, open_store, read_store


def find_unchecked_files(home: Home, shard: tuple[int, int] | None = None) -> dict[str, int]:
    """Return name and size in bytes of the archive files that may hold pages not loaded yet.

    In a cluster those that runs of the shard (k, n) wrote in the last days, or runs without a shard.
    """
    if home.cluster is None and not home.pages_dir.is_dir():
        return {}
    with read_store(home, owner="looking for archived pages") as con:
        checked = find_checked_bytes(con)
    return select_unchecked(home, checked, shard)


def select_unchecked(
    home: Home, checked_bytes: Mapping[str, int], shard: tuple[int, int] | None = None
) -> dict[str, int]:
    """Return name and size in bytes of the archive files that are larger than when they were checked."""
    archive = home.archive
    grown = find_grown(archive.find_own_sizes(datetime.now(UTC).date(), shard), checked_bytes)
    return {name: size for name, size in grown.items() if not archive.is_being_written(name)}


def load_checked(home: Home, files: dict[str, int]) -> None:
    """Record that every page in these files is loaded, up to the sizes given."""
    if files:
        with open_store(home, owner="noting archive files") as con:
            load_checked_files(con, files, datetime.now(UTC))


def sizes_of(home: Home, names: list[str]) -> dict[str, int]:
    """Return the sizes in bytes of archive files."""
    return {name: home.archive.find_size(name) for name in names}

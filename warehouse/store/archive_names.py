"""Names of archive files that come from rows: checked before they become paths.

Rows may come from an export that somebody else made; a name must never lead out of the archive's folder.
"""

from pathlib import Path, PurePosixPath

from warehouse.errors import WarehouseCorrupt


def archive_path(pages_dir: Path, name: str) -> Path:
    """Return the path of an archive file. Raises WarehouseCorrupt for a name that leaves the folder."""
    if not is_archive_name(name):
        raise WarehouseCorrupt(
            f"The warehouse names the archive file '{name}', which is not inside {pages_dir}. Nothing was opened."
        )
    return pages_dir / name


def is_archive_name(name: str) -> bool:
    """Say whether a name is relative and stays inside the archive's folder."""
    path = PurePosixPath(name)
    is_plain = bool(name) and "\\" not in name and "\0" not in name
    return is_plain and not path.is_absolute() and ".." not in path.parts

"""Names of archive files in rows -> paths inside the archive's folder.

Rows may come from a restored export that somebody else wrote, so a name is checked wherever a file is opened,
moved or deleted by it.
"""

from pathlib import Path, PurePosixPath


def archive_path(pages_dir: Path, name: str) -> Path:
    """Return the path of an archive file.

    Raises ValueError for a name that is absolute or leaves the archive's folder.
    """
    path = PurePosixPath(name)
    if not name or "\0" in name or path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"the archive file name {name!r} leads out of the archive")
    return pages_dir / path

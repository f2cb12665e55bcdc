"""Copy the files of an archive into another one: from a folder into an object store, and back."""

import shutil

from warehouse.archive.archive_path import archive_path
from warehouse.archive.files import Archive


def copy_files(source: Archive, target: Archive) -> int:
    """Copy the files that the target does not have, under their names; return how many.

    References stay valid. Stopped half-way, the same call continues. Raises OSError.
    """
    n_copied = 0
    for name, size in source.find_sizes().items():
        if target.find_size(name) == size:
            continue
        partial = archive_path(target.folder, f"{name}.partial")
        partial.parent.mkdir(parents=True, exist_ok=True)
        with source.open(name) as file, partial.open("wb") as out:
            shutil.copyfileobj(file, out, 2**20)
        target.add(partial, name)
        n_copied += 1
    return n_copied

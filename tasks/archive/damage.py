"""Damage in archive files, for `wirehouse doctor --every-page`.

Beside the pipeline: every record is read, nothing is stored.
"""

from collections.abc import Iterator

from tasks.archive.reader import read_file
from tasks.archive.scan import Damage
from warehouse.archive.files import Archive


def find_damage(archive: Archive) -> Iterator[tuple[str, Damage]]:
    """Yield each damaged place with its file; a file that is being written is skipped.

    The cut last record that a killed writer leaves is not damage.
    """
    for name in archive.find_sizes():
        if archive.is_being_written(name):
            continue
        for item in read_file(archive, name):
            if isinstance(item, Damage) and not item.is_tail:
                yield name, item

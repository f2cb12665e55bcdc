"""Damage in archive files, for `wirehouse doctor --every-page`.

Beside the pipeline: every record is read, nothing is stored.
"""

from collections.abc import Iterator
from pathlib import Path

from tasks.archive.reader import read_file
from tasks.archive.scan import Damage
from tasks.archive.unchecked import is_being_written


def find_damage(pages_dir: Path) -> Iterator[tuple[str, Damage]]:
    """Yield each damaged place with its file; a file that is being written is skipped.

    The cut last record that a killed writer leaves is not damage.
    """
    for path in sorted(pages_dir.rglob("*.warc.gz")):
        if is_being_written(path):
            continue
        name = path.relative_to(pages_dir).as_posix()
        for item in read_file(pages_dir, name):
            if isinstance(item, Damage) and not item.is_tail:
                yield name, item

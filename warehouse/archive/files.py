"""Where the raw archive keeps its files: in a folder of the home, or in an object store.

Both give the bytes of a named file; `tasks.archive` knows what is in them. A file is never changed once it is
complete: it is only added or deleted.
"""

import fcntl
from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from warehouse.archive.archive_path import archive_path

if TYPE_CHECKING:  # every command imports this module, and the records take 60 ms
    from warehouse.records.page import ArchiveRef


class Archive(Protocol):
    """The files of an archive by name, such as "2026/11/name.warc.gz". It can be sent to other processes."""

    @property
    def folder(self) -> Path:
        """A local folder for the files themselves, or for those on their way into the object store."""

    @property
    def place(self) -> str:
        """Where the archive is, for messages."""

    @property
    def has_spans(self) -> bool:
        """Say whether the length of a page's reference covers its metadata as well as its response."""

    def open(self, name: str) -> BinaryIO:
        """Return a file for reading. Raises OSError, or ValueError for a name that leaves the archive."""

    def open_page(self, ref: "ArchiveRef") -> tuple[BinaryIO, int]:
        """Return a file that has a page, and the page's offset in it. Raises as `open`."""

    def kept_local(self, names: Collection[str]) -> AbstractContextManager[None]:
        """Return a context in which pages of these files are read without a request each."""

    def find_sizes(self) -> dict[str, int]:
        """Return the size in bytes of every file, by name, in the order of names."""

    def find_own_sizes(self, today: date, shard: tuple[int, int] | None) -> dict[str, int]:
        """Return the sizes of the files that runs of a shard (k, n) wrote lately, or that any run wrote."""

    def find_size(self, name: str) -> int:
        """Return the size of a file in bytes; -1 when it is missing or its name leaves the archive."""

    def is_being_written(self, name: str) -> bool:
        """Say whether a process is still appending to the file."""

    def add(self, partial: Path, name: str) -> None:
        """Move a local file into the archive. Raises OSError."""

    def delete(self, name: str) -> None:
        """Delete a file, if it is there. Raises OSError or ValueError."""


@dataclass(frozen=True, slots=True)
class FileArchive:
    """An archive in a folder."""

    folder: Path

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    @property
    def has_spans(self) -> bool:
        """Return False: a reference is the response alone, and its metadata follows it in the file."""
        return False

    def open(self, name: str) -> BinaryIO:
        """Return a file for reading."""
        return archive_path(self.folder, name).open("rb")

    def open_page(self, ref: "ArchiveRef") -> tuple[BinaryIO, int]:
        """Return the file of a page, and the page's offset in it."""
        return self.open(ref.file), ref.offset

    @contextmanager
    def kept_local(self, names: Collection[str]) -> Iterator[None]:
        """Do nothing: all files are local."""
        yield

    def find_sizes(self) -> dict[str, int]:
        """Return the size in bytes of every file, by name."""
        paths = sorted(self.folder.rglob("*.warc.gz"))
        return {path.relative_to(self.folder).as_posix(): path.stat().st_size for path in paths}

    def find_own_sizes(self, today: date, shard: tuple[int, int] | None) -> dict[str, int]:
        """Return the size of every file: those of one machine are few."""
        return self.find_sizes()

    def find_size(self, name: str) -> int:
        """Return the size of a file in bytes; -1 without one."""
        try:
            return archive_path(self.folder, name).stat().st_size
        except (OSError, ValueError):
            return -1

    def is_being_written(self, name: str) -> bool:
        """Say whether a process is writing the file: an archive writer locks its file until it closes it."""
        return is_locked(archive_path(self.folder, name))

    def add(self, partial: Path, name: str) -> None:
        """Move a local file into the archive."""
        partial.replace(archive_path(self.folder, name))

    def delete(self, name: str) -> None:
        """Delete a file, if it is there."""
        archive_path(self.folder, name).unlink(missing_ok=True)


def is_locked(path: Path) -> bool:
    """Say whether the writer of a local file still has it open."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def find_grown(sizes: Mapping[str, int], checked_bytes: Mapping[str, int]) -> dict[str, int]:
    """Return name and size of the files that are larger than when all their pages were loaded."""
    return {name: size for name, size in sizes.items() if size > checked_bytes.get(name, 0)}

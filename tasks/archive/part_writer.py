"""Writes the raw archive of a cluster: parts of a few hundred pages, each an object in the object store.

Between fetch and extract, as `tasks.archive.writer`. A part is written to a file of the local spool and
uploaded whole when a batch is complete, before the warehouse refers to its pages. Extraction reads the local
file, which is deleted when the run ends. A part that a killed process did not upload is deleted by the next
one on the machine; its pages are fetched again.
"""

import fcntl
import re
import secrets
import socket
import threading
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from tasks.archive.writer import ArchiveWriter, make_folder
from warehouse.archive.files import is_locked
from warehouse.errors import ArchiveUnavailable
from warehouse.store.home import Home

if TYPE_CHECKING:
    from warehouse.archive.objects import ObjectArchive

WITHOUT_SHARD = "all"  # the folder of runs that have no shard


def open_writer(home: Home, shard: tuple[int, int] | None = None) -> ArchiveWriter:
    """Return a writer of the home's archive; `shard` (k, n) is the one that the run works on."""
    if home.cluster is None or home.cluster.archive is None:
        return ArchiveWriter(home.pages_dir)
    from warehouse.archive.objects import ObjectArchive

    label = f"{shard[0]:04d}" if shard else WITHOUT_SHARD
    return PartWriter(ObjectArchive.of(home.cluster), label, home.cluster.archive.part_pages)


class PartWriter(ArchiveWriter):
    """Writes parts and uploads them; safe to share between threads."""

    def __init__(self, archive: "ObjectArchive", label: str, part_pages: int) -> None:
        """Write parts of at most `part_pages` pages, in the folder `label` of their day."""
        super().__init__(archive.folder)
        self._archive = archive
        self._label = label
        self._part_pages = part_pages
        self._n_pages = 0  # in the open part
        self._uploading = threading.Lock()
        self._n_uploaded = 0  # of `files`
        self._token = secrets.token_hex(6)
        make_folder(archive.folder, archive.folder)
        self._mark = (archive.folder / f"{self._token}.lock").open("wb")
        fcntl.flock(self._mark, fcntl.LOCK_EX)
        _delete_leftovers(archive.folder)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, error, trace)
        try:
            self._upload()
        finally:
            for name in self.files:
                (self._archive.folder / name).unlink(missing_ok=True)
            Path(self._mark.name).unlink(missing_ok=True)
            self._mark.close()

    def sync(self) -> None:
        """Upload all pages written so far; call it before the warehouse refers to them.

        Raises ArchiveUnavailable.
        """
        with self._lock:
            self._close()
        self._upload()

    def _upload(self) -> None:
        """Upload the closed parts. Who comes second waits: its pages may be in a part under way."""
        with self._uploading:
            with self._lock:
                closed = self.files[:-1] if self._file is not None else list(self.files)
            for name in closed[self._n_uploaded :]:
                try:
                    self._archive.upload(self._archive.folder / name, name)
                except OSError as error:
                    raise ArchiveUnavailable(
                        f"The pages cannot be archived: {error}. "
                        "They are not stored, and will be fetched again. "
                        "Check [archive] and [s3] in cluster.toml and the keys in the environment."
                    ) from error
                self._n_uploaded += 1

    def _length_of(self, main: bytes, after: bytes) -> int:
        self._n_pages += 1
        if self._n_pages >= self._part_pages:
            self._close()
        return len(main) + len(after)

    def _close(self) -> None:
        super()._close()
        self._n_pages = 0

    def _name_at(self, at: datetime) -> str:
        machine = re.sub(r"[^a-z0-9]", "", socket.gethostname().lower())[:20] or "machine"
        number = len(self.files)
        return f"{at:%Y/%m/%d}/{self._label}/{at:%Y%m%dT%H%M%S}-{machine}-{number}-{self._token}.warc.gz"


def _delete_leftovers(spool: Path) -> None:
    """Delete parts and marks that killed processes of this machine left."""
    alive = {mark.stem for mark in spool.glob("*.lock") if _is_held(mark)}
    for path in (*spool.glob("*/*/*/*/*.warc.gz"), *spool.glob("*.lock")):
        token = path.name.removesuffix(".warc.gz").removesuffix(".lock").rpartition("-")[2]
        # The mark of a writer that began meanwhile is not among them.
        if token not in alive and not _is_held(spool / f"{token}.lock"):
            path.unlink(missing_ok=True)


def _is_held(mark: Path) -> bool:
    try:
        return is_locked(mark)
    except FileNotFoundError:
        return False

"""The raw archive in an object store with the API of S3: one object for each part of a few hundred pages.

A part is written to a local spool and uploaded whole by a create-only request (If-None-Match, RFC 9110
§13.1.2), so it exists complete or not at all. `obstore` is imported here only, and only with [archive] in
`cluster.toml`. Keys come from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
"""

import io
import os
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import S3Store

from warehouse.archive.archive_path import archive_path
from warehouse.cluster.settings import Cluster
from warehouse.records.page import ArchiveRef

LOOK_BACK_DAYS = 7  # for parts that a killed run uploaded and did not load
_TIMEOUT = "30s"
# Of metadata after a response whose reference does not cover it, in a file that was uploaded as it was.
_MARGIN_BYTES = 262_144
_WHOLE_BYTES = 64_000_000  # a part is smaller
_PART = re.compile(r"\d{4}/\d\d/\d\d/\w+/[^/]+")  # the name of a file that was written as a part
_SUFFIX = ".warc.gz"


@dataclass(frozen=True, slots=True)
class ObjectArchive:
    """An archive in a bucket; strings only, so that it can be sent to other processes."""

    folder: Path  # the spool
    url: str  # "s3://bucket/folder/"
    endpoint: str | None
    region: str
    path_style: bool

    @classmethod
    def of(cls, cluster: Cluster) -> "ObjectArchive":
        """Return the archive of a cluster."""
        assert cluster.archive is not None
        s3 = cluster.s3
        return cls(cluster.spool_dir, cluster.archive.url, s3.endpoint, s3.region, s3.path_style)

    @property
    def place(self) -> str:
        """The URL."""
        return self.url

    @property
    def has_spans(self) -> bool:
        """Return True: one ranged request has response and metadata of a page."""
        return True

    def open(self, name: str) -> BinaryIO:
        """Return a file for reading, from the spool while it is there, else downloaded."""
        return self._open_local(name) or io.BytesIO(self._read(name))

    def open_page(self, ref: ArchiveRef) -> tuple[BinaryIO, int]:
        """Return the bytes of a page, and its offset in them: one ranged request, or a local file."""
        local = self._open_local(ref.file)
        if local is not None:
            return local, ref.offset
        with _as_os_error(ref.file):
            length = ref.length + (0 if _PART.fullmatch(ref.file) else _MARGIN_BYTES)
            data = obstore.get_range(self._store(), ref.file, start=ref.offset, length=length)
        return io.BytesIO(bytes(data)), 0

    @contextmanager
    def kept_local(self, names: Collection[str]) -> Iterator[None]:
        """Keep copies of parts beside the spool while the block runs: one request a part.

        A part that cannot be downloaded is left out: reading its pages raises the error.
        """
        fetched: list[Path] = []
        try:
            for name in names:
                with suppress(OSError, ValueError):
                    local = archive_path(self._copies, name)
                    if not local.is_file():
                        self._download(name, local)
                        fetched.append(local)
            yield
        finally:
            for local in fetched:
                local.unlink(missing_ok=True)

    def find_sizes(self) -> dict[str, int]:
        """Return the size in bytes of every part, by name."""
        return dict(sorted(self._list("")))

    def find_own_sizes(self, today: date, shard: tuple[int, int] | None) -> dict[str, int]:
        """Return the sizes of the parts that runs of a shard (k, n) wrote in the last days (UTC).

        None means runs without a shard. Parts of an earlier number of shards belong to the shard that
        has their sources now.
        """
        sizes: dict[str, int] = {}
        for n_days in range(LOOK_BACK_DAYS):
            day = today - timedelta(days=n_days)
            with _as_os_error(self.url):
                folders = obstore.list_with_delimiter(self._store(), f"{day:%Y/%m/%d}/")["common_prefixes"]
            for folder in folders:
                if _is_of_shard(folder.rsplit("/", 1)[-1], shard):
                    sizes |= dict(self._list(f"{folder}/"))
        return dict(sorted(sizes.items()))

    def find_size(self, name: str) -> int:
        """Return the size of a part in bytes; -1 without one."""
        try:
            archive_path(self.folder, name)
            with _as_os_error(name):
                return int(obstore.head(self._store(), name)["size"])
        except (OSError, ValueError):
            return -1

    def is_being_written(self, name: str) -> bool:
        """Return False: an object is complete."""
        return False

    def add(self, partial: Path, name: str) -> None:
        """Upload a local file as a new object, and delete it. Raises FileExistsError when there is one."""
        self.upload(partial, name)
        partial.unlink()

    def upload(self, local: Path, name: str) -> None:
        """Upload a local file as a new object. Raises FileExistsError when there is another one."""
        if local.stat().st_size > _WHOLE_BYTES:
            self._upload_in_pieces(local, name)
            return
        data = local.read_bytes()
        try:
            with _as_os_error(name):
                obstore.put(self._store(), name, data, mode="create", use_multipart=False)
        except FileExistsError:
            # The answer to a first try may have been lost: then the object is ours.
            if self._read(name) != data:
                raise

    def _upload_in_pieces(self, local: Path, name: str) -> None:
        """Upload a large file of an archive that is copied; pieces cannot be created conditionally."""
        if self.find_size(name) >= 0:
            raise FileExistsError(f"the object '{name}' exists already")
        with _as_os_error(name):
            obstore.put(self._store(), name, local, use_multipart=True)

    def delete(self, name: str) -> None:
        """Delete an object and its local copy, if they are there."""
        archive_path(self.folder, name).unlink(missing_ok=True)
        with _as_os_error(name):
            obstore.delete(self._store(), name)

    @property
    def _copies(self) -> Path:
        return self.folder / "copies"

    def _open_local(self, name: str) -> BinaryIO | None:
        """Return the file of the spool or a copy; None without one. Any process may delete it meanwhile."""
        for folder in (self.folder, self._copies):
            with suppress(FileNotFoundError):
                return archive_path(folder, name).open("rb")
        return None

    def _read(self, name: str) -> bytes:
        with _as_os_error(name):
            return bytes(obstore.get(self._store(), name).bytes())

    def _download(self, name: str, local: Path) -> None:
        data = self._read(name)
        local.parent.mkdir(parents=True, exist_ok=True)
        partial = local.with_name(f"{local.name}.{os.getpid()}")
        partial.write_bytes(data)
        partial.replace(local)

    def _list(self, prefix: str) -> Iterator[tuple[str, int]]:
        with _as_os_error(self.url):
            for page in obstore.list(self._store(), prefix or None):
                yield from ((item["path"], item["size"]) for item in page if item["path"].endswith(_SUFFIX))

    def _store(self) -> "S3Store":
        return _open_store(self.url, self.endpoint, self.region, self.path_style)


def _is_of_shard(folder: str, shard: tuple[int, int] | None) -> bool:
    if shard is None:
        return not folder.isdigit()
    return folder.isdigit() and int(folder) % shard[1] == shard[0]


@cache
def _open_store(url: str, endpoint: str | None, region: str, path_style: bool) -> "S3Store":
    options: dict[str, Any] = {"region": region, "virtual_hosted_style_request": not path_style}
    if endpoint is not None:
        options["endpoint"] = endpoint
    is_plain = endpoint is not None and endpoint.startswith("http:")
    client = {"timeout": _TIMEOUT, "connect_timeout": "5s", "allow_http": is_plain}
    return S3Store.from_url(url, **options, client_options=cast("Any", client))


@contextmanager
def _as_os_error(name: str) -> Iterator[None]:
    """Raise the errors of the object store as those of files, with the object's name."""
    try:
        yield
    except AlreadyExistsError as error:
        raise FileExistsError(f"the object '{name}' exists already") from error
    except (NotFoundError, FileNotFoundError) as error:
        raise FileNotFoundError(f"there is no object '{name}' in the archive") from error
    except BaseError as error:
        text = " ".join(str(error).split())[:300]
        raise OSError(f"the object store did not answer for '{name}': {text}") from error

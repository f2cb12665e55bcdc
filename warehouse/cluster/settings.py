"""The settings of `cluster.toml`: the engines of a wirehouse that runs on more than one machine.

`docs/reference/cluster.md` documents every key. Passwords and keys are never in the file: PostgreSQL's
come from the environment or the password file of libpq, those of the object store from the environment.
"""

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from warehouse.errors import ClusterError
from warehouse.toml_file import problems, read_toml

_STRICT = ConfigDict(extra="forbid", str_strip_whitespace=True)
_SECRET_WORDS = re.compile(r"\bpassword\s*=|^postgres(?:ql)?://[^/@]*:[^/@]*@")


def _has_no_password(value: str) -> str:
    if _SECRET_WORDS.search(value):
        raise ValueError("contains a password; set it in the environment or in ~/.pgpass and remove it here")
    return value


def _is_conninfo(value: str) -> str:
    """Accept the connection strings of libpq that are lists of key=value (PostgreSQL manual, 34.1.1.1)."""
    _has_no_password(value)
    if not re.search(r"\bdbname\s*=\s*\S", value):
        raise ValueError('names no database; write it as "host=db dbname=wirehouse"')
    return value


def _is_folder_url(value: str) -> str:
    if not value.startswith("s3://") and re.match(r"^[a-z][a-z0-9+.-]*://", value):
        raise ValueError("neither a folder nor an s3:// URL")
    if re.fullmatch(r"s3://[^/]*@.*|s3:///.*|s3://", value):
        raise ValueError("not a valid s3:// URL; write it as s3://bucket/folder/")
    return value if value.endswith("/") else f"{value}/"


def _is_s3_url(value: str) -> str:
    if not value.startswith("s3://"):
        raise ValueError("not an s3:// URL; without [archive] the pages stay in files under the home")
    return _is_folder_url(value)


_ConnInfo = Annotated[str, AfterValidator(_is_conninfo)]
_FolderUrl = Annotated[str, AfterValidator(_is_folder_url)]
_S3Url = Annotated[str, AfterValidator(_is_s3_url)]
_Role = Annotated[str, Field(pattern=r"^[a-z_][a-z0-9_]{0,62}$")]


@dataclass(frozen=True, slots=True, config=_STRICT)
class LakeSettings:
    """The warehouse as a DuckLake: its catalogue in PostgreSQL, its rows in Parquet files."""

    catalog: _ConnInfo
    data: _FolderUrl  # a folder that all machines see, or an s3:// URL
    engine: Literal["ducklake"] = "ducklake"
    load_rows: Annotated[int, Field(ge=100, le=20_000)] = 2_000
    writer: _Role = "wh_writer"
    reader: _Role = "wh_reader"


@dataclass(frozen=True, slots=True, config=_STRICT)
class ObjectArchiveSettings:
    """The archive of pages in an object store."""

    url: _S3Url
    part_pages: Annotated[int, Field(ge=1, le=10_000)] = 200
    spool: Path = Path("spool")  # a local folder; relative to the file


@dataclass(frozen=True, slots=True, config=_STRICT)
class LeaseSettings:
    """The leases of hosts, which keep the request rate per host over all machines."""

    url: _ConnInfo
    lease_s: Annotated[int, Field(ge=10, le=3_600)] = 150  # longer than the longest request


@dataclass(frozen=True, slots=True, config=_STRICT)
class ShardSettings:
    """Into how many parts the sources are split; each part has its own run of `ingest`."""

    n: Annotated[int, Field(ge=1, le=4_096)] = 1


@dataclass(frozen=True, slots=True, config=_STRICT)
class RunnerSettings:
    """Where re-extraction and rebuild compute."""

    kind: Literal["threads", "dask"] = "threads"
    address: str | None = None  # of the Dask scheduler


@dataclass(frozen=True, slots=True, config=_STRICT)
class S3Settings:
    """The object store; its keys are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."""

    endpoint: Annotated[str, Field(pattern=r"^https?://[^/@\s]+$")] | None = None  # None: Amazon's own
    region: str = "us-east-1"
    path_style: bool = True


@dataclass(frozen=True, slots=True, config=_STRICT)
class UpkeepSettings:
    """The upkeep of the lake."""

    merge_every_min: Annotated[int, Field(ge=5, le=10_080)] = 60
    # At least a day: expiring a snapshot ends the queries of readers that still use it.
    expire_after_h: Annotated[int, Field(ge=24, le=8_760)] = 24


@dataclass(frozen=True, slots=True, config=_STRICT)
class Cluster:
    """The content of `cluster.toml`; what is None stays as on one machine."""

    file: Path
    store: LakeSettings | None = None
    archive: ObjectArchiveSettings | None = None
    pace: LeaseSettings | None = None
    shards: ShardSettings = ShardSettings()
    runner: RunnerSettings = RunnerSettings()
    s3: S3Settings = S3Settings()
    upkeep: UpkeepSettings = UpkeepSettings()

    @property
    def data_url(self) -> str:
        """Where the lake's Parquet files are; a relative folder is one beside the file."""
        assert self.store is not None
        data = self.store.data
        return data if data.startswith("s3://") else f"{(self.file.parent / data).resolve()}/"

    @property
    def spool_dir(self) -> Path:
        """The local folder in which parts of the archive are written before they are uploaded."""
        assert self.archive is not None
        return (self.file.parent / self.archive.spool.expanduser()).resolve()


@cache
def read_cluster(file: Path) -> Cluster:
    """Return the settings. Raises ClusterError when the file is missing, not TOML or not valid."""
    way_out = "Create it (docs/reference/cluster.md), or unset WIREHOUSE_CLUSTER."
    document = read_toml(file, ClusterError, way_out)
    return parse_cluster(document, file)


def parse_cluster(document: dict[str, Any], file: Path) -> Cluster:
    """Return the settings of a parsed document; `file` is its path. Raises ClusterError."""
    if "file" in document:
        raise ClusterError(f"{file}: file: unknown key; docs/reference/cluster.md lists all keys.")
    try:
        cluster = _ADAPTER.validate_python({**document, "file": file.absolute()})
    except ValidationError as error:
        raise ClusterError(problems(error, document, str(file), "docs/reference/cluster.md")) from error
    _assert_consistent(cluster)
    return cluster


_ADAPTER = TypeAdapter(Cluster)


def _assert_consistent(cluster: Cluster) -> None:
    """Raise ClusterError for sections that need another one."""
    name = cluster.file
    if cluster.store is None and (cluster.shards.n > 1 or cluster.archive is not None):
        section = "shards" if cluster.shards.n > 1 else "archive"
        raise ClusterError(
            f"{name}: [{section}] requires [store]: several machines cannot write one DuckDB file. "
            "Add [store] with catalog and data."
        )
    if cluster.shards.n > 1 and cluster.pace is None:
        raise ClusterError(
            f"{name}: [shards] n = {cluster.shards.n} requires [pace]: redirects cross shards, and two "
            "machines could request one host at once. Add [pace] with url."
        )
    if cluster.runner.kind == "dask" and not cluster.runner.address:
        raise ClusterError(
            f"{name}: runner.address: required with kind = \"dask\"; write it as 'tcp://scheduler:8786'."
        )

"""Attach the lake to DuckDB: extensions from installed wheels, login and keys as secrets.

A secret stays in its connection; `duckdb_secrets()` shows it redacted.
"""

import importlib.util
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import duckdb

from warehouse.cluster.settings import Cluster
from warehouse.errors import ClusterError, LakeFailed, LoadConflict, WarehouseMissing
from warehouse.store.engine import NO_EXTENSIONS
from warehouse.store.lake.catalog import catalog_conninfo, login, unreachable

DATABASE = "warehouse"  # the name under which the lake is attached
_CONFLICTS = ("Transaction conflict", "could not serialize access", "deadlock detected")
_UNREACHABLE = (
    "Unable to connect to Postgres",
    "server closed the connection",
    "connection to server",
    'Failed to execute query "ROLLBACK"',
)


def attach_lake(
    cluster: Cluster,
    settings: Mapping[str, str],
    *,
    is_reader: bool,
    create: bool = False,
    data_path: str | None = None,
    name: str = "",
) -> duckdb.DuckDBPyConnection:
    """Return a connection whose current database is the lake.

    `data_path` is another way to the folder of its files, `name` that of its sessions in PostgreSQL. Raises
    WarehouseMissing when there is no lake and `create` is not set; LakeUnreachable, ClusterError.
    """
    con = duckdb.connect(config={**settings, **NO_EXTENSIONS})
    try:
        _load_extensions(con, cluster)
        _add_secrets(con, cluster, is_reader=is_reader)
        options = [f"data_path {quoted(data_path or cluster.data_url)}", "meta_secret 'lake_catalog'"]
        if data_path is not None:
            options.append("override_data_path true")
        if is_reader:
            options.append("read_only")
        elif not create:
            options.append("create_if_not_exists false")
        conninfo = catalog_conninfo(cluster, **({"application_name": name} if name else {}))
        path = quoted(f"ducklake:postgres:{conninfo}")
        with translated_lake(cluster), _named_faults(cluster):
            con.execute(f"attach {path} as {DATABASE} ({', '.join(options)})")
            if data_path is not None:
                _assert_own_folder(con, cluster)
        con.execute(f"use {DATABASE}")
        con.execute("set global TimeZone = 'UTC'")
    except BaseException:
        con.close()
        raise
    return con


@contextmanager
def translated_lake(cluster: Cluster) -> Iterator[None]:
    """Translate errors of the engine into ours; other exceptions pass unchanged."""
    try:
        yield
    except duckdb.Error as error:
        text = " ".join(str(error).split())
        if any(words in text for words in _CONFLICTS):
            raise LoadConflict(
                "Another process wrote the lake at the same time, and this transaction was rolled back: "
                f"{text[:200]}. Run again."
            ) from error
        if any(words in text for words in _UNREACHABLE):
            raise unreachable(cluster, error) from error
        if isinstance(error, duckdb.FatalException | duckdb.InternalException | duckdb.IOException):
            raise LakeFailed(
                f"DuckDB failed on the lake at {cluster.data_url}: {text[:400]}. The batch was rolled back; "
                "earlier loads are safe. Run again; if it fails again, run wirehouse doctor."
            ) from error
        raise


@contextmanager
def _named_faults(cluster: Cluster) -> Iterator[None]:
    """Translate what can be wrong with a catalogue that answers."""
    assert cluster.store is not None
    try:
        yield
    except duckdb.Error as error:
        text = " ".join(str(error).split())
        if "DuckLake" in text and "does not exist" in text:
            raise missing_lake(cluster) from error
        if "DATA_PATH" in text:
            raise _other_folder(cluster, text) from error
        raise


def _assert_own_folder(con: duckdb.DuckDBPyConnection, cluster: Cluster) -> None:
    """Raise ClusterError when the lake was created with another folder than store.data."""
    rows = con.execute(_FIND_FOLDER).fetchall()
    if rows != [(cluster.data_url,)]:
        raise _other_folder(cluster, f"that is '{rows[0][0] if rows else ''}'")


_FIND_FOLDER = f"""
select value
from __ducklake_metadata_{DATABASE}.public.ducklake_metadata
where key = 'data_path' and scope is null
"""


def _other_folder(cluster: Cluster, reason: str) -> ClusterError:
    assert cluster.store is not None
    return ClusterError(
        f"{cluster.file}: store.data = '{cluster.data_url}' is not the folder of the lake "
        f"{cluster.store.catalog}: {reason}. Write the folder with which it was created."
    )


def missing_lake(cluster: Cluster) -> WarehouseMissing:
    """Return the error for a catalogue without a lake."""
    assert cluster.store is not None
    return WarehouseMissing(
        f"There is no warehouse at the lake {cluster.store.catalog} yet. Create it: wirehouse cluster init."
    )


def _load_extensions(con: duckdb.DuckDBPyConnection, cluster: Cluster) -> None:
    names = ["postgres_scanner", "ducklake", *(["httpfs"] if cluster.data_url.startswith("s3://") else [])]
    for name in names:
        con.execute(f"load {quoted(str(_extension_file(name)))}")


def _extension_file(name: str) -> Path:
    """Return the file of an extension that its wheel installed. Raises ClusterError."""
    package = f"duckdb_extension_{name}"
    spec = importlib.util.find_spec(package)
    folders = [Path(place) for place in (spec.submodule_search_locations or [])] if spec else []
    version = f"v{duckdb.__version__}"
    for folder in folders:
        file = folder / "extensions" / version / f"{name}.duckdb_extension"
        if file.is_file():
            return file
    raise ClusterError(
        f"DuckDB's extension {name} for version {duckdb.__version__} is not installed. Install it: "
        "pip install 'wirehouse[cluster]'."
    )


def _add_secrets(con: duckdb.DuckDBPyConnection, cluster: Cluster, *, is_reader: bool) -> None:
    """Store login and keys in the connection; `duckdb_secrets()` shows them redacted."""
    role, password = login(cluster, is_reader=is_reader)
    words = [f"user {quoted(role)}", *([f"password {quoted(password)}"] if password else [])]
    con.execute(f"create secret lake_catalog (type postgres, {', '.join(words)})")
    if cluster.data_url.startswith("s3://"):
        add_object_secret(con, cluster, is_reader=is_reader)


def add_object_secret(
    con: duckdb.DuckDBPyConnection, cluster: Cluster, *, is_reader: bool, endpoint: str | None = None
) -> None:
    """Store the keys of the object store in the connection's database, in place of those that are there.

    `endpoint` is another host and port than that of the settings. Raises ClusterError without keys.
    """
    key_id, secret = _object_keys(cluster, is_reader=is_reader)
    words = [f"key_id {quoted(key_id)}", f"secret {quoted(secret)}", f"region {quoted(cluster.s3.region)}"]
    if endpoint is not None:
        words += [f"endpoint {quoted(endpoint)}", "use_ssl false"]
    elif cluster.s3.endpoint is not None:
        url = urlsplit(cluster.s3.endpoint)
        words += [f"endpoint {quoted(url.netloc)}", f"use_ssl {str(url.scheme == 'https').lower()}"]
    words.append(f"url_style {quoted('path' if cluster.s3.path_style else 'vhost')}")
    words.append(f"scope {quoted(cluster.data_url)}")
    con.execute(f"create or replace secret lake_objects (type s3, {', '.join(words)})")


def _object_keys(cluster: Cluster, *, is_reader: bool) -> tuple[str, str]:
    """Return key and secret of the object store from the environment. Raises ClusterError."""
    environ = os.environ
    if is_reader and environ.get("WIREHOUSE_READER_S3_KEY_ID"):
        return environ["WIREHOUSE_READER_S3_KEY_ID"], environ.get("WIREHOUSE_READER_S3_SECRET", "")
    try:
        return environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"]
    except KeyError as error:
        raise ClusterError(
            f"{cluster.file}: store.data = '{cluster.data_url}': the environment has no {error.args[0]}. "
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        ) from error


def quoted(text: str) -> str:
    """Return a string literal of SQL, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"

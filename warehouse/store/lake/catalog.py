"""Connections with the catalogue in PostgreSQL: which role, which password, how a dead one is noticed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from warehouse.cluster.settings import Cluster
from warehouse.errors import LakeUnreachable

# A machine that lost its power is noticed within half a minute, and its locks are released.
_KEEPALIVES = {"keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3"}
_CONNECT_TIMEOUT_S = "10"


def login(cluster: Cluster, *, is_reader: bool) -> tuple[str, str | None]:
    """Return the role to connect as, and its password; None when libpq finds it (PGPASSWORD, ~/.pgpass)."""
    assert cluster.store is not None
    named = conninfo_to_dict(cluster.store.catalog).get("user")
    role = str(named or (cluster.store.reader if is_reader else cluster.store.writer))
    password = os.environ.get("WIREHOUSE_READER_PASSWORD" if is_reader else "WIREHOUSE_WRITER_PASSWORD")
    return role, password or None


def catalog_conninfo(cluster: Cluster, **added: str) -> str:
    """Return the connection string of the catalogue, without a password."""
    assert cluster.store is not None
    return str(make_conninfo(cluster.store.catalog, connect_timeout=_CONNECT_TIMEOUT_S, **added))


@contextmanager
def catalog_connection(
    cluster: Cluster, purpose: str, *, is_reader: bool = False
) -> Iterator[psycopg.Connection]:
    """Yield a connection in autocommit, named by its purpose. Raises LakeUnreachable."""
    role, password = login(cluster, is_reader=is_reader)
    name = f"wirehouse: {purpose}"[:63]  # the limit of application_name
    conninfo = catalog_conninfo(cluster, user=role, application_name=name, **_KEEPALIVES)
    try:
        con = psycopg.connect(conninfo, password=password, autocommit=True)
    except psycopg.OperationalError as error:
        raise unreachable(cluster, error) from error
    with con:
        yield con


def unreachable(cluster: Cluster, error: Exception) -> LakeUnreachable:
    """Return the error for a catalogue that does not answer or refuses the role."""
    assert cluster.store is not None
    reason = " ".join(str(error).split())
    return LakeUnreachable(
        f"The lake's catalogue ({cluster.store.catalog}) cannot be used: {reason}. Check store.catalog in "
        f"{cluster.file} and the passwords (docs/reference/cluster.md); wirehouse cluster init creates a "
        "new lake."
    )

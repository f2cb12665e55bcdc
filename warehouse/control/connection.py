"""One connection of a process to the PostgreSQL database that several machines share.

It holds what machines must agree on while they work: leases of hosts, locks of shards. `psycopg` is imported
here only, and only where `cluster.toml` names a database.
"""

import os
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.errors import InsufficientPrivilege, UndefinedTable

from warehouse.errors import ControlUnavailable

_CONNECT_S = 5
_RETRY_S = 1.0  # between two attempts to connect; in between callers fail at once
# A peer that lost its power is noticed after 30 s while idle, and after 15 s while it owes an answer.
_KEEPALIVES = {
    "keepalives_idle": 15,
    "keepalives_interval": 3,
    "keepalives_count": 5,
    "tcp_user_timeout": 15_000,
}


class ControlConnection:
    """A connection that is opened when first used, and again after it broke; safe to share by threads."""

    def __init__(self, conninfo: str, application: str, *, lasting: bool = True) -> None:
        """Use the database of a libpq connection string; see `control_conninfo`.

        Commits that are not `lasting` may be lost in the last second before a crash of the server.
        """
        self._conninfo = control_conninfo(conninfo, application)
        self._lasting = lasting
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._failed_at = float("-inf")
        self._failure: Exception | None = None

    def execute(
        self, statement: str, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[tuple[Any, ...]]:
        """Run one statement in a transaction of its own; return its rows.

        It runs a second time when the connection breaks, so it must be idempotent. Raises
        ControlUnavailable.
        """
        with self._lock:
            had_connection = self._connection is not None
            try:
                return self._execute(statement, parameters)
            except (UndefinedTable, InsufficientPrivilege) as error:
                raise unavailable(error) from error
            except psycopg.OperationalError as error:
                self._drop(error)
                if not had_connection:
                    raise self._unavailable() from error
            try:  # the server has restarted since the last statement, or the network failed
                return self._execute(statement, parameters)
            except psycopg.OperationalError as error:
                self._drop(error)
                raise self._unavailable() from error

    def close(self) -> None:
        """Close the connection; session locks are released."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _execute(self, statement: str, parameters: Mapping[str, Any] | None) -> Sequence[tuple[Any, ...]]:
        if self._connection is None:
            self._connection = self._connect()
        cursor = self._connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else ()

    def _connect(self) -> "psycopg.Connection[tuple[Any, ...]]":
        if time.monotonic() - self._failed_at < _RETRY_S:
            raise self._unavailable()
        connection = psycopg.connect(
            self._conninfo,
            autocommit=True,
            prepare_threshold=None,  # a pooler between may give each statement another session
        )
        if not self._lasting:
            connection.execute("set synchronous_commit = off")
        return connection

    def _drop(self, error: Exception) -> None:
        self._failed_at, self._failure = time.monotonic(), error
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._failed_at = float("-inf")  # try to connect again at once

    def _unavailable(self) -> ControlUnavailable:
        return unavailable(self._failure)


def control_conninfo(conninfo: str, application: str) -> str:
    """Return the whole connection string of a session: as the writer where the given one names no user.

    The writer's password is WIREHOUSE_WRITER_PASSWORD, else what libpq reads: PGPASSWORD, ~/.pgpass.
    """
    fixed: dict[str, Any] = {**_KEEPALIVES, "connect_timeout": _CONNECT_S, "application_name": application}
    return str(make_conninfo("", **{**_writer(), **conninfo_to_dict(conninfo), **fixed}))


def unavailable(error: Exception | None) -> ControlUnavailable:
    """Return the error of a database that cannot be used, with what the library says."""
    return ControlUnavailable(
        f"The cluster's PostgreSQL database cannot be used: {' '.join(str(error).split()).rstrip('.')}. "
        "Check the server and the connection string in cluster.toml; wirehouse cluster init creates what is "
        "missing."
    )


def _writer() -> dict[str, str]:
    password = os.environ.get("WIREHOUSE_WRITER_PASSWORD")
    return {"user": "wh_writer"} | ({"password": password} if password else {})

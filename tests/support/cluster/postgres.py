"""A PostgreSQL server for a test: its own cluster of databases in a temporary folder, ended with the test."""

import os
import pwd
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.prefect_server import free_port


@dataclass(frozen=True)
class Postgres:
    """A running server that trusts local connections."""

    port: int
    folder: Path

    def conninfo(self, dbname: str = "postgres", user: str | None = None) -> str:
        """Return a connection string of libpq for a database."""
        parts = f"host=127.0.0.1 port={self.port} dbname={dbname}"
        return f"{parts} user={user}" if user else parts

    @property
    def admin(self) -> str:
        """Return the connection string of the superuser."""
        return self.conninfo(user="postgres")


def programs() -> Path:
    """Return the folder of initdb and pg_ctl."""
    found = shutil.which("pg_ctl")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert folders, "PostgreSQL is not installed: apt-get install postgresql"
    return folders[-1]


@contextmanager
def running_postgres():
    """Start a server in a temporary folder; yield it; end it.

    Not in a folder of pytest, which closes them to other users whenever another run of it begins.
    """
    with tempfile.TemporaryDirectory(prefix="wirehouse-postgres-") as folder:
        yield from _running(Path(folder))


def _running(folder: Path):
    server = Postgres(free_port(), folder)
    user = _owner(folder)
    bin_ = programs()
    _run(
        [bin_ / "initdb", "-D", folder / "db", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"],
        user,
    )
    options = (
        f"-p {server.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
        " -c fsync=off -c max_connections=60 -c shared_buffers=64MB"
    )
    pg_ctl = [bin_ / "pg_ctl", "-D", folder / "db", "-w", "-t", "60"]
    _run([*pg_ctl, "-l", folder / "server.log", "-o", options, "start"], user)
    try:
        yield server
    finally:
        _run([*pg_ctl, "-m", "immediate", "stop"], user)


def _owner(folder: Path) -> str | None:
    """Return the user that runs the server: PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return "postgres"


def _run(command, user: str | None) -> None:
    with tempfile.TemporaryFile("w+") as output:  # not a pipe: the server inherits it and would keep it open
        done = subprocess.run(
            [str(part) for part in command],
            user=user,
            group=user,
            extra_groups=[] if user else None,
            cwd="/",
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        output.seek(0)
        assert done.returncode == 0, f"{command[0]} failed with {done.returncode}: {output.read()}"

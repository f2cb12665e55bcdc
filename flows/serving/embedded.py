"""A Prefect API for one run, when no server is configured.

Used before any import of Prefect, which reads its settings when it is imported.
"""

import atexit
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from filelock import FileLock

_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
}

# What Prefect's server deletes from its own database (settings server.services.db_vacuum): runs that ended
# more than this many seconds ago, and events after its default of seven days. The warehouse keeps its own
# record of runs.
RETENTION = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86400),
}
# A run uses no blocks; registering them costs the first run 1.7 s of CPU.
_API_SETTINGS = {"PREFECT_UI_ENABLED": "false", "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false"}
_START_S = 180  # the first start creates a database: up to a minute on a loaded machine


def prepare_prefect(home: Path) -> None:
    """Set Prefect's environment variables that the user has not set.

    Its database goes into the warehouse's folder, unless PREFECT_HOME or a server's PREFECT_API_URL is set.
    """
    if logging.getLogger("wirehouse").isEnabledFor(logging.DEBUG):
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO")
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ:
        os.environ.setdefault("PREFECT_HOME", str(home / "prefect"))
    # It warns at exit about events that are still to be sent, which does not concern the user.
    logging.getLogger("EventsWorker").setLevel(logging.ERROR)


@contextmanager
def embedded_api(home: Path) -> Iterator[None]:
    """Provide a Prefect API while the block runs: the configured server, or one that is started for it.

    Two processes that start at the same moment would both migrate the database, so a lock serialises them.
    """
    prepare_prefect(home)
    if "PREFECT_API_URL" not in os.environ:
        folder = Path(os.environ["PREFECT_HOME"])
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "start.lock"):
            os.environ["PREFECT_API_URL"] = _start_api()
    yield


def _start_api() -> str:
    """Start an API that lives as long as this process; return its URL once it answers.

    Prefect can start one itself, but imports the whole server into this process to do so: two seconds of
    CPU in each run (bench/pipeline.py).
    """
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        server = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "flows.serving.api_server", str(listener.fileno()), "embedded"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**RETENTION, **os.environ, **_API_SETTINGS},
            pass_fds=[listener.fileno()],
            start_new_session=True,  # Ctrl-C goes to the run, which reports its end to the API
        )
    atexit.register(_stop_api, server)
    _wait_for_api(port)
    return f"http://127.0.0.1:{port}/api"


def _wait_for_api(port: int) -> None:
    # The socket listens already: the request waits in its queue, and fails when the server dies.
    connection = HTTPConnection("127.0.0.1", port, timeout=_START_S)
    try:
        connection.request("GET", "/api/health")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise RuntimeError(f"The embedded Prefect API did not start: {error}") from error
    finally:
        connection.close()
    if status != HTTPStatus.OK:
        raise RuntimeError(f"The embedded Prefect API did not start: it answers with status {status}.")


def _stop_api(server: "subprocess.Popen[bytes]") -> None:
    assert server.stdin is not None
    server.stdin.close()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()

"""Prefect without a server to care for: settings for a run that brings its own API.

Comes before any import of Prefect, which reads its settings when it is imported.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

_SETTINGS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_PROMPT": "false",
    # A loaded two-core machine needs longer than the default 20 s for the first migration.
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
}

# What Prefect's server deletes of its own database by itself (its settings server.services.db_vacuum):
# runs that ended so many seconds ago, and events after its default of seven days. The warehouse keeps its
# own record of runs.
RETENTION = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86400),
}


def prepare_prefect(home: Path) -> None:
    """Set what Prefect reads from the environment, unless the user has set it.

    Its database goes under the home, unless PREFECT_HOME or a server's PREFECT_API_URL is set.
    """
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    if "PREFECT_API_URL" not in os.environ:
        os.environ.setdefault("PREFECT_HOME", str(home / "prefect"))
    # It warns at exit about events that are still to be sent, which says nothing to a person.
    logging.getLogger("EventsWorker").setLevel(logging.ERROR)


@contextmanager
def embedded_api(home: Path) -> Iterator[None]:
    """Have a Prefect API while the block runs: the configured server, or one of our own.

    Two processes that start at the same moment would both migrate the embedded database,
    so its start is done under a lock.
    """
    prepare_prefect(home)
    if "PREFECT_API_URL" not in os.environ:
        folder = Path(os.environ["PREFECT_HOME"])
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "start.lock"):
            _wait_for_api()
    yield


def _wait_for_api() -> None:
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        error = client.api_healthcheck()
    if error is not None:
        raise RuntimeError(f"Prefect's own API did not start: {error}")

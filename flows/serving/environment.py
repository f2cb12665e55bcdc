"""Prefect's settings as environment variables: set before Prefect is imported, which reads them then."""

import logging
import os

_QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
}

# What Prefect's server deletes from its own database (settings server.services.db_vacuum): runs that ended
# more than this many seconds ago, and events after its default of seven days. The warehouse keeps its own
# record of runs.
RETENTION = {
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    "PREFECT_SERVER_SERVICES_DB_VACUUM_RETENTION_PERIOD": str(30 * 86400),
}


def has_server() -> bool:
    """Say whether a Prefect server is configured, to which a run is reported."""
    return bool(os.environ.get("PREFECT_API_URL"))


def prepare_prefect() -> None:
    """Set the variables of a run that the user has not set."""
    if logging.getLogger("wirehouse").isEnabledFor(logging.DEBUG):
        os.environ.setdefault("PREFECT_LOGGING_LEVEL", "INFO")
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    # It warns at exit about events that are still to be sent, which does not concern the user.
    logging.getLogger("EventsWorker").setLevel(logging.ERROR)

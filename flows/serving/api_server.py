"""A Prefect API in a process of its own, which ends with its parent.

    python -m flows.serving.api_server DESCRIPTOR embedded|full

DESCRIPTOR is the number of an inherited listening socket. `embedded` is the API of one run
(`flows.serving.embedded`); `full` also has the UI, the scheduler and the other services of a Prefect server
(`flows.serving.serve`). Those services delete old runs; the embedded API does so once for each run.
"""

import asyncio
import logging
import os
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from flows.serving.lifeline import end_with_parent

if TYPE_CHECKING:
    import uvicorn

_UMASK = 0o027  # Prefect's database holds parameters and logs: not for everybody on the machine
_PRUNE_AFTER_S = 2  # the run's first requests go first


def main() -> None:
    """Serve the API until the parent process ends."""
    os.umask(_UMASK)
    listener = socket.socket(fileno=int(sys.argv[1]))
    is_embedded = sys.argv[2] == "embedded"
    end_with_parent()
    import uvicorn
    from prefect.server.api.server import create_app

    config = uvicorn.Config(
        create_app(ephemeral=is_embedded, final=True),
        log_level="error" if is_embedded else "warning",
        lifespan="on",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    asyncio.run(_serve_embedded(server, listener) if is_embedded else server.serve([listener]))


async def _serve_embedded(server: "uvicorn.Server", listener: socket.socket) -> None:
    pruning = asyncio.create_task(_prune(server))
    await server.serve([listener])
    pruning.cancel()
    with suppress(asyncio.CancelledError):
        await pruning


async def _prune(server: "uvicorn.Server") -> None:
    """Delete runs and events that are older than Prefect's retention settings."""
    while not server.started:
        await asyncio.sleep(0.1)
    await asyncio.sleep(_PRUNE_AFTER_S)
    from prefect.server.database.dependencies import provide_database_interface
    from prefect.server.services.db_vacuum import vacuum_old_events, vacuum_old_flow_runs

    database = provide_database_interface()
    try:
        await vacuum_old_flow_runs(db=database)
        await vacuum_old_events(db=database)
    except Exception:  # the database is busy; the next run tries again
        logging.getLogger("wirehouse.serve").debug("Prefect's database was not pruned", exc_info=True)


if __name__ == "__main__":
    main()

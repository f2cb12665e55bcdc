"""The Prefect server of `wirehouse serve`, in a child process that ends with its parent.

    python -m flows.serving.api_server DESCRIPTOR

DESCRIPTOR is the number of an inherited listening socket.
"""

import asyncio
import logging
import os
import socket
import sys

from flows.serving.lifeline import end_with_parent

_UMASK = 0o027  # Prefect's database holds parameters and logs: not for everybody on the machine


class BusyDatabase(logging.Filter):
    """Writes a line instead of a traceback when SQLite refuses one of several changes at the same time.

    Prefect makes the change again. After a pause of the machine it marks all runs that were missed as late at
    once: ten of them gave 5,000 lines of tracebacks.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten such a record; return True."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None and "database is locked" in str(error):
            record.msg = f"{record.getMessage()}: Prefect's database was busy; it tries again."
            record.args = ()
            record.exc_info, record.exc_text = None, None
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def main() -> None:
    """Serve API, UI, scheduler and the other services until the parent process ends."""
    os.umask(_UMASK)
    listener = socket.socket(fileno=int(sys.argv[1]))
    end_with_parent()
    logging.getLogger("prefect.server").addFilter(BusyDatabase())
    import uvicorn
    from prefect.server.api.server import create_app

    config = uvicorn.Config(
        create_app(final=True),
        log_level="warning",
        lifespan="on",
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    asyncio.run(uvicorn.Server(config).serve([listener]))


if __name__ == "__main__":
    main()

"""The Prefect server of `wirehouse serve`, in a child process that ends with its parent.

    python -m flows.serving.api_server DESCRIPTOR

DESCRIPTOR is the number of an inherited listening socket.
"""

import asyncio
import os
import socket
import sys

from flows.serving.lifeline import end_with_parent

_UMASK = 0o027  # Prefect's database holds parameters and logs: not for everybody on the machine


def main() -> None:
    """Serve API, UI, scheduler and the other services until the parent process ends."""
    os.umask(_UMASK)
    listener = socket.socket(fileno=int(sys.argv[1]))
    end_with_parent()
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

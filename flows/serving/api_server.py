"""A Prefect API in a process of its own, which ends with its parent.

    python -m flows.serving.api_server DESCRIPTOR embedded|full

DESCRIPTOR is the number of an inherited listening socket. `embedded` is the API of one run
(`flows.serving.embedded`); `full` also has the UI, the scheduler and the other services of a Prefect server
(`flows.serving.serve`).
"""

import socket
import sys

from flows.serving.lifeline import end_with_parent


def main() -> None:
    """Serve the API until the parent process ends."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    is_embedded = sys.argv[2] == "embedded"
    end_with_parent()
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app(ephemeral=is_embedded, final=True)
    level = "error" if is_embedded else "warning"
    config = uvicorn.Config(
        app, log_level=level, lifespan="on", access_log=False, timeout_graceful_shutdown=2
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()

"""The Prefect API of one run, in a process of its own; `flows.serving.embedded` starts it.

    python -m flows.serving.api_server DESCRIPTOR

DESCRIPTOR is the number of an inherited listening socket. The process ends with its parent: standard input
is a pipe that the parent holds open, so its end of file means that the parent is gone.
"""

import os
import signal
import socket
import sys
import threading


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    """Serve the API until the parent process ends."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app(ephemeral=True, final=True)
    config = uvicorn.Config(app, log_level="error", lifespan="on", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()

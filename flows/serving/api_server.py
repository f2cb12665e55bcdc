"""The Prefect API of one run, as a process of its own; `flows.serving.embedded` starts it.

    python -m flows.serving.api_server DESCRIPTOR

DESCRIPTOR is the number of a listening socket that is handed down. It ends with its parent:
standard input is a pipe, whose end says that the other side is gone, however it went.
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
    """Serve until the parent ends."""
    listener = socket.socket(fileno=int(sys.argv[1]))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    import uvicorn
    from prefect.server.api.server import create_app

    app = create_app(ephemeral=True, final=True)
    config = uvicorn.Config(app, log_level="error", lifespan="on", access_log=False)
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()

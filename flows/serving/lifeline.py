"""A child process that ends with its parent, however the parent ends.

The child's standard input is a pipe that only the parent holds open, so its end of file means that the parent
is gone, even after SIGKILL.
"""

import os
import signal
import threading
import time
from collections.abc import Callable

GRACE_S = 3.0  # from SIGTERM to SIGKILL


def end_with_parent(before: Callable[[], None] | None = None) -> None:
    """End this process when its parent ends; `before` runs first."""
    threading.Thread(target=_wait, args=(before,), name="lifeline", daemon=True).start()


def _wait(before: Callable[[], None] | None) -> None:
    while os.read(0, 1024):
        pass
    if before is not None:
        before()
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os.kill(os.getpid(), signal.SIGKILL)

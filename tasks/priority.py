"""Scheduled runs have priority: a backfill waits between two batches while one is in progress.

Both respect each host's rate limit anyway; this keeps a backfill from delaying the news.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.store.connection import Home

MAX_WAIT_S = 600.0  # a backfill waits no longer than this
_POLL_S = 0.5


@contextmanager
def scheduled_run(home: Home) -> Iterator[None]:
    """Mark a scheduled run as in progress while the block runs; several may be at once."""
    home.state_dir.mkdir(parents=True, exist_ok=True)
    with _lock_file(home).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # the kernel releases it when the process ends
        yield


def wait_for_scheduled_runs(
    home: Home, *, max_wait_s: float = MAX_WAIT_S, sleep: Callable[[float], None] = time.sleep
) -> float:
    """Wait until no scheduled run is in progress, at most `max_wait_s`; return the wait in seconds."""
    waited_s = 0.0
    while waited_s < max_wait_s and has_scheduled_run(home):
        sleep(_POLL_S)
        waited_s += _POLL_S
    return waited_s


def has_scheduled_run(home: Home) -> bool:
    """Say whether a scheduled run is in progress on this machine; False where its lock cannot be read."""
    try:
        with _lock_file(home).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _lock_file(home: Home) -> Path:
    return home.state_dir / "scheduled.lock"

"""Scheduled runs go first: a backfill waits between two batches while one is under way.

Both keep each host's pace anyway; this keeps the past from standing before the news.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.store.connection import Home

MOST_S = 600.0  # a run that takes longer than this no longer holds a backfill up
_POLL_S = 0.5


@contextmanager
def scheduled_run(home: Home) -> Iterator[None]:
    """Let backfills know, while the block runs, that a scheduled run is under way; several may be."""
    with _lock_file(home).open("a") as file:
        fcntl.flock(file, fcntl.LOCK_SH)  # ends with the process, however it ends
        yield


def wait_for_scheduled_runs(
    home: Home, *, most_s: float = MOST_S, sleep: Callable[[float], None] = time.sleep
) -> float:
    """Return when no scheduled run is under way, or after `most_s`; the result is the wait in seconds."""
    waited_s = 0.0
    while waited_s < most_s and _is_under_way(home):
        sleep(_POLL_S)
        waited_s += _POLL_S
    return waited_s


def _is_under_way(home: Home) -> bool:
    with _lock_file(home).open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _lock_file(home: Home) -> Path:
    folder = home.state_file.parent
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "scheduled.lock"

"""Keeps the fork server quiet about workers that are stopped while they start.

A preload of the fork server. A pool that is closed at once removes the pipes and semaphores that a
starting worker is about to open; the worker has no job yet, and its traceback would only confuse.
"""

import sys
from types import TracebackType


def _hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, OSError | EOFError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _hook

"""What every worker process shares: its limits, and the value that a failed job returns.

Apart from `tasks.workers.worker_pool`, so that a worker loads neither the pool nor Prefect.
"""

import fcntl
import importlib
import logging
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from multiprocessing import parent_process
from typing import TypeVar

from tasks.errors import ErrorClass

OUT_OF_MEMORY = "Parsing needed more memory than a worker process may use."

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one job (a page, a feed document) returned nothing."""

    error_class: ErrorClass
    reason: str
    is_deferred: bool = False  # not tried: its source used up its budget of this run


def start_worker(preload: Iterable[str], memory_bytes: int) -> None:
    """Prepare a new worker process: tie it to its parent, import what its jobs need, then bound it.

    The import costs nothing where the fork server has the modules already.
    """
    end_with_parent()
    for name in preload:
        importlib.import_module(name)
    limit_worker(memory_bytes)


def end_with_parent() -> None:
    """Have the kernel end this process when its parent dies.

    A run that was killed would otherwise leave a worker that is busy with a page, perhaps for ever, and count
    as alive. A thread could not do it: a C library may keep the interpreter's lock.
    """
    parent = parent_process()
    if parent is None:
        return
    sentinel = parent.sentinel  # a pipe that the parent holds open
    fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(sentinel, fcntl.F_GETFL)
    fcntl.fcntl(sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)  # SIGIO, which ends a process by default
    if select.select([sentinel], [], [], 0)[0]:  # it has died already
        os.kill(os.getpid(), signal.SIGIO)


def limit_worker(memory_bytes: int) -> None:
    """Bound this process's address space, ignore Ctrl-C (the parent handles it), silence library logs."""
    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    bound = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)  # as of ulimit -v
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))


def timed(work: Callable[..., R], *args: object) -> tuple[float, R]:
    """Return the CPU seconds that a call took, and its result."""
    begun_s = time.process_time()
    result = work(*args)
    return time.process_time() - begun_s, result

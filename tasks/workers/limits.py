"""What every worker process shares: its limits, and the value that a failed job returns.

Apart from `tasks.workers.worker_pool`, so that a worker loads neither the pool nor Prefect.
"""

import importlib
import logging
import resource
import signal
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.errors import ErrorClass

OUT_OF_MEMORY = "Parsing needed more memory than a worker process may use."


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one job (a page, a feed document) returned nothing."""

    error_class: ErrorClass
    reason: str


def start_worker(preload: Iterable[str], memory_bytes: int) -> None:
    """Prepare a new worker process: import what its jobs need, then bound it.

    The import costs nothing where the fork server has the modules already.
    """
    for name in preload:
        importlib.import_module(name)
    limit_worker(memory_bytes)


def limit_worker(memory_bytes: int) -> None:
    """Bound this process's address space, ignore Ctrl-C (the parent handles it), silence library logs."""
    for name in ("trafilatura", "htmldate"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))

"""Limits of a query: time, memory, and an immediate end on Ctrl-C.

DuckDB's own limits leave gaps: a function that works on one huge value ignores interrupts and allocates
outside the memory limit, and Python handles no signal while DuckDB works. A query only reads, so the process
may exit at any moment.
"""

import os
import re
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

GRACE_S = 5  # from the interrupt to the exit of the process
OVERHEAD_BYTES = 512 * 2**20  # for the engine and Python beyond the engine's own limit


@contextmanager
def time_limit(con: "duckdb.DuckDBPyConnection", timeout_s: float, message: str) -> Iterator[None]:
    """Interrupt the query after `timeout_s`; if it does not stop, print `message` and exit with code 2."""
    timers = [
        threading.Timer(timeout_s, con.interrupt),
        threading.Timer(timeout_s + GRACE_S, _exit_with, [message]),
    ]
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()


def _exit_with(message: str) -> None:
    sys.stderr.write(f"wirehouse: {message}\n")
    sys.stderr.flush()
    os._exit(2)


@contextmanager
def memory_limit(con: "duckdb.DuckDBPyConnection") -> Iterator[None]:
    """Limit the memory of the whole process to the connection's limit plus overhead (Linux only)."""
    used_bytes = _data_bytes()
    if used_bytes is None:
        yield
        return
    import resource

    from warehouse.store.engine import engine_memory_bytes

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit_bytes = used_bytes + engine_memory_bytes(con) * 5 // 4 + OVERHEAD_BYTES
    bounds = [limit_bytes, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_bytes() -> int | None:
    """Return the memory that RLIMIT_DATA counts for this process; None where /proc is missing."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    match = re.search(r"^VmData:\s+(\d+) kB", status, re.MULTILINE)
    return int(match[1]) * 1024 if match else None


@contextmanager
def stopped_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the process at once while the block runs; nothing is open for writing."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield
        return
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)

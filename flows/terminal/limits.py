"""What a question may take: its time, its memory, and an end by Ctrl-C at any moment.

DuckDB's own limits leave gaps: a function that works on one huge value hears no interrupt and
takes its memory beside the limit, and Python hears no Ctrl-C while DuckDB works. A question only
reads, so the process may end at once.
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

GRACE_S = 5  # from the interrupt to the end of the process
BESIDE_BYTES = 512 * 2**20  # what the engine and Python may take beside the engine's own limit
_UNITS = {"bytes": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}


@contextmanager
def time_limit(con: "duckdb.DuckDBPyConnection", timeout_s: float, message: str) -> Iterator[None]:
    """Interrupt the question in time; when it does not hear that, say so and end the process with code 2."""
    timers = [
        threading.Timer(timeout_s, con.interrupt),
        threading.Timer(timeout_s + GRACE_S, _leave, [message]),
    ]
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()


def _leave(message: str) -> None:
    sys.stderr.write(f"wirehouse: {message}\n")
    sys.stderr.flush()
    os._exit(2)


@contextmanager
def memory_limit(con: "duckdb.DuckDBPyConnection") -> Iterator[None]:
    """Hold the whole process to the connection's limit and some more, where the system can (Linux)."""
    have = _data_bytes()
    if have is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = have + _engine_limit(con) * 5 // 4 + BESIDE_BYTES
    bounds = [wanted, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)]
    resource.setrlimit(resource.RLIMIT_DATA, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_bytes() -> int | None:
    """Return what the process has taken so far, as RLIMIT_DATA counts it; None where nobody says."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"^VmData:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else None


def _engine_limit(con: "duckdb.DuckDBPyConnection") -> int:
    said = con.execute("select current_setting('memory_limit')").fetchall()[0][0]
    number, unit = said.split()
    return int(float(number) * _UNITS[unit])


@contextmanager
def stopped_by_ctrl_c() -> Iterator[None]:
    """Let Ctrl-C end the process at once, as it does for tools that hold nothing open."""
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

"""A Dask scheduler and two worker processes for a test."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.prefect_server import child, free_port, wait_for

ROOT = Path(__file__).parents[3]


@contextmanager
def running_dask(folder: Path) -> Iterator[tuple[str, subprocess.Popen, subprocess.Popen]]:
    """Yield the scheduler's address and the two workers, whose logs are in `folder`."""
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"}
    dask = [sys.executable, "-m", "dask"]
    scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
    worker += ["--local-directory", str(folder)]
    with (
        child(scheduler, env, folder / "scheduler.log"),
        child(worker, env, folder / "one.log") as one,
        child(worker, env, folder / "two.log") as two,
    ):
        wait_for(lambda: _count_workers(address) == 2, 180, "two Dask workers")
        yield address, one, two


def _count_workers(address: str) -> int:
    from distributed import Client

    try:
        with Client(address, timeout=20, set_as_default=False) as client:
            return len(client.nthreads())
    except OSError:
        return 0

"""The worker pool: no worker without a job, and an error message when none can start."""

import subprocess
import sys

import pytest

from tasks.errors import WorkersUnavailable
from tasks.workers.worker_pool import WorkerPool

CLOSED_AT_ONCE = """
from tasks.workers.worker_pool import WorkerPool
if __name__ == "__main__":
    with WorkerPool(2, preload=("tasks.workers.feed_worker",), max_tasks=1) as pool:
        pool.submit(len, "abc", limit_s=5)
"""


def test_workers_that_end_while_they_start_end_the_run_with_a_sentence():
    with WorkerPool(1, preload=("no.such.module",), max_tasks=1) as pool:
        job = pool.submit(len, "abc", limit_s=30)
        with pytest.raises(
            WorkersUnavailable, match="cannot be started: each of them ended while it started"
        ):
            job.result()


def test_a_pool_that_is_closed_while_its_workers_start_prints_nothing(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(CLOSED_AT_ONCE)
    for _ in range(3):
        done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")

"""Faults that a page can cause in a worker: hang, crash, exhaust memory. Importable by worker processes."""

import os
import time

from tasks.workers.limits import Failure


def behave(jobs: tuple[str, ...], limit_s: float) -> list[str | Failure]:
    """Return each job's own name, unless the job is a fault or asks for the worker's process id."""
    return [_behave(job) for job in jobs]


def _behave(job: str) -> str:
    if job == "hang":
        time.sleep(600)
    if job == "die":
        os._exit(9)
    if job == "eat":
        eaten = bytearray(10_000_000_000)
        return str(len(eaten))
    return str(os.getpid()) if job == "pid" else job

"""Faults that a page can cause in a worker: hang, crash, take long. Importable by worker processes."""

import os
import time
from functools import partial

from tasks.workers.extract_worker import guarded
from tasks.workers.limits import Failure


def behave(jobs: tuple[str, ...], limit_s: float) -> list[str | Failure]:
    """Return each job's own name, unless the job is a fault or asks for the worker's process id."""
    return [guarded(partial(_behave, job), limit_s) for job in jobs]


def _behave(job: str) -> str:
    if job == "hang":
        time.sleep(600)
    if job == "die":
        os._exit(9)
    if job == "toil":
        until_s = time.process_time() + 1
        while time.process_time() < until_s:
            pass
    if job == "eat":
        eaten = bytearray(10_000_000_000)
        return str(len(eaten))
    return str(os.getpid()) if job == "pid" else job

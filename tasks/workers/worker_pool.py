"""Worker processes that parse what comes from the web: pages and feed documents.

Used by `tasks.extract` and `tasks.workers.feed_parser`. A job that exceeds its time or memory, or kills its
worker, returns a `Failure`; the next job gets a new worker.
"""

import os
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from typing import Any, Self

from pebble import ProcessExpired, ProcessPool

from tasks.errors import ErrorClass, WorkersUnavailable
from tasks.workers.limits import OUT_OF_MEMORY, Failure, start_worker

MEMORY_LIMIT_BYTES = 2_000_000_000
_SAFE_PATH = "PYTHONSAFEPATH"
_starting = threading.Lock()
# Modules that the fork server imports before it forks the first worker; one fork server serves all pools.
_preloaded: dict[str, None] = {"tasks.workers.quiet_start": None}


class WorkerPool:
    """A pool of worker processes; a context manager, usable from many threads.

    The first submitted job starts the processes: a pool without jobs costs nothing.
    """

    def __init__(
        self,
        n_workers: int | None = None,
        *,
        preload: Collection[str],
        max_tasks: int,
        memory_bytes: int = MEMORY_LIMIT_BYTES,
    ) -> None:
        """Prepare a pool of `n_workers` processes (one per CPU core by default).

        `preload` names the modules to import before the first fork; `max_tasks` is the number of
        jobs after which a worker is replaced.
        """
        self.n_workers = n_workers or os.cpu_count() or 1
        self._pool = ProcessPool(
            max_workers=self.n_workers,
            max_tasks=max_tasks,
            initializer=start_worker,
            initargs=(tuple(preload), memory_bytes),
            context=_fork_server(preload),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the workers; running jobs are abandoned. A pool that is closed already stays so."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def prepare(self) -> None:
        """Begin to import the workers' modules, in the background: the first job then waits less."""
        _ensure_running()

    def submit(self, work: Callable[..., Any], *args: Any, limit_s: float) -> "Job":
        """Queue a call of `work`; `limit_s` seconds after its start its worker is killed.

        Raises WorkersUnavailable when the processes cannot be started.
        """
        self.prepare()
        try:
            return Job(self._pool.schedule(work, args=args, timeout=limit_s), limit_s)
        except (BrokenProcessPool, RuntimeError, OSError) as error:
            raise _unavailable(error) from error


def start_server(preload: Collection[str]) -> None:
    """Begin to import the workers' modules, in the background, before there is a pool."""
    _fork_server(preload)
    _ensure_running()


@dataclass(frozen=True, slots=True)
class Job:
    """A call that is queued or running in a worker."""

    future: "Future[Any]"
    limit_s: float

    def result(self) -> Any:
        """Wait for the call; return its value, or the Failure when its worker was killed or died.

        Raises WorkersUnavailable when no worker could be started.
        """
        try:
            return self.future.result()
        except FutureTimeout:
            return Failure(ErrorClass.TIMEOUT, f"Parsing took longer than {self.limit_s:g} s.")
        except ProcessExpired as error:
            reason = f"The worker process died while parsing (exit code {error.exitcode})."
            return Failure(ErrorClass.WORKER_KILLED, reason)
        except MemoryError:
            return Failure(ErrorClass.WORKER_KILLED, OUT_OF_MEMORY)
        except BrokenProcessPool as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> WorkersUnavailable:
    cause = error.__cause__
    reason = "each of them ended while it started"
    if isinstance(cause, OSError):
        reason = cause.strerror or str(cause) or type(cause).__name__
    return WorkersUnavailable(
        f"Worker processes cannot be started: {reason}. Check the limits of memory and processes (ulimit -a)."
    )


def _ensure_running() -> None:
    """Start the fork server, if it does not run.

    It does not look for modules in the current folder: a `tasks` of another project would stand for ours.
    """
    with _starting:
        before = os.environ.get(_SAFE_PATH)
        os.environ[_SAFE_PATH] = "1"  # read by the new interpreter only
        try:
            ensure_running()
        finally:
            if before is None:
                del os.environ[_SAFE_PATH]
            else:
                os.environ[_SAFE_PATH] = before


def _fork_server(preload: Collection[str]) -> ForkServerContext:
    """Return the context that forks workers from a clean process, without the parent's threads."""
    _preloaded.update(dict.fromkeys(preload))
    context = get_context("forkserver")
    context.set_forkserver_preload(list(_preloaded))
    return context

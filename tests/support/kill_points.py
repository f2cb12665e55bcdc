"""Kill a process at its Nth change of the disk: before and after each commit, rename and deletion.

The change points are found by wrapping what makes them: `commit` and `checkpoint` of DuckDB connections,
os.replace, os.rename, os.link, os.unlink and os.rmdir; lock files are left out. Work runs in forked
children, so that the parent's imports are paid for once; the parent must not open a warehouse before it
forks.
"""

import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb

_CALLS = ("replace", "rename", "link", "unlink", "remove", "rmdir")
_STATEMENTS = ("commit", "checkpoint")
_LOCKS = (".lock", ".owner", "owner.json")


class Counter:
    """Counts the points that a process passes, and kills it at one of them."""

    def __init__(self, kill_at: int | None) -> None:
        self.names: list[str] = []
        self._kill_at = kill_at

    def reach(self, name: str) -> None:
        """Pass a point."""
        self.names.append(name)
        if len(self.names) == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Wrap all calls that change the disk in this process."""
        for name in _CALLS:
            setattr(os, name, self._wrapped(getattr(os, name), name))
        execute = duckdb.DuckDBPyConnection.execute

        def counted(con: Any, query: Any, *rest: Any, **named: Any) -> Any:
            if isinstance(query, str) and query.strip().lower() in _STATEMENTS:
                return self._around(query, execute, con, query, *rest, **named)
            return execute(con, query, *rest, **named)

        duckdb.DuckDBPyConnection.execute = counted  # type: ignore[method-assign]

    def _wrapped(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        def counted(*arguments: Any, **named: Any) -> Any:
            place = Path(os.fsdecode(arguments[0])).name
            if place.endswith(_LOCKS):  # no data; the kernel releases the lock of a dead process
                return call(*arguments, **named)
            return self._around(f"{name} {place}", call, *arguments, **named)

        return counted

    def _around(self, name: str, call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        self.reach(f"before {name}")
        result = call(*arguments, **named)
        self.reach(f"after {name}")
        return result


def find_points(work: Callable[[], object]) -> list[str]:
    """Return the names of the points that the work passes in an undisturbed run."""
    return json.loads(_fork(work, kill_at=None, report=True))


def run_killed(work: Callable[[], object], kill_at: int) -> bool:
    """Run the work in a child and kill it at a point, from 1; return whether it got there."""
    return _fork(work, kill_at=kill_at) == "killed"


def run_in_child(work: Callable[[], Any]) -> Any:
    """Return the result of some work that runs in a child, as JSON can carry it."""
    return json.loads(_fork(work, kill_at=None, result=True))


def _fork(work: Callable[[], Any], *, kill_at: int | None, report: bool = False, result: bool = False) -> str:
    with tempfile.NamedTemporaryFile("r+", suffix=".json") as answer:
        pid = os.fork()
        if pid == 0:
            _child(work, kill_at, answer.name, report=report, result=result)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            if kill_at is None:
                raise AssertionError(f"the child died of signal {os.WTERMSIG(status)}")
            return "killed"
        text = Path(answer.name).read_text()
        if os.WEXITSTATUS(status):
            raise AssertionError(text)
        return text


def _child(work: Callable[[], Any], kill_at: int | None, answer: str, *, report: bool, result: bool) -> None:
    code = 1
    try:
        counter = Counter(kill_at)
        if report or kill_at is not None:
            counter.install()
        value = work()
        text = json.dumps(counter.names if report else value if result else "", default=str)
        Path(answer).write_text(text)
        code = 0
    except BaseException:
        Path(answer).write_text(traceback.format_exc())
    finally:
        sys.stdout.flush()
        os._exit(code)


class InlinePool:
    """Extracts pages in this process, because a worker pool would cost more than the work."""

    def run(self, jobs: Sequence[Any], work: Callable[..., list[Any]]) -> list[Any]:
        """Return each job's result, in order."""
        return work(tuple(jobs), 30.0)

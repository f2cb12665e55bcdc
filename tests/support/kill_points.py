"""Kill a process at its Nth change of the disk: before and after each commit, rename and deletion.

The change points are found by wrapping what makes them: `commit` and `checkpoint` of DuckDB connections,
os.replace, os.rename, os.link, os.unlink and os.rmdir; lock files are left out. A kill is real, or its
result: a copy of the folder as it is on the disk at that point (what a process has not yet passed to the
kernel is in neither). Work runs in forked children, so that the parent's imports are paid for once; the
parent must not open a warehouse before it forks.
"""

import hashlib
import json
import os
import signal
import subprocess
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
    """Counts the points that a process passes, and calls a function with the number of each, from 1."""

    def __init__(self, at_point: Callable[[int], object]) -> None:
        self.names: list[str] = []
        self._at_point = at_point

    def reach(self, name: str) -> None:
        """Pass a point."""
        self.names.append(name)
        self._at_point(len(self.names))

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
    return json.loads(_fork(work, at_point=lambda number: None, report=True))


def copy_states(work: Callable[[], object], folder: Path, copies: Path) -> list[str]:
    """Return the names of the points, and copy the folder at each into `copies`, as "1", "2" and so on.

    A point whose folder equals that of the point before has no copy.
    """
    copies.mkdir()
    last = ""

    def copy(number: int) -> None:
        nonlocal last
        target = copies / str(number)
        # Not by this process: closing a file drops its lock on it.
        subprocess.run(["cp", "-a", str(folder), str(target)], check=True)
        digest = _digest(target)
        if digest == last:
            subprocess.run(["rm", "-r", str(target)], check=True)  # by this process: more points
        last = digest

    return json.loads(_fork(work, at_point=copy, report=True))


def _digest(folder: Path) -> str:
    total = hashlib.blake2b()
    for path in sorted(folder.rglob("*")):
        total.update(str(path.relative_to(folder)).encode() + b"\0")
        if path.is_file():
            total.update(hashlib.blake2b(path.read_bytes()).digest())
    return total.hexdigest()


def run_killed(work: Callable[[], object], kill_at: int) -> bool:
    """Run the work in a child and kill it at a point, from 1; return whether it got there."""

    def kill(number: int) -> None:
        if number == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    return _fork(work, at_point=kill, may_die=True) == "killed"


def run_in_child(work: Callable[[], Any]) -> Any:
    """Return the work's result, computed in a child; it travels as JSON."""
    return json.loads(_fork(work, result=True))


def _fork(
    work: Callable[[], Any],
    *,
    at_point: Callable[[int], object] | None = None,
    report: bool = False,
    result: bool = False,
    may_die: bool = False,
) -> str:
    with tempfile.NamedTemporaryFile("r+", suffix=".json") as answer:
        pid = os.fork()
        if pid == 0:
            _child(work, at_point, answer.name, report=report, result=result)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            if not may_die:
                raise AssertionError(f"the child died of signal {os.WTERMSIG(status)}")
            return "killed"
        text = Path(answer.name).read_text()
        if os.WEXITSTATUS(status):
            raise AssertionError(text)
        return text


def _child(
    work: Callable[[], Any],
    at_point: Callable[[int], object] | None,
    answer: str,
    *,
    report: bool,
    result: bool,
) -> None:
    code = 1
    try:
        counter = Counter(at_point or (lambda number: None))
        if at_point is not None:
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

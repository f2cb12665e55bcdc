"""Processes of this machine, read from /proc: who listens on a port, which ones execute a flow run.

Where there is no /proc (macOS), nothing is found: a port is then held by "another program".
"""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

_PROC = Path("/proc")
_LISTENING = "0A"  # state in /proc/net/tcp


def find_run_processes(api_url: str | None = None) -> dict[str, list[int]]:
    """Return the processes of flow runs by the run's id; with `api_url`, only runs of this Prefect server.

    A run's processes inherit its id in their environment, the worker processes of its steps included.
    """
    runs: dict[str, list[int]] = {}
    for pid in _pids():
        environment = _read_environment(pid)
        run_id = environment.get("PREFECT__FLOW_RUN_ID")
        if run_id and api_url in (None, environment.get("PREFECT_API_URL")):
            runs.setdefault(run_id, []).append(pid)
    return runs


def end_run_processes(api_url: str, grace_s: float) -> None:
    """End the processes of a server's flow runs: SIGTERM, and SIGKILL after `grace_s` seconds."""
    end_at = time.monotonic() + grace_s
    number = signal.SIGTERM
    while pids := [pid for found in find_run_processes(api_url).values() for pid in found]:
        if number == signal.SIGKILL and time.monotonic() > end_at + grace_s:
            return  # a process in uninterruptible sleep
        for pid in pids:
            _signal(pid, number)
        while time.monotonic() < end_at and any(_is_alive(pid) for pid in pids):
            time.sleep(0.05)
        number = signal.SIGKILL
        time.sleep(0.05)


def find_listener(port: int) -> str | None:
    """Return who listens on a TCP port, such as "process 12 (wirehouse serve)"; None if unknown."""
    inodes = {inode for name in ("tcp", "tcp6") for inode in _listening_inodes(_PROC / "net" / name, port)}
    for pid in _pids() if inodes else ():
        if inodes & _socket_inodes(pid):
            command = _read(pid, "cmdline").replace("\0", " ").strip()
            return f"process {pid} ({command[:120]})"
    return None


def _pids() -> Iterator[int]:
    if _PROC.is_dir():
        yield from (int(path.name) for path in _PROC.iterdir() if path.name.isdigit())


def _read(pid: int, name: str) -> str:
    try:
        return (_PROC / str(pid) / name).read_bytes().decode("utf-8", "replace")
    except OSError:  # it has ended, or belongs to another user
        return ""


def _read_environment(pid: int) -> dict[str, str]:
    pairs = (entry.partition("=") for entry in _read(pid, "environ").split("\0"))
    return {name: value for name, _, value in pairs}


def _is_alive(pid: int) -> bool:
    return _read(pid, "stat").rpartition(")")[2].split()[:1] not in ([], ["Z"])


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _listening_inodes(table: Path, port: int) -> Iterator[str]:
    try:
        lines = table.read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return
    for line in lines:
        fields = line.split()
        if fields[3] == _LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
            yield fields[9]


def _socket_inodes(pid: int) -> set[str]:
    inodes = set()
    try:
        for descriptor in (_PROC / str(pid) / "fd").iterdir():
            target = descriptor.readlink().name
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    except OSError:
        return inodes
    return inodes

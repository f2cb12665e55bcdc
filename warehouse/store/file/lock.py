"""The writer's lock: one writing session at a time, with a note beside it that names the holder."""

import json
import math
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.errors import SettingInvalid, WarehouseLocked
from warehouse.store.filesystem import write_note
from warehouse.store.home import Home


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the lock."""

    owner: str
    pid: int
    host: str
    since: str  # ISO 8601, UTC

    def __str__(self) -> str:
        return f"{self.owner} (process {self.pid} on {self.host}, since {self.since})"


@contextmanager
def writer_lock(home: Home, owner: str, wait_s: float) -> Iterator[None]:
    """Hold the lock while the block runs. Raises WarehouseLocked, naming the holder, after `wait_s`.

    WIREHOUSE_LOCK_WAIT_S (seconds) overrides `wait_s`. The kernel releases the lock when its holder dies, so
    that a killed run never blocks the next.
    """
    wait_s = lock_wait_s(wait_s)
    lock = FileLock(home.lock_file, mode=0o640)
    try:
        lock.acquire(timeout=wait_s, poll_interval=0.02)
    except Timeout as error:
        holder = read_holder(home.owner_file)
        raise WarehouseLocked(
            f"The warehouse in {home.root} is being written by {holder or 'another process'} "
            f"(waited {wait_s:g} s). Try again when it has ended."
        ) from error
    try:
        _write_holder(home.owner_file, owner)
        yield
    finally:
        with suppress(OSError):
            home.owner_file.unlink(missing_ok=True)
        lock.release()


def lock_wait_s(default_s: float) -> float:
    """Return how long to wait for a writer's lock. Raises SettingInvalid when the variable is no number."""
    text = os.environ.get("WIREHOUSE_LOCK_WAIT_S")
    try:
        wait_s = float(text) if text else default_s
    except ValueError:
        wait_s = -1.0
    if not 0 <= wait_s < math.inf:
        raise SettingInvalid(
            f"WIREHOUSE_LOCK_WAIT_S = {text!r} is no number of seconds. Write one, such as 30, or unset it."
        )
    return wait_s


def read_holder(file: Path) -> Holder | None:
    """Return the holder that the note names; None without a note."""
    try:
        return Holder(**json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _write_holder(file: Path, owner: str) -> None:
    note = {
        "owner": owner,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(OSError):  # the note is optional: a full disk must not block a writer
        write_note(file, json.dumps(note))

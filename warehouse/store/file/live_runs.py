"""Which runs are alive: each holds a lock file, which the kernel releases when its process dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.store.filesystem import make_folder
from warehouse.store.home import Home


@contextmanager
def marked_alive(home: Home, run_id: str) -> Iterator[None]:
    """Mark a run as alive while the block runs."""
    path = _lock_file(home, run_id)
    make_folder(home.state_dir)
    make_folder(path.parent)
    path.touch(mode=0o640)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def is_alive(home: Home, run_id: str) -> bool:
    """Say whether the process of a run still lives."""
    try:
        with _lock_file(home, run_id).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def remove_marks(home: Home, run_ids: list[str]) -> None:
    """Delete the lock files of runs whose processes have died."""
    for run_id in run_ids:
        _lock_file(home, run_id).unlink(missing_ok=True)


def _lock_file(home: Home, run_id: str) -> Path:
    return home.state_dir / "runs" / f"{run_id}.lock"

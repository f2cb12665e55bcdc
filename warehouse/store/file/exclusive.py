"""One lock for work on the whole archive or store: re-extraction, rebuild, forgetting, upkeep.

Held from start to end, beside the writer's lock, which is taken for each transaction only. Scheduled runs
continue meanwhile; two kinds of exclusive work never run at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from warehouse.errors import WarehouseLocked
from warehouse.store.filesystem import make_folder, write_note
from warehouse.store.home import Home


@contextmanager
def exclusive_work(home: Home, what: str) -> Iterator[None]:
    """Hold the lock while the block runs. Raises WarehouseLocked at once when it is already held."""
    make_folder(home.state_dir)
    note = home.state_dir / "exclusive.owner"
    lock = FileLock(home.exclusive_lock_file, mode=0o640)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise WarehouseLocked(
            f"{_holder(note)} is in progress in {home.root}; {what} has to wait. Try again when it has ended."
        ) from error
    try:
        with suppress(OSError):
            write_note(note, what)
        yield
    finally:
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _holder(note: Path) -> str:
    with suppress(OSError):
        return note.read_text(encoding="utf-8").strip().capitalize() or "Other work"
    return "Other work"

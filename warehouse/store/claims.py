"""What each run in progress is about to request, so that a run beside it leaves that out.

A run writes the feeds and pages that it has planned into files under `state/runs`, and takes out what is
stored. Claims of a run that has ended count for nothing: what was left out for it is still due, and the next
run requests it.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path

from warehouse.store.backend import store_of
from warehouse.store.filesystem import make_folder, write_note
from warehouse.store.home import Home

# A run that stores nothing for as long hangs, and others do its work.
STALE_S = 3_600.0


class Claimed(StrEnum):
    """What is claimed."""

    FEEDS = "feeds"  # by URL
    PAGES = "pages"  # by key


class Claims:
    """The claims of one run.

    Others' are read, and one's own added, in one session of the store: the writer's lock then keeps two runs
    from planning the same page at the same moment. In a lake such sessions may overlap; there shards keep
    runs apart.
    """

    def __init__(self, home: Home, run_id: str) -> None:
        self._home = home
        self._run_id = run_id
        self._own: dict[Claimed, set[str]] = {kind: set() for kind in Claimed}

    def find_others(self, kind: Claimed) -> set[str]:
        """Return what other runs that are alive have claimed."""
        keys: set[str] = set()
        for file in _folder(self._home).glob(f"*.{kind}"):
            if file.stem != self._run_id and not _is_stale(file) and store_of(self._home).is_alive(file.stem):
                with suppress(FileNotFoundError):  # the run has just ended
                    keys.update(file.read_text(encoding="utf-8").split("\n"))
        return keys

    def add(self, kind: Claimed, keys: Iterable[str]) -> None:
        """Claim keys, until they are dropped or the run ends."""
        self._change(kind, self._own[kind].union(keys))

    def drop(self, kind: Claimed, keys: Iterable[str]) -> None:
        """Drop claims: what was requested is stored, or will not be requested."""
        self._change(kind, self._own[kind].difference(keys))

    def _change(self, kind: Claimed, keys: set[str]) -> None:
        if keys == self._own[kind]:
            return
        self._own[kind] = keys
        file = _file(self._home, self._run_id, kind)
        partial = file.with_suffix(".partial")
        with suppress(OSError):  # as on a full disk: the load says so; others then request the same
            write_note(partial, "".join(f"{key}\n" for key in keys))
            partial.replace(file)


@contextmanager
def open_claims(home: Home, run_id: str) -> Iterator[Claims]:
    """Yield the claims of a run that is marked as alive; they end with the block."""
    make_folder(_folder(home))
    try:
        yield Claims(home, run_id)
    finally:
        remove_claims(home, [run_id])


def remove_claims(home: Home, run_ids: Iterable[str]) -> None:
    """Delete the files of runs that have ended."""
    for run_id in run_ids:
        for suffix in (*Claimed, "partial"):
            _file(home, run_id, suffix).unlink(missing_ok=True)


def _is_stale(file: Path) -> bool:
    try:
        age_s = time.time() - file.stat().st_mtime
    except FileNotFoundError:
        return True
    return abs(age_s) > STALE_S  # in the future: the clock was set back


def _file(home: Home, run_id: str, suffix: str) -> Path:
    return _folder(home) / f"{run_id}.{suffix}"


def _folder(home: Home) -> Path:
    return home.state_dir / "runs"

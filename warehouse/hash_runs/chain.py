"""The chain of runs beside a store, and which state of the store each of them leads to.

The store is the authority, the runs are a cache of core.fingerprint. Each transaction that changes the table
also sets a random text, the state, as a fact of the store (core.setting). It adds a run with its changes
before it commits. Runs count up to the one whose state is the store's, and only if they lead to as many rows:
so what a transaction wrote that was rolled back or killed is left out, and a store that was restored,
replaced or changed in another way has no chain. Then the caller builds a new one.

The list of runs is replaced in one step; files that are not in it are removed with the next change. The
writer's lock is held throughout.
"""

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from warehouse.hash_runs.merge import merge_runs
from warehouse.hash_runs.run_file import MOST_ARTICLES, HashRun, RunSizes
from warehouse.store.filesystem import make_folder, write_note

_FORMAT = 1
_LIST = "runs.json"
_FEWEST = 4  # runs: fewer are not merged
_GROWTH = 3  # a run is merged with later ones of a third of its size


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run of the list."""

    name: str
    sizes: RunSizes
    state: str | None  # of the store after its changes; None in the middle of a set that was built at once
    n_rows: int  # of core.fingerprint in that state


def read_chain(folder: Path, state: str | None) -> list[RunEntry]:
    """Return the runs that lead to a state of the store, oldest first; empty when none do."""
    entries = _read_list(folder) if state else []
    places = [place for place, entry in enumerate(entries) if entry.state == state]
    chain = entries[: places[0] + 1] if places else []
    return chain if all(_is_whole(folder, entry) for entry in chain) else []


def open_runs(folder: Path, chain: Sequence[RunEntry]) -> list[HashRun]:
    """Map the runs into memory."""
    return [HashRun(folder / entry.name, entry.sizes) for entry in chain]


def write_chain(folder: Path, chain: Sequence[RunEntry]) -> None:
    """Replace the list of runs, and remove the files of others."""
    text = json.dumps({"format": _FORMAT, "runs": [asdict(entry) for entry in chain]}, indent=1)
    partial = folder / f"{_LIST}.tmp"
    write_note(partial, text)
    partial.replace(folder / _LIST)
    names = {_LIST, *(entry.name for entry in chain)}
    for file in folder.iterdir():
        if file.name not in names:
            file.unlink()


def drop_chain(folder: Path) -> None:
    """Give up the runs; the next large load builds others."""
    with suppress(OSError):
        (folder / _LIST).unlink(missing_ok=True)


def new_run_file(folder: Path) -> Path:
    """Return the path of a run that is to be written; its folder exists."""
    make_folder(folder)
    return folder / f"{uuid4().hex}.run"


def merged(folder: Path, chain: Sequence[RunEntry]) -> list[RunEntry]:
    """Return the chain with its last runs merged if they are many.

    Runs that are merged are at most thrice as large as all later ones together: so a key is written some five
    times until its run is full, and a store of a million articles has about ten runs.
    """
    first = _first_merged(chain)
    if len(chain) - first < _FEWEST:
        return list(chain)
    file = new_run_file(folder)
    sizes = merge_runs(file, open_runs(folder, chain[first:]), keeps_removed=first > 0)
    last = chain[-1]
    return [*chain[:first], RunEntry(file.name, sizes, last.state, last.n_rows)]


def _first_merged(chain: Sequence[RunEntry]) -> int:
    first, n_later = len(chain), 0
    while first > 0:
        n_articles = chain[first - 1].sizes.n_articles
        if n_articles + n_later > MOST_ARTICLES or (n_later and n_articles > _GROWTH * n_later):
            break
        first, n_later = first - 1, n_later + max(n_articles, 1)
    return first


def _is_whole(folder: Path, entry: RunEntry) -> bool:
    file = folder / entry.name
    return file.is_file() and file.stat().st_size == entry.sizes.n_bytes


def _read_list(folder: Path) -> list[RunEntry]:
    """Return all runs of the list; empty when it cannot be read."""
    try:
        document = json.loads((folder / _LIST).read_text(encoding="utf-8"))
        if document["format"] != _FORMAT:
            return []
        return [
            RunEntry(run["name"], RunSizes(**run["sizes"]), run["state"], run["n_rows"])
            for run in document["runs"]
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []

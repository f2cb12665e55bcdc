"""One sorted run: a file with the hashes of some articles, in which a hash is found without reading the rest.

Each key is a hash and the number of an article in this run; articles are numbered by their day, so that those
of a hash inside a window of days stand side by side. All values are in the machine's byte order, and the file
never leaves the machine. Sections: keys; ids, days and numbers of hashes of the articles; ids that were
removed from earlier runs.
"""

import mmap
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]
Numbers = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]
Ids = npt.NDArray[np.bytes_]

HASH_BITS = 40
NUMBER_BITS = 18  # more articles in a run would need more memory while runs are merged
MOST_ARTICLES = 2**NUMBER_BITS
UNDATED = 2**31 - 1  # the day of an article without one
NUMBER_MASK = np.uint64(MOST_ARTICLES - 1)
_BITS = np.uint64(NUMBER_BITS)
_BLOCK_KEYS = 131_072  # read at once: a megabyte


class Articles(NamedTuple):
    """The articles of a run, sorted by day."""

    ids: Ids
    days: Days  # since 1970; UNDATED when not known
    n_hashes: Days


@dataclass(frozen=True, slots=True)
class RunSizes:
    """How many entries a run's sections have."""

    n_keys: int
    n_articles: int
    n_removed: int

    @property
    def n_bytes(self) -> int:
        """The file's size."""
        return 8 * self.n_keys + 24 * self.n_articles + 16 * self.n_removed


def pack_ids(article_ids: Iterable[str]) -> Ids:
    """Return ids as arrays of 16 bytes."""
    return np.array([UUID(article_id).bytes for article_id in article_ids], dtype="S16")


def unpack_ids(ids: Ids) -> list[str]:
    """Return the text of ids; NumPy drops zeros at the end of bytes."""
    return [str(UUID(bytes=value.ljust(16, b"\0"))) for value in ids.tolist()]


def make_keys(hashes: Keys, numbers: Numbers) -> Keys:
    """Return sorted keys."""
    return np.sort((hashes << _BITS) + numbers.astype(np.uint64))


def write_run(file: Path, parts: Iterable[Keys], articles: Articles, removed: Ids) -> RunSizes:
    """Write a run, on the disk when it returns; `parts` are all keys in order."""
    n_keys = 0
    file.touch(mode=0o640)
    with file.open("wb") as target:
        for keys in parts:
            target.write(keys.tobytes())
            n_keys += len(keys)
        for section in (*articles, removed):
            target.write(section.tobytes())
        target.flush()
        os.fsync(target.fileno())
    return RunSizes(n_keys, len(articles.ids), len(removed))


class HashRun:
    """A run that is mapped into memory as long as the object lives."""

    def __init__(self, file: Path, sizes: RunSizes) -> None:
        self._file = file
        with file.open("rb") as source:
            self._map = mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ)
        self._offset = 0
        self.keys: Keys = self._section(np.uint64, sizes.n_keys)
        ids: Ids = self._section("S16", sizes.n_articles)
        days: Days = self._section(np.int32, sizes.n_articles)
        self.articles = Articles(ids, days, self._section(np.int32, sizes.n_articles))
        self.removed: Ids = self._section("S16", sizes.n_removed)
        self._block_firsts: Keys = self.keys[::_BLOCK_KEYS].copy()

    def find(self, hashes: Keys, first: Numbers, end: Numbers) -> tuple[Numbers, Numbers]:
        """Return place and number of the keys of each hash whose article numbers are in a range.

        `first` and `end` have the range for each hash.
        """
        low = hashes << _BITS
        places = self._places(np.concatenate([low + first.astype(np.uint64), low + end.astype(np.uint64)]))
        starts = places[: len(hashes)]
        return starts, places[len(hashes) :] - starts

    def numbers_at(self, places: Numbers) -> Keys:
        """Return the numbers of the articles of keys, given by their places."""
        numbers: Keys = self.keys[places] & NUMBER_MASK
        self._map.madvise(mmap.MADV_DONTNEED)  # else the touched pages count as the process's memory
        return numbers

    def _places(self, wanted: Keys) -> Numbers:
        """Return for each key how many of the run are smaller.

        Reads the blocks in which one of them falls: a batch's are spread over the whole file, and touching
        its pages one by one takes three times as long.
        """
        order = np.argsort(wanted, kind="stable")
        ordered = wanted[order]
        blocks = np.searchsorted(self._block_firsts, ordered)  # 0: not above any key
        found = np.zeros(len(wanted), dtype=np.int64)
        buffer = np.empty(_BLOCK_KEYS, dtype=np.uint64)
        bounds = np.searchsorted(blocks, np.arange(1, len(self._block_firsts) + 2))
        with self._file.open("rb", buffering=0) as source:
            for number, (begin, end) in enumerate(pairwise(bounds.tolist())):
                if begin < end:
                    start = number * _BLOCK_KEYS
                    block = buffer[: len(self.keys) - start]
                    source.seek(start * block.itemsize)
                    source.readinto(block.data)
                    found[begin:end] = start + np.searchsorted(block, ordered[begin:end])
        places = np.empty_like(found)
        places[order] = found
        return places

    def _section(self, kind: Any, n: int) -> npt.NDArray[Any]:
        section: npt.NDArray[Any] = np.frombuffer(self._map, dtype=kind, count=n, offset=self._offset)
        self._offset += section.nbytes
        return section


def later_removals(runs: Sequence[HashRun]) -> list[frozenset[bytes]]:
    """Return for each run the ids that later ones removed."""
    removals, removed = [], frozenset[bytes]()
    for run in reversed(runs):
        removals.append(removed)
        removed |= frozenset(run.removed.tolist())
    return removals[::-1]


def live_articles(ids: Ids, removed: frozenset[bytes]) -> npt.NDArray[np.bool_]:
    """Say which ids were not removed."""
    if not removed:
        return np.ones(len(ids), dtype=np.bool_)
    return np.array([article_id not in removed for article_id in ids.tolist()], dtype=np.bool_)

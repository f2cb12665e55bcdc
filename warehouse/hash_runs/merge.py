"""Merge runs into one, a range of hashes at a time: memory does not grow with their keys."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from warehouse.hash_runs.run_file import (
    HASH_BITS,
    NUMBER_BITS,
    NUMBER_MASK,
    Articles,
    HashRun,
    Keys,
    Numbers,
    RunSizes,
    later_removals,
    live_articles,
    write_run,
)

Mask = npt.NDArray[np.bool_]

_KEYS_AT_ONCE = 250_000


def merge_runs(file: Path, runs: Sequence[HashRun], *, keeps_removed: bool) -> RunSizes:
    """Write one run with what is left of some, oldest first.

    `keeps_removed`: there are earlier runs, whose articles stay removed.
    """
    removals = later_removals(runs)
    lives = [live_articles(run.articles.ids, gone) for run, gone in zip(runs, removals, strict=True)]
    articles = [run.articles for run in runs]
    ids = np.concatenate([of_run.ids[alive] for of_run, alive in zip(articles, lives, strict=True)])
    days = np.concatenate([of_run.days[alive] for of_run, alive in zip(articles, lives, strict=True)])
    n_hashes = np.concatenate([of_run.n_hashes[alive] for of_run, alive in zip(articles, lives, strict=True)])
    order = np.argsort(days, kind="stable")
    removed = np.concatenate([run.removed for run in runs]) if keeps_removed else np.zeros(0, dtype="S16")
    ordered = Articles(ids[order], days[order], n_hashes[order])
    return write_run(file, _merged(runs, _new_numbers(order, lives)), ordered, np.unique(removed))


def _new_numbers(order: Numbers, lives: Sequence[Mask]) -> list[Numbers]:
    """Return the new number of each article of each run; -1 when it is gone."""
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    numbers, begin = [], 0
    for alive in lives:
        end = begin + int(np.count_nonzero(alive))
        of_run = np.full(len(alive), -1, dtype=np.int64)
        of_run[alive] = places[begin:end]
        numbers.append(of_run)
        begin = end
    return numbers


def _merged(runs: Sequence[HashRun], numbers: Sequence[Numbers]) -> Iterator[Keys]:
    n_parts = 1 + sum(len(run.keys) for run in runs) // _KEYS_AT_ONCE
    bounds = np.linspace(0, 2.0**HASH_BITS, n_parts + 1)[1:].astype(np.uint64)
    begins = [0] * len(runs)
    for bound in bounds:
        ends = [int(np.searchsorted(run.keys, bound << np.uint64(NUMBER_BITS))) for run in runs]
        parts = [
            _renumbered(run.keys[begin:end], of_run)
            for run, of_run, begin, end in zip(runs, numbers, begins, ends, strict=True)
        ]
        yield np.sort(np.concatenate(parts))
        begins = ends


def _renumbered(keys: Keys, numbers: Numbers) -> Keys:
    number = numbers[(keys & NUMBER_MASK).astype(np.int64)]
    kept = number >= 0
    renumbered: Keys = (keys[kept] & ~NUMBER_MASK) | number[kept].astype(np.uint64)
    return renumbered

"""Look up the hashes of a batch in the runs: pairs of articles that share enough of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from warehouse.hash_runs.run_file import (
    NUMBER_MASK,
    UNDATED,
    Days,
    HashRun,
    Ids,
    Keys,
    Numbers,
    later_removals,
    live_articles,
    unpack_ids,
)

Mask = npt.NDArray[np.bool_]

_MATCHES_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class HashedBatch:
    """The articles of a batch, and their hashes, each with the place of its article."""

    ids: Ids
    days: Days  # since 1970; UNDATED when not known
    n_hashes: Days
    owners: Numbers
    hashes: Keys


class Shared(NamedTuple):
    """Pairs: places of articles in the batch, and the ids of others as places in `others`."""

    at: Numbers
    other_at: Numbers
    others: list[str]


class _Lookup(NamedTuple):
    """Hashes, sorted, with the ranges of article numbers in a run that they are looked up in."""

    owners: Numbers
    hashes: Keys
    first: Numbers
    end: Numbers


def find_shared(
    runs: Sequence[HashRun], batch: HashedBatch, *, window_days: int, least_ratio: float
) -> Shared:
    """Return pairs of an article of the batch and any article, itself included.

    Inside the window they share at least `least_ratio` of the smaller number of hashes; one, when either has
    no day: it is compared with all days.
    """
    order = np.argsort(batch.hashes, kind="stable")
    batch = HashedBatch(batch.ids, batch.days, batch.n_hashes, batch.owners[order], batch.hashes[order])
    at, other_at = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    others: list[str] = []
    for run, removed in zip(runs, later_removals(runs), strict=True):
        owners, numbers = _pairs_in(run, batch, window_days, least_ratio)
        distinct, places = np.unique(numbers, return_inverse=True)
        ids = run.articles.ids[distinct]
        is_live = live_articles(ids, removed)
        others_place = len(others) + np.cumsum(is_live) - 1
        kept = is_live[places]
        at.append(owners[kept])
        other_at.append(others_place[places[kept]])
        others += unpack_ids(ids[is_live])
    return Shared(np.concatenate(at), np.concatenate(other_at), others)


def _pairs_in(
    run: HashRun, batch: HashedBatch, window_days: int, least_ratio: float
) -> tuple[Numbers, Numbers]:
    """Return pairs of an article of the batch and the number of one in the run."""
    days = batch.days.astype(np.int64)
    run_days = run.articles.days
    n_dated, n_all = int(np.searchsorted(run_days, np.int32(UNDATED))), len(run_days)
    first = np.searchsorted(run_days, (days - window_days).astype(np.int32))
    end = np.minimum(np.searchsorted(run_days, (days + window_days).astype(np.int32), side="right"), n_dated)
    is_dated = days != UNDATED
    zero, dated, everything = (np.full(len(days), n) for n in (0, n_dated, n_all))
    near = _lookup(batch, is_dated & (first < end), first, end)
    undated = _lookup(batch, is_dated & (dated < everything), dated, everything)
    all_days = _lookup(batch, ~is_dated, zero, everything)
    found = [*_matches(run, near, batch.n_hashes, least_ratio)]
    found += [*_matches(run, undated, batch.n_hashes, 0), *_matches(run, all_days, batch.n_hashes, 0)]
    return np.concatenate([owners for owners, _ in found]), np.concatenate([numbers for _, numbers in found])


def _lookup(batch: HashedBatch, wanted: Mask, first: Numbers, end: Numbers) -> _Lookup:
    """Return the hashes of some articles of the batch, each with the range of its article."""
    chosen = np.flatnonzero(wanted[batch.owners])
    owners = batch.owners[chosen]
    return _Lookup(owners, batch.hashes[chosen], first[owners], end[owners])


def _matches(
    run: HashRun, lookup: _Lookup, n_hashes: Days, least_ratio: float
) -> Iterator[tuple[Numbers, Numbers]]:
    """Yield pairs that share enough hashes, those of some articles of the batch at a time."""
    yield np.zeros(0, np.int64), np.zeros(0, np.int64)
    starts, counts = run.find(lookup.hashes, lookup.first, lookup.end)
    matched = np.flatnonzero(counts)
    matched = matched[np.argsort(lookup.owners[matched], kind="stable")]
    owners, starts, counts = lookup.owners[matched], starts[matched], counts[matched]
    for part in _slices(owners, counts):
        pairs, n_shared = np.unique(
            _expand(run, owners[part], starts[part], counts[part]), return_counts=True
        )
        owner, number = (pairs >> np.uint64(32)).astype(np.int64), (pairs & NUMBER_MASK).astype(np.int64)
        enough = n_shared >= least_ratio * np.minimum(n_hashes[owner], run.articles.n_hashes[number])
        yield owner[enough], number[enough]


def _slices(owners: Numbers, counts: Numbers) -> Iterator[slice]:
    """Yield parts with not too many matches; those of one article of the batch are in one part."""
    bounds = np.append(np.flatnonzero(np.diff(owners, prepend=-1)), len(owners))
    n_before = np.append(0, np.cumsum(counts))[bounds]
    place = 0
    while place < len(bounds) - 1:
        last = int(np.searchsorted(n_before, n_before[place] + _MATCHES_AT_ONCE, side="right")) - 1
        last = max(last, place + 1)
        yield slice(bounds[place], bounds[last])
        place = last


def _expand(run: HashRun, owners: Numbers, starts: Numbers, counts: Numbers) -> Keys:
    """Return for each match its article of the batch, and below that the number of the other."""
    offsets = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers = run.numbers_at(np.repeat(starts, counts) + offsets)
    expanded: Keys = (np.repeat(owners, counts).astype(np.uint64) << np.uint64(32)) | numbers
    return expanded

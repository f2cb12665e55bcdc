"""Shards: the parts into which several machines split the sources, each worked on by one run at a time.

Asked before the first step of a run. A source belongs to the shard of its registrable domain, so that sources
on one site share a shard. Slots are fixed; the number of shards may change.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from zlib import crc32

from tasks.domain.urls.host import site_domain
from tasks.errors import UsageError
from warehouse.cluster.place import find_cluster
from warehouse.records.source import Source
from warehouse.sources import load_slots
from warehouse.store.connection import Home, open_store

N_SLOTS = 4096


@dataclass(frozen=True, slots=True)
class Shard:
    """The sources whose slot leaves `number` when divided by `n`."""

    number: int
    n: int

    def __str__(self) -> str:
        return f"{self.number}/{self.n}"

    def has(self, slot: int) -> bool:
        """Say whether a slot belongs to the shard."""
        return slot % self.n == self.number


def parse_shard(text: str) -> Shard:
    """Return the shard written as "3/16"; the first is "0/16". Raises UsageError."""
    match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text.strip())
    if match is None or int(match[1]) >= int(match[2]):
        raise UsageError(f"'{text}' is not a shard (expected a number from 0 and their count, such as 3/16)")
    return Shard(int(match[1]), int(match[2]))


def parse_numbers(text: str, n: int) -> tuple[int, ...]:
    """Return the numbers of shards in a list such as "0-7,12", in order. Raises UsageError."""
    numbers: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", part.strip())
        if match is None or int(match[1]) > int(match[2] or match[1]):
            raise UsageError(f"--shards: '{text}' is not a list of numbers (expected such as 0-7,12)")
        numbers.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    if max(numbers) >= n:
        raise UsageError(f"--shards: '{text}': cluster.toml has {n} shards, 0 to {n - 1}")
    return tuple(sorted(numbers))


def source_slot(source: Source) -> int:
    """Return the slot of a source: the CRC-32 of its first feed's registrable domain, modulo 4096."""
    url = source.feeds[0].url if source.feeds else source.homepage or ""
    return crc32((site_domain(url) or source.name).encode()) % N_SLOTS


def source_slots(sources: Sequence[Source]) -> dict[str, int]:
    """Return the slot of each source, by its name."""
    return {source.name: source_slot(source) for source in sources}


def select_shard(sources: Sequence[Source], slots: Mapping[str, int], shard: Shard) -> tuple[Source, ...]:
    """Return the sources of a shard."""
    return tuple(source for source in sources if shard.has(slots[source.name]))


def store_slots(home: Home, slots: Mapping[str, int]) -> None:
    """Store the slots of sources that the store knows; `tasks.plan.find_due_feeds` selects by them."""
    with open_store(home, owner="noting slots") as con:
        load_slots(con, slots)


@contextmanager
def held_shard(shard: Shard | None) -> Iterator[bool]:
    """Yield whether this process has the shard to itself while the block runs; it has without one.

    Its lock ends with the process, however that ends. Raises UsageError without a cluster or when the shard
    is not one of its shards, ControlUnavailable when the database does not answer.
    """
    if shard is None:
        yield True
        return
    cluster = find_cluster()
    if cluster is None or cluster.pace is None:
        raise UsageError(f"shard '{shard}': shards need cluster.toml with [pace]. Leave the shard out.")
    if shard.n != cluster.shards.n:
        raise UsageError(
            f"shard '{shard}': cluster.toml has {cluster.shards.n} shards. "
            "Create the deployments again with `wirehouse deploy`."
        )
    from warehouse.control.shard_locks import locked_shard

    with locked_shard(cluster.pace.url, shard.number, shard.n) as is_held:
        yield is_held

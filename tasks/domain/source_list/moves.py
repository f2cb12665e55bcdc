"""Feeds that moved permanently, as changes of the source list.

Pure: the command `sources check` shows and applies them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from warehouse.records.source import Source


@dataclass(frozen=True, slots=True)
class MovedFeed:
    """A feed whose URL leads permanently to another one."""

    source: str
    url: str
    new_url: str
    owner: str | None = None  # the source that lists the new URL already: then nothing can be replaced


def find_moves(sources: Iterable[Source], targets: Mapping[str, str]) -> list[MovedFeed]:
    """Return the feeds of a source list that moved, in its order; `targets` are new by old URL."""
    listed = [(source, feed.url) for source in sources for feed in source.feeds]
    owners = {url: source.name for source, url in listed}
    moves = []
    for source, url in listed:
        new_url = targets.get(url)
        if new_url is not None and new_url != url:
            moves.append(MovedFeed(source.name, url, new_url, owners.get(new_url)))
            owners.setdefault(new_url, source.name)
    return moves

"""Feeds of `searches.toml` whose entries are the rows of a statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SavedFeed:
    """A statement whose rows are published as a feed."""

    name: str
    title: str
    sql: str
    parameters: Mapping[str, date | float | str | None]
    problem: str | None = None  # why it cannot be made; then `sql` is empty

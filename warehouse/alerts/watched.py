"""Saved searches as their file has them now, with what was sent: what the pages of browse show."""

import hashlib
from dataclasses import dataclass, field

from warehouse.alerts.deliveries import Delivery
from warehouse.alerts.saved_search import SavedSearches


@dataclass(frozen=True, slots=True)
class Watched:
    """Saved searches, and what was sent of them."""

    searches: SavedSearches = field(default_factory=SavedSearches)
    problem: str | None = None  # why searches.toml cannot be used
    deliveries: tuple[Delivery, ...] = ()  # the latest first

    @property
    def key(self) -> str:
        """Return a text that differs between any two states."""
        return hashlib.sha256(repr(self).encode("utf-8", "replace")).hexdigest()[:16]

"""The demo's truth by source, and the overlap of two texts, for tests."""

import re
from collections import defaultdict
from collections.abc import Iterable

from demo.truth import TruthRecord


def by_source(records: Iterable[TruthRecord]) -> dict[str, list[TruthRecord]]:
    """Sort truth records by their source, keeping their order."""
    found: dict[str, list[TruthRecord]] = defaultdict(list)
    for record in records:
        found[record.source].append(record)
    return dict(found)


def shingles(text: str, n: int = 5) -> set[tuple[str, ...]]:
    """Return runs of n words; of n characters in scripts without spaces."""
    words = re.findall(r"\w+", text.casefold())
    units = words if len(words) > len(text) / 20 else list("".join(words))
    return {tuple(units[i : i + n]) for i in range(len(units) - n + 1)}


def containment(part: str, whole: str) -> float:
    """Return the share of the part's shingles that the whole contains, 0..1."""
    inside = shingles(part)
    return len(inside & shingles(whole)) / max(1, len(inside))

"""What a re-extraction changes: counted item by item, with a few samples, as one report."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from tasks.domain.articles.changes import ArticleChange, shown_change

SAMPLES = 3  # for each field


class Fate(StrEnum):
    """What became of one item."""

    SAME = "same"
    CHANGED = "changed"
    WON = "won"  # a page that was refused gives an article
    LOST = "lost"  # a page that gave an article is refused
    REFUSED = "refused"  # before and now
    UNREADABLE = "unreadable"  # its page cannot be read from the archive; unchanged


@dataclass(frozen=True, slots=True)
class ItemOutcome:
    """What today's rules make of one item's latest page."""

    url: str
    source: str
    fate: Fate
    change: ArticleChange | None = None
    reason: str | None = None  # why the page was refused or cannot be read
    title: str | None = None  # of an article that was won or lost


@dataclass(frozen=True, slots=True)
class FieldCount:
    """How many articles differ in one field."""

    field: str
    n_changed: int  # from one value to another
    n_gained: int
    n_lost: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One difference, for a person to look at."""

    field: str
    url: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """What a re-extraction changes, or has changed."""

    n_items: int
    n_same: int
    n_changed: int
    n_won: int
    n_lost: int
    n_refused: int
    n_unreadable: int
    n_without_page: int  # articles without an archived page; unchanged
    n_bodies_grown: int
    n_bodies_shrunk: int
    characters_grown: int
    characters_shrunk: int
    n_days_moved: int
    fields: tuple[FieldCount, ...]
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class Tally:
    """Adds up the findings; keeps a few samples and nothing else of an item."""

    fates: Counter[str] = field(default_factory=Counter)
    fields: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    bodies: Counter[str] = field(default_factory=Counter)
    samples: defaultdict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))

    def add(self, found: Iterable[ItemOutcome]) -> None:
        """Count some items."""
        for item in found:
            self.fates[item.fate] += 1
            if item.change is not None:
                self._add_change(item.change)
            elif item.fate is Fate.WON:
                self._keep(Sample("refusal", item.url, item.reason, item.title))
            elif item.fate is Fate.LOST:
                self._keep(Sample("article", item.url, item.title, item.reason))
            elif item.fate is Fate.UNREADABLE:
                self._keep(Sample("page", item.url, None, item.reason))

    def report(self, n_without_page: int = 0) -> Report:
        """Return the report; fields that differ most often come first."""
        counts = [
            FieldCount(name, kinds["changed"], kinds["gained"], kinds["lost"])
            for name, kinds in self.fields.items()
        ]
        counts.sort(key=lambda c: (-(c.n_changed + c.n_gained + c.n_lost), c.field))
        return Report(
            n_items=self.fates.total(),
            **{f"n_{fate.value}": self.fates[fate] for fate in Fate},
            n_without_page=n_without_page,
            n_bodies_grown=self.bodies["grown"],
            n_bodies_shrunk=self.bodies["shrunk"],
            characters_grown=self.bodies["characters_grown"],
            characters_shrunk=self.bodies["characters_shrunk"],
            n_days_moved=self.bodies["days_moved"],
            fields=tuple(counts),
            samples=tuple(sample for name in sorted(self.samples) for sample in self.samples[name]),
        )

    def _add_change(self, change: ArticleChange) -> None:
        for field_change in change.fields:
            before, after = field_change.before, field_change.after
            kind = "gained" if before is None else "lost" if after is None else "changed"
            self.fields[field_change.field][kind] += 1
            self._keep(Sample(field_change.field, change.url, *shown_change(before, after)))
        direction = "grown" if change.grown_by > 0 else "shrunk" if change.grown_by < 0 else None
        if direction:
            self.bodies[direction] += 1
            self.bodies[f"characters_{direction}"] += abs(change.grown_by)
        self.bodies["days_moved"] += change.is_day_moved

    def _keep(self, sample: Sample) -> None:
        samples = self.samples[sample.field]
        if len(samples) < SAMPLES:
            samples.append(sample)

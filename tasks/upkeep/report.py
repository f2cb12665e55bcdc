"""What a re-extraction found: counted item by item, with a few samples, told as one report."""

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
    REFUSED = "refused"  # as before
    UNREADABLE = "unreadable"  # its page cannot be read from the archive; left as it is


@dataclass(frozen=True, slots=True)
class Found:
    """What today's rules make of one item's latest page."""

    url: str
    source: str
    fate: Fate
    change: ArticleChange | None = None
    reason: str | None = None  # of a refusal, or why the page cannot be read
    title: str | None = None  # of an article that was won or lost


@dataclass(frozen=True, slots=True)
class FieldCount:
    """How often one field differs."""

    field: str
    n_changed: int  # of one value into another
    n_gained: int
    n_lost: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One difference, to look at."""

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
    n_without_page: int  # articles that no archived page stands behind; left as they are
    n_bodies_grown: int
    n_bodies_shrunk: int
    characters_grown: int
    characters_shrunk: int
    n_days_moved: int
    fields: tuple[FieldCount, ...]
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class Tally:
    """Adds up what was found; keeps a few samples and nothing else of an item."""

    fates: Counter[str] = field(default_factory=Counter)
    fields: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    bodies: Counter[str] = field(default_factory=Counter)
    samples: defaultdict[str, list[Sample]] = field(default_factory=lambda: defaultdict(list))

    def add(self, found: Iterable[Found]) -> None:
        """Count some items."""
        for one in found:
            self.fates[one.fate] += 1
            if one.change is not None:
                self._add_change(one.change)
            elif one.fate is Fate.WON:
                self._keep(Sample("refusal", one.url, one.reason, one.title))
            elif one.fate is Fate.LOST:
                self._keep(Sample("article", one.url, one.title, one.reason))
            elif one.fate is Fate.UNREADABLE:
                self._keep(Sample("page", one.url, None, one.reason))

    def report(self, n_without_page: int = 0) -> Report:
        """Return what was counted; fields by how often they differ."""
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
        for one in change.fields:
            kind = "gained" if one.before is None else "lost" if one.after is None else "changed"
            self.fields[one.field][kind] += 1
            self._keep(Sample(one.field, change.url, *shown_change(one.before, one.after)))
        way = "grown" if change.grown_by > 0 else "shrunk" if change.grown_by < 0 else None
        if way:
            self.bodies[way] += 1
            self.bodies[f"characters_{way}"] += abs(change.grown_by)
        self.bodies["days_moved"] += change.is_day_moved

    def _keep(self, sample: Sample) -> None:
        kept = self.samples[sample.field]
        if len(kept) < SAMPLES:
            kept.append(sample)

"""What became of each record of a WARC file: the outcomes, whose sum is the number of records.

Filled by `tasks.captures.pages` as records are read and by `tasks.captures.store` and the commands as pages
are loaded.
"""

from dataclasses import dataclass, field
from typing import ClassVar

from warehouse.records.outcome import Counts
from warehouse.wording import plural

# In the order of printing; the types of records that are not pages follow.
NEW = "new"
REVISED = "revised"
UNCHANGED = "unchanged"
CAPTURED_AGAIN = "captured again"  # further captures of an article in one batch
TO_LOAD = "to load"  # of a dry run
STORED_BEFORE = "stored before"
REJECTED = "rejected"
OUT_OF_RANGE = "outside the range"
CAPTURED_EARLIER = "captured before the range"
OTHER_LANGUAGE = "in other languages"
OTHER_SITE = "of other sites"
OTHER_HOST = "of other hosts"
NO_WEB_ADDRESS = "without a web address"
NOT_200 = "not 200"
NOT_HTML = "not HTML"
FORGOTTEN = "forgotten"
OUTCOMES = (
    NEW, REVISED, UNCHANGED, CAPTURED_AGAIN, TO_LOAD, STORED_BEFORE, REJECTED, OUT_OF_RANGE, CAPTURED_EARLIER,
    OTHER_LANGUAGE, OTHER_SITE, OTHER_HOST, NO_WEB_ADDRESS, NOT_200, NOT_HTML, FORGOTTEN,
)  # fmt: skip
_TYPES = frozenset({"warcinfo", "request", "metadata", "revisit", "conversion", "continuation"})


def of_type(kind: str) -> str:
    """Return the outcome of a record whose WARC-Type does not denote a page."""
    return f"of type {kind}" if kind in _TYPES else "of an unknown type" if kind else "without a type"


@dataclass(slots=True)
class FileAccount:
    """The outcomes of the records of one file."""

    unit: ClassVar[str] = "record"

    name: str
    records: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)

    def add(self, outcome: str, n: int = 1) -> None:
        """Count records with this outcome."""
        if n:
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + n

    def add_loaded(self, counts: Counts, n_articles: int, n_rejects: int) -> None:
        """Count the pages of a batch: those that gave articles, and those that extraction rejected."""
        self.add(NEW, counts.n_new)
        self.add(REVISED, counts.n_revised)
        self.add(UNCHANGED, counts.n_unchanged)
        self.add(CAPTURED_AGAIN, n_articles - counts.n_new - counts.n_revised - counts.n_unchanged)
        self.add(REJECTED, n_rejects)

    def sentence(self) -> str:
        """Return the account as a line: "cc.warc.gz: 8 records: 3 new, 1 rejected, 4 of type request"."""
        known = [name for name in OUTCOMES if name in self.outcomes]
        others = sorted(set(self.outcomes) - set(known))
        parts = ", ".join(f"{self.outcomes[name]:,} {name}" for name in (*known, *others))
        return f"{self.name}: {plural(self.records, self.unit)}" + (f": {parts}" if parts else "")


@dataclass(slots=True)
class FolderAccount(FileAccount):
    """The outcomes of the files of one folder, or of one saved page."""

    unit: ClassVar[str] = "file"

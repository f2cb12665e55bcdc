"""How complete a range of days is after a backfill: what became of each page that its indexes named.

Filled from the warehouse at the end of a run, so that it counts what earlier runs have stored, too.
"""

from dataclasses import dataclass

from warehouse.records.outcome import PageOutcomes
from warehouse.wording import plural


@dataclass(frozen=True, slots=True)
class RangeAccount:
    """The pages of a range; the outcomes add up to `named`."""

    since: str  # YYYY-MM-DD
    until: str
    indexes: int  # index pages read
    failed_indexes: int  # that could not be read
    stale_sitemaps: int  # not read, as they last changed before the range
    named: int  # pages that may be in the range
    outcomes: PageOutcomes
    used_budget: int | None = None  # pages a day, where these are used up

    def sentences(self) -> list[str]:
        """Return the account for a person."""
        outcomes = self.outcomes
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in outcomes.rejected.items())
        undated = f" ({outcomes.undated:,} of them without a date)" if outcomes.undated else ""
        parts = [f"{outcomes.stored:,} stored{undated}"]
        if outcomes.outside:
            parts.append(f"{outcomes.outside:,} outside the range by their own date")
        if reasons:
            parts.append(f"{sum(outcomes.rejected.values()):,} rejected ({reasons})")
        if outcomes.forgotten:
            parts.append(f"{outcomes.forgotten:,} forgotten")
        if outcomes.left:
            parts.append(f"{outcomes.left:,} not fetched yet")
        lines = []
        if self.indexes:
            lines.append(
                f"{self.since} to {self.until}: {plural(self.named, 'page')} named by "
                f"{plural(self.indexes, 'index page')}: {', '.join(parts)}"
            )
        if self.failed_indexes:
            lines.append(
                f"Pages may be missing: {plural(self.failed_indexes, 'index page')} could not be read"
            )
        if self.stale_sitemaps:
            lines.append(
                f"Not read: {plural(self.stale_sitemaps, 'sitemap')} whose lastmod is before {self.since}. "
                "If that is wrong, name one as archive.sitemap in sources.toml"
            )
        if self.used_budget is not None:
            lines.append(
                f"The budget of {plural(self.used_budget, 'page')} a day is used up; the indexes were not "
                "read to their end. The same command continues tomorrow (UTC)"
            )
        return lines

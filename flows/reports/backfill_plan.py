"""The plan of a backfill: which indexes were read, how many pages are left to fetch, how long it takes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tasks.backfill.walk import Index
from warehouse.wording import plural


@dataclass(frozen=True, slots=True)
class WayPlan:
    """What the indexes of one way list."""

    way: str
    indexes: int
    named: int  # pages that the indexes list
    requests: int  # of these, pages to fetch


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """What `backfill --dry-run` prints."""

    ways: tuple[WayPlan, ...]
    requests: int
    archived: int  # pages in the archive, extracted without a request
    seconds: float
    problems: tuple[str, ...]


def plan_of(indexes: list[Index], n_archived: int, delay_s: float, notes: Iterable[str] = ()) -> BackfillPlan:
    """Return the plan of a backfill whose indexes are read; `notes` say which were not."""
    n_indexes: Counter[str] = Counter(index.way.value for index in indexes)
    ways = tuple(
        WayPlan(
            way,
            n,
            sum(index.n_entries for index in indexes if index.way == way),
            sum(len(index.requests) for index in indexes if index.way == way),
        )
        for way, n in n_indexes.items()
    )
    n_requests = sum(len(index.requests) for index in indexes)
    problems = tuple(f"{index.url}: {index.reject.reason}" for index in indexes if index.reject)
    problems = (*problems, *notes)
    return BackfillPlan(ways, n_requests, n_archived, round(n_requests * delay_s, 1), problems)


def plan_sentences(plan: BackfillPlan, delay_s: float) -> list[str]:
    """Return the plan as lines for a person."""
    lines = [
        f"{way.way}: {plural(way.indexes, 'index page')} with {plural(way.named, 'link')}, "
        f"{way.requests:,} to fetch"
        for way in plan.ways
    ]
    lines += [f"! {problem}" for problem in plan.problems]
    lines.append(f"Already archived, extracted without a request: {plural(plan.archived, 'page')}")
    lines.append(
        f"To fetch: {plural(plan.requests, 'page')}, one every {delay_s:g} s: {plan.seconds / 60:.0f} min. "
        "A page whose index gives no date is fetched to learn its date."
    )
    return lines

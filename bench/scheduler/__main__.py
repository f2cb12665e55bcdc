"""Simulates days of scheduling: feeds, hosts, politeness, re-checks, machines. Prints what waits where.

python -m bench.scheduler [one-machine | million | rechecks]

A model, not a measurement. Assumed: the laws of news (log-normal rates by feed, a daily curve), of hosts
(Zipf) and of edits. Measured elsewhere and put in: CPU seconds of a page, a poll and a load. Steps of ten
minutes; a host serves one request at a time, and pages come before re-checks.
"""

import sys
import time
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.int64]

STEP_S = 600
STEPS_PER_DAY = 86_400 // STEP_S
POLL_BOUNDS_S = (600, 86_400)  # of the time between two polls of a feed: half its usual gap within them
REQUEST_S = 1.3  # a host's gap of 1 s and 0.3 s of service (assumed)
SERVICE_S = 0.3
PAGE_CPU_S, REQUEST_CPU_S, POLL_CPU_S = 0.042, 0.002, 0.003  # bench.pipeline, bench.feed_parse
CPU_SHARE = 0.85  # of the cores that extraction gets
EDITED_SHARE, EDIT_AGE_H = 0.2, 3.0  # articles that are edited once, and the mean age at that (assumed)
FOUND_SHARE = 0.05  # re-checks that find a changed page


class Rechecks(StrEnum):
    """What becomes of a re-check that has to wait."""

    EACH = "every age, however late"
    MERGED = "ages that have passed are merged"
    DROPPED = "merged, and dropped when twice its age"
    NEWEST = "merged, the youngest article first"


@dataclass(frozen=True)
class NewsLoad:
    """What is simulated."""

    name: str
    n_feeds: int
    n_hosts: int
    per_day: int  # articles
    cores: int = 2
    machines: int = 1
    slots: int = 64  # requests at the same time, by machine
    load_ms: float = 2.0  # of the one writer, by article
    zipf: float = 0.9  # how unequally feeds are spread over hosts; 1.1: platforms
    ages_h: tuple[float, ...] = (1, 6, 24)
    rechecks: Rechecks = Rechecks.MERGED
    days: float = 3.0


@dataclass
class SchedulerTotals:
    """What was counted."""

    polls: int = 0
    new: int = 0
    fetched: int = 0
    rechecks: int = 0
    dropped: int = 0
    loaded: float = 0.0
    cpu_s: float = 0.0
    worst_due_feeds: int = 0
    poll_lag_s: float = 0.0  # summed over new articles
    edit_lags_s: list[Array] = field(default_factory=list)


class SchedulerRun:
    """One case, step by step."""

    def __init__(self, case: NewsLoad, seed: int = 1) -> None:
        self.case, self.random, self.totals = case, np.random.default_rng(seed), SchedulerTotals()
        rates = self.random.lognormal(0, 1.8, case.n_feeds)
        self.rate_s = rates * case.per_day / rates.sum() / 86_400
        weights = 1 / np.arange(1, case.n_hosts + 1) ** case.zipf
        self.host = self.random.choice(case.n_hosts, case.n_feeds, p=weights / weights.sum())
        self.period_s = np.clip(0.5 / self.rate_s, *POLL_BOUNDS_S)
        self.due_s = self.random.random(case.n_feeds) * self.period_s
        self.polled_s = np.zeros(case.n_feeds)
        self.pages = np.zeros(case.n_hosts, np.int64)  # to fetch
        self.to_extract = self.to_load = 0.0
        size = int(case.per_day * case.days * 2)
        self.article_host = np.zeros(size, np.int32)
        self.born = np.zeros(size, np.int32)  # step
        self.edited = np.full(size, -1, np.int32)  # step of an edit that nobody has seen yet
        self.age_due = np.full(size, -1, np.int8)  # the latest age that is due and not checked
        self.n_articles = 0
        self.first_of_step: list[int] = []
        self.waiting = np.zeros(0, np.int64)  # articles with a re-check due, oldest first

    def run(self) -> None:
        """Run all days."""
        for step in range(int(self.case.days * STEPS_PER_DAY)):
            self.first_of_step.append(self.n_articles)
            budget = np.full(self.case.n_hosts, int(STEP_S / REQUEST_S))
            left = self._poll(step, budget, int(self.case.machines * self.case.slots * STEP_S / SERVICE_S))
            left = self._fetch(step, budget, left)
            self._recheck(step, budget, left)
            self._compute()

    def _poll(self, step: int, budget: Array, left: int) -> int:
        """Poll due feeds; half of a host's turns and of all slots stay for pages."""
        now_s = (step + 1) * STEP_S
        due = self.random.permutation(np.nonzero(self.due_s <= now_s)[0])
        chosen = due[_first_by_host(self.host[due], budget // 2)][: left // 2]
        self.totals.worst_due_feeds = max(self.totals.worst_due_feeds, len(due) - len(chosen))
        span_s = now_s - self.polled_s[chosen]
        curve = 1 + 0.6 * np.sin((step / STEPS_PER_DAY - 0.375) * 2 * np.pi)
        news = self.random.poisson(self.rate_s[chosen] * span_s * curve)
        np.add.at(self.pages, self.host[chosen], news)
        np.subtract.at(budget, self.host[chosen], 1)
        self.polled_s[chosen], self.due_s[chosen] = now_s, now_s + self.period_s[chosen]
        self.totals.polls += len(chosen)
        self.totals.new += int(news.sum())
        self.totals.poll_lag_s += float((news * span_s / 2).sum())
        self.totals.cpu_s += len(chosen) * POLL_CPU_S
        return left - len(chosen)

    def _fetch(self, step: int, budget: Array, left: int) -> int:
        """Fetch pages within the hosts' turns, the slots, and an hour of extraction ahead."""
        wanted = np.minimum(self.pages, budget)
        room = min(left, int(max(0.0, self._cpu_cap() * 6 / PAGE_CPU_S - self.to_extract)))
        if wanted.sum() > room:
            wanted = (wanted * (room / wanted.sum())).astype(np.int64)
        self.pages -= wanted
        budget -= wanted
        n = int(wanted.sum())
        new = slice(self.n_articles, self.n_articles + n)
        self.article_host[new] = np.repeat(np.arange(self.case.n_hosts), wanted)
        self.born[new] = step
        edits = self.random.random(n) < EDITED_SHARE
        ages = self.random.exponential(EDIT_AGE_H * 3600 / STEP_S, n).astype(np.int32) + 1
        self.edited[new] = np.where(edits, step + ages, -1)
        self.n_articles += n
        self.to_extract += n
        self.totals.fetched += n
        return left - n

    def _recheck(self, step: int, budget: Array, left: int) -> None:
        self._add_due(step)
        if self.case.rechecks is Rechecks.DROPPED:
            limits = np.array([2 * hours * 3600 / STEP_S for hours in self.case.ages_h])
            is_late = step - self.born[self.waiting] >= limits[self.age_due[self.waiting]]
            self.totals.dropped += int(is_late.sum())
            self.age_due[self.waiting[is_late]] = -1
            self.waiting = self.waiting[~is_late]
        if self.case.rechecks is Rechecks.NEWEST:
            self.waiting = self.waiting[np.argsort(-self.born[self.waiting], kind="stable")]
        is_chosen = _first_by_host(self.article_host[self.waiting], budget)
        is_chosen &= np.cumsum(is_chosen) <= left
        checked, self.waiting = self.waiting[is_chosen], self.waiting[~is_chosen]
        self.age_due[checked] = -1
        self.totals.rechecks += len(checked)
        self.totals.cpu_s += len(checked) * REQUEST_CPU_S
        self.to_extract += FOUND_SHARE * len(checked)
        seen = checked[(self.edited[checked] >= 0) & (self.edited[checked] <= step)]
        self.totals.edit_lags_s.append((step - self.edited[seen]).astype(np.int64) * STEP_S)
        self.edited[seen] = -1

    def _add_due(self, step: int) -> None:
        """Queue the articles that reach one of the ages in this step."""
        for number, hours in enumerate(self.case.ages_h):
            birth = step - int(hours * 3600 / STEP_S)
            if birth < 0:
                continue
            articles = np.arange(self.first_of_step[birth], self.first_of_step[birth + 1])
            is_new = self.age_due[articles] < 0
            self.age_due[articles] = number
            added = articles if self.case.rechecks is Rechecks.EACH else articles[is_new]
            self.waiting = np.concatenate([self.waiting, added])

    def _compute(self) -> None:
        extracted = min(self.to_extract, self._cpu_cap() / PAGE_CPU_S)
        self.to_extract -= extracted
        self.totals.cpu_s += extracted * PAGE_CPU_S
        self.to_load += extracted
        loaded = min(self.to_load, STEP_S * 1000 / self.case.load_ms)
        self.to_load -= loaded
        self.totals.loaded += loaded

    def _cpu_cap(self) -> float:
        return self.case.machines * self.case.cores * STEP_S * CPU_SHARE

    def print(self) -> None:
        """Print what was done a day, what waits at the end, and how late edits were seen."""
        case, totals = self.case, self.totals
        cpu = totals.cpu_s / (case.days * 86_400 * case.cores * case.machines)
        lags_h = np.concatenate(totals.edit_lags_s) / 3600
        happened = self.edited[: self.n_articles]
        n_open = int(((happened >= 0) & (happened < len(self.first_of_step))).sum())
        hot = self.pages > 3600 / REQUEST_S
        day = case.days
        print(
            f"{case.name}: {case.n_feeds:,} feeds, {case.n_hosts:,} hosts, "
            f"{case.machines} x {case.cores} cores\n"
            f"  a day: {totals.new / day:,.0f} new, {totals.fetched / day:,.0f} fetched, "
            f"{totals.loaded / day:,.0f} loaded, {totals.polls / day:,.0f} polls, "
            f"{totals.rechecks / day:,.0f} re-checks; CPU {cpu:.0%}\n"
            f"  at the end: {self.pages.sum():,} pages wait, {self.pages[hot].sum():,} of them at "
            f"{hot.sum()} hosts; {self.to_extract:,.0f} to extract, {self.to_load:,.0f} to load\n"
            f"  feeds due and not polled at worst {totals.worst_due_feeds:,}; "
            f"from news to poll {totals.poll_lag_s / max(1, totals.new) / 60:.0f} min\n"
            f"  re-checks ({case.rechecks}): {len(self.waiting):,} wait, "
            f"{totals.dropped / day:,.0f} a day dropped; edits seen {len(lags_h):,}, "
            f"within 6 h {(lags_h <= 6).sum():,}, "
            f"mean {lags_h.mean() if len(lags_h) else 0:.1f} h late, not seen yet {n_open:,}",
            flush=True,
        )


def _first_by_host(hosts: Array, budget: Array) -> npt.NDArray[np.bool_]:
    """Return which items are among the first of their host that its budget allows, in the order given."""
    order = np.argsort(hosts, kind="stable")
    ordered = hosts[order]
    starts = np.r_[0, np.nonzero(np.diff(ordered))[0] + 1] if len(ordered) else np.zeros(0, np.int64)
    rank = np.arange(len(ordered)) - np.repeat(starts, np.diff(np.r_[starts, len(ordered)]))
    chosen = np.zeros(len(hosts), np.bool_)
    chosen[order] = rank < budget[ordered]
    return chosen


SOURCES_10K = NewsLoad("10,000 sources", 25_000, 10_000, 200_000)
MILLION = NewsLoad("a million feeds", 1_000_000, 300_000, 2_000_000, days=1.5)
HOT = replace(SOURCES_10K, name="10,000 sources, platforms", n_hosts=3_000, zipf=1.1, per_day=1_000_000)

SETS = {
    "one-machine": (
        SOURCES_10K,
        replace(SOURCES_10K, name="10,000 sources, much news", per_day=1_000_000),
        replace(SOURCES_10K, name="the same, 16 cores", per_day=1_000_000, cores=16),
        replace(SOURCES_10K, name="10,000 sources, 16 slots", per_day=1_000_000, slots=16),
    ),
    "million": (
        MILLION,
        replace(MILLION, name="a million feeds, 16 slots", slots=16),
        replace(MILLION, name="a million feeds, 16 cores", cores=16),
        replace(MILLION, name="a million feeds, 10 machines, 3 M a day", per_day=3_000_000, machines=10),
        replace(
            MILLION,
            name="the same, a lake whose files are never merged: 30 ms an article",
            per_day=3_000_000,
            machines=10,
            cores=16,
            load_ms=30.0,
        ),
    ),
    "rechecks": tuple(
        replace(case, rechecks=kind, days=4.0) for case in (SOURCES_10K, HOT) for kind in Rechecks
    ),
}


def main() -> None:
    """Simulate the cases named on the command line, or all."""
    for name in sys.argv[1:] or SETS:
        for case in SETS[name]:
            begun = time.process_time()
            simulation = SchedulerRun(case)
            simulation.run()
            simulation.print()
            print(f"  ({time.process_time() - begun:.0f} s of CPU)\n", flush=True)


if __name__ == "__main__":
    main()

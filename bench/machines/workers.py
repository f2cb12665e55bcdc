"""Two workers on a cluster: one of them killed in the middle of a run, and both beside one alone."""

import hashlib
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.newsroom.site import paragraph
from tests.support.cluster.object_store import KEYS, running_object_store
from tests.support.cluster.postgres import running_postgres
from tests.support.cluster.two_machines import (
    LEASE_S,
    TwoMachines,
    kill_worker_in_the_middle,
    running_machines,
)
from tests.support.many_hosts import ManyHosts

N_HOSTS, N_PAGES = 40, 10
N_LONG_PAGES = 50  # of a host, when the speed is measured
# Requests of a worker at the same time and seconds of an answer: limited by the processor, by the requests.
CASES = ((64, 0.05), (4, 0.4))
# All that follows from the pages alone: not when they were fetched.
VIEW_ROWS = (
    """
    select
        article_id, url, source, title, authors, language, published_at, published_on, word_count, story_id,
        is_representative, n_copies, n_revisions, final_url, canonical_url, extractor
    from articles
    """,
    "select article_id, body, lead from texts",
    "select story_id, title, url, n_articles, n_sources, likely_origin from stories",
    "select article_id, field, value, origin, chosen from origins",
    "select article_id, revision_no, change, title from revisions",
    "select source, url, step, error_class from rejects",
)


@contextmanager
def cluster(folder: Path, site: ManyHosts, n_shards: int) -> Iterator[TwoMachines]:
    """Start PostgreSQL, an S3 server, a Prefect server and create a cluster on them."""
    os.environ |= KEYS
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres())
        objects = stack.enter_context(running_object_store(folder / "s3"))
        objects.make_bucket("bench-machines")
        yield stack.enter_context(
            running_machines(folder, postgres, objects, "bench-machines", site, n_shards)
        )


def kill_bar(folder: Path) -> bool:
    """Kill one of two workers with its run after the first load; say whether all pages came, each once."""
    with (
        ManyHosts(N_HOSTS, N_PAGES, slow_from=3) as site,
        cluster(folder, site, n_shards=2) as machines,
    ):
        outcome = kill_worker_in_the_middle(machines)
    n_expected = N_HOSTS * N_PAGES
    n_doubled = sum(n - 1 for n in Counter(outcome.urls).values())
    is_met = (
        len(outcome.urls) + outcome.n_rejects == n_expected
        and not n_doubled
        and outcome.n_killed >= 2
        and outcome.n_before < n_expected
        and outcome.states == ["COMPLETED"] * 3
        and min(outcome.gaps_s) >= 0.99
    )
    print(
        f"workers: {N_HOSTS} hosts with {n_expected} pages: {outcome.n_killed} processes killed at "
        f"{outcome.n_before} articles; {len(outcome.urls)} articles and {outcome.n_rejects} rejects, "
        f"{n_doubled} doubled; gaps of the hosts {min(outcome.gaps_s):.2f} to {max(outcome.gaps_s):.1f} s "
        f"(lease {LEASE_S} s)",
        flush=True,
    )
    return is_met


@dataclass(frozen=True, slots=True)
class _Speed:
    """How long the workers took for all pages, and what they stored."""

    seconds: float
    n_articles: int
    gap_s: float  # the shortest of a host
    row_hash: str


class _NewsHosts(ManyHosts):
    """Hosts whose articles have texts of their own; at most `n_threads` are requested by a run at a time."""

    def __init__(self, n_threads: int, latency_s: float) -> None:
        super().__init__(N_HOSTS, N_LONG_PAGES, delay_s=0.0, latency_s=latency_s, text_of=_own_text)
        self._n_threads = n_threads

    def sources_toml(self) -> str:
        return f"[fetch]\nthreads = {self._n_threads}\n{super().sources_toml()}"


def _own_text(host: str, number: int) -> list[str]:
    chance = random.Random(f"{host}/{number}")
    return [paragraph(chance) for _ in range(8)]


def two_workers_bar(folder: Path) -> bool:
    """Fetch the same pages by one worker and by two; say whether the views are equal."""
    is_met = True
    for n_threads, latency_s in CASES:
        with _NewsHosts(n_threads, latency_s) as site:
            one, two = (_fetch_all(folder / f"{n_threads}-{n}", site, n) for n in (1, 2))
        n_expected = N_HOSTS * N_LONG_PAGES
        is_met &= one.row_hash == two.row_hash and one.n_articles == two.n_articles == n_expected
        print(
            f"two-workers: {n_expected:,} pages of {N_HOSTS} hosts, {latency_s} s an answer, {n_threads} "
            f"requests at the same time for each worker: one worker {one.seconds:.0f} s, two "
            f"{two.seconds:.0f} s ({one.seconds / two.seconds:.2f} times as fast); {one.n_articles:,} and "
            f"{two.n_articles:,} articles, hash of the views {one.row_hash[:12]} and {two.row_hash[:12]}; "
            f"shortest gap of a host {one.gap_s:.2f} and {two.gap_s:.2f} s",
            flush=True,
        )
    return is_met


def _fetch_all(folder: Path, site: ManyHosts, n_workers: int) -> _Speed:
    """Run a shard on each worker; the seconds are those from the first request to the end of the last run."""
    folder.mkdir()
    site.visits.clear()
    with cluster(folder, site, n_shards=n_workers) as machines, ExitStack() as stack:
        for n in range(n_workers):
            stack.enter_context(machines.worker(f"worker-{n}", str(n)))
        started = [machines.start(shard) for shard in range(n_workers)]
        states = [machines.wait(run) for run in started]
        assert {state["type"] for state in states} == {"COMPLETED"}, states
        seconds = time.monotonic() - min(visit.begun for visit in site.visits)
        rows = [sorted(map(repr, machines.query(query))) for query in VIEW_ROWS]
    row_hash = hashlib.sha256(repr(rows).encode()).hexdigest()
    return _Speed(seconds, len(rows[0]), min(site.gaps()), row_hash)

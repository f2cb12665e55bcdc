"""Two workers on a cluster, one of them killed in the middle of a run."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.many_hosts import ManyHosts
from tests.support.object_store import KEYS, running_object_store
from tests.support.postgres import running_postgres
from tests.support.two_machines import LEASE_S, TwoMachines, kill_worker_in_the_middle, running_machines

N_HOSTS, N_PAGES = 40, 10


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

"""Two workers on lake, objects and leases, and two Prefect servers with Redis: one of each is killed.

`python -m bench.machines workers` kills a worker of 40 hosts.
"""

from collections import Counter
from contextlib import contextmanager

from tests.support.cluster.two_machines import kill_worker_in_the_middle, running_machines
from tests.support.cluster.two_servers import running_redis, two_prefect_servers
from tests.support.many_hosts import ManyHosts

N_HOSTS, N_PAGES, SLOW_FROM = 6, 7, 3


def test_a_killed_worker_and_a_killed_server_lose_and_double_nothing(
    tmp_path, postgres, object_store, bucket
):
    processes = []

    @contextmanager
    def servers(folder, database):
        with running_redis(folder) as redis, two_prefect_servers(folder, database, redis) as (env, started):
            processes.extend(started)
            yield env

    with (
        ManyHosts(N_HOSTS, N_PAGES, SLOW_FROM) as site,
        running_machines(tmp_path, postgres, object_store, bucket, site, servers=servers) as machines,
    ):
        outcome = kill_worker_in_the_middle(machines, in_the_middle=processes[0].kill)
    n_expected = N_HOSTS * N_PAGES
    assert outcome.n_killed >= 2, "the run was not under way"
    assert 0 in outcome.shards
    assert outcome.n_before < n_expected, "nothing was left to do after the kill"
    assert outcome.states == ["COMPLETED"] * 3
    assert len(outcome.urls) + outcome.n_rejects == n_expected
    assert max(Counter(outcome.urls).values()) == 1
    assert outcome.n_shards == 2, "both shards had work"
    assert len(outcome.gaps_s) > n_expected
    assert min(outcome.gaps_s) >= 1.0 - 0.01

"""The deployments of a cluster: one `ingest` for each shard, with its own work queue and time."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from tasks.errors import UsageError
from tasks.shards import parse_numbers
from warehouse.cluster.settings import Cluster

UPKEEP_QUEUE = "upkeep"  # of what is not `ingest`
_INGEST = "flows.ingest.ingest"
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # any fixed instant: intervals are counted from it


def shard_queue(number: int) -> str:
    """Return the name of a shard's work queue and deployment."""
    return f"shard-{number}"


def count_shards(cluster: Cluster | None) -> int:
    """Return how many deployments `ingest` has; 0: one without a shard."""
    return cluster.shards.n if cluster is not None and cluster.pace is not None else 0


def worker_queues(cluster: Cluster | None, shards: str | None, *, upkeep: bool) -> list[str]:
    """Return the work queues of a worker of some shards, such as "0-7"; empty for all queues.

    Raises UsageError for shards that do not exist.
    """
    n_shards = count_shards(cluster)
    if shards is not None and not n_shards:
        raise UsageError("--shards needs a cluster.toml with [pace]. Without one, leave the option out.")
    if not n_shards or (shards is None and not upkeep):
        return []
    numbers = parse_numbers(shards, n_shards) if shards else ()
    return [shard_queue(number) for number in numbers] + ([UPKEEP_QUEUE] if upkeep else [])


def with_shards(document: dict[str, Any], n: int) -> dict[str, Any]:
    """Return a document of deployments with one `ingest` for each shard, staggered over its interval.

    Other deployments use another queue. The environment of all names `cluster.toml`.
    """
    deployments: list[dict[str, Any]] = []
    for deployment in document["deployments"]:
        if deployment.get("entrypoint") == _INGEST:
            deployments += [_of_shard(deployment, number, n) for number in range(n)]
        else:
            deployments.append(_in_queue(deployment, UPKEEP_QUEUE))
    kept = {key: value for key, value in document.items() if key != "definitions"}
    return {**kept, "deployments": deployments}


def find_stale(names: Iterable[str], n: int) -> list[str]:
    """Return the names of deployments of `ingest` that n shards do not have; 0 means no cluster."""
    current = {shard_queue(number) for number in range(n)} if n else {"ingest"}
    return [name for name in names if name not in current and (name == "ingest" or name.startswith("shard-"))]


def _of_shard(deployment: dict[str, Any], number: int, n: int) -> dict[str, Any]:
    own = _in_queue(deployment, shard_queue(number))
    # The lock of the shard replaces Prefect's limit, which holds a shard back for minutes after a kill.
    own.pop("concurrency_limit", None)
    own["name"] = shard_queue(number)
    own["parameters"] = {**(deployment.get("parameters") or {}), "shard": f"{number}/{n}"}
    own["schedules"] = [_staggered(schedule, number, n) for schedule in deployment.get("schedules") or ()]
    return own


def _in_queue(deployment: dict[str, Any], queue: str) -> dict[str, Any]:
    pool = dict(deployment.get("work_pool") or {})
    variables = dict(pool.get("job_variables") or {})
    variables["env"] = {**(variables.get("env") or {}), "WIREHOUSE_CLUSTER": "{{ $WIREHOUSE_CLUSTER }}"}
    return {**deployment, "work_pool": {**pool, "work_queue_name": queue, "job_variables": variables}}


def _staggered(schedule: dict[str, Any], number: int, n: int) -> dict[str, Any]:
    """Return an interval with its own start; a cron expression stays as it is."""
    interval = schedule.get("interval")
    if interval is None:
        return schedule
    anchor = _EPOCH + timedelta(seconds=float(interval) * number / n)
    return {**schedule, "anchor_date": anchor.isoformat()}

"""Where `cluster.toml` is. Without one, wirehouse runs on one machine and imports nothing for more."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.cluster.settings import Cluster, LeaseSettings


VARIABLE = "WIREHOUSE_CLUSTER"


def find_cluster_file() -> Path | None:
    """Return the path of `cluster.toml`: WIREHOUSE_CLUSTER, else the one beside the source list, if any."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser().absolute()
    beside = Path(os.environ.get("WIREHOUSE_CONFIG") or "sources.toml").expanduser().with_name("cluster.toml")
    return beside.absolute() if beside.is_file() else None


def find_cluster() -> "Cluster | None":
    """Return the settings of the cluster; None on one machine. Raises ClusterError."""
    file = find_cluster_file()
    if file is None:
        return None
    from warehouse.cluster.settings import read_cluster  # pydantic is slow to import

    return read_cluster(file)


def find_leases() -> "LeaseSettings | None":
    """Return where the leases of hosts are kept; None with lock files instead. Raises ClusterError."""
    cluster = find_cluster()
    return cluster.pace if cluster is not None else None

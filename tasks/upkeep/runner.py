"""Which machines a re-extraction or a rebuild runs on, by `cluster.toml`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.upkeep.steps import BatchRunner
from warehouse.store.connection import Home


@contextmanager
def open_runner(home: Home, config: Path) -> Iterator[BatchRunner | None]:
    """Yield the runner of batches on other machines; None for this one. Raises WorkersUnavailable."""
    cluster = home.cluster
    if cluster is None or cluster.runner.kind != "dask" or cluster.runner.address is None:
        yield None
        return
    from tasks.upkeep.dask_runner import DaskRunner, WorkPlace

    place = WorkPlace(str(home.root), str(config), str(cluster.file))
    with DaskRunner(cluster.runner.address, place) as runner:
        yield runner

"""Check what is around the rows of a lake: its small files and old states, and a `forget` left half-way."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from warehouse.inspection.doctor import Finding, Level
from warehouse.store.home import Home
from warehouse.store.lake.catalog import catalog_connection
from warehouse.store.lake.upkeep import read_size

MANY_FILES = 2_000  # each load adds about ten; a query opens all of a table's
LATE = timedelta(days=2)  # beyond expire_after_h


def check_lake(home: Home, now: datetime) -> Iterator[Finding]:
    """Check the lake's files and states. Raises LakeUnreachable."""
    assert home.cluster is not None
    with catalog_connection(home.cluster, "doctor", is_reader=True) as catalog:
        size = read_size(catalog)
    sentence = (
        f"The lake has {size.n_files:,} files ({size.n_small_files:,} under 1 MB) with "
        f"{size.n_bytes / 2**20:,.0f} MB, and {size.n_states:,} states."
    )
    is_late = size.oldest_at is not None and now - size.oldest_at > LATE + timedelta(
        hours=home.cluster.upkeep.expire_after_h
    )
    if is_late or size.n_small_files > MANY_FILES:
        advice = " wirehouse maintain merges files and expires old states."
        yield Finding("lake", Level.WARNING, sentence + advice)
    else:
        yield Finding("lake", Level.OK, sentence)
    if home.forgetting_file.exists():
        sentence = "A wirehouse forget was killed half-way. --fix or the next upkeep finishes it."
        yield Finding("files", Level.WARNING, sentence, "forget")

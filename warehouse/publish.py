"""Publish: search index, leads and listing brought up to date, then a copy of the store becomes the snapshot.

After the last load of a run. Readers keep the old snapshot or get the new one, never a part of one.
"""

from datetime import UTC, datetime

from warehouse.search.index import BATCH_DOCUMENTS, index_some
from warehouse.search.leads import refresh_leads
from warehouse.search.listing import refresh_listing
from warehouse.store.connection import open_locked
from warehouse.store.home import Home
from warehouse.store.lock import writer_lock
from warehouse.store.snapshot import copy_store, is_due, publisher_lock, swap_in
from warehouse.store.transaction import transaction


def publish_snapshot(home: Home, *, min_interval_s: float = 0) -> bool:
    """Replace the snapshot by a copy of the store; return False when it is current or younger than that.

    New articles are indexed for search first, one batch per writer's session, so that other writers are not
    held up for long.
    """
    if not home.state_file.exists() or not is_due(home, min_interval_s, datetime.now(UTC)):
        return False
    with publisher_lock(home, wait_s=60):
        if not is_due(home, min_interval_s, datetime.now(UTC)):
            return False
        while True:
            with writer_lock(home, "publishing the snapshot", wait_s=60):
                # Opened in any case: a killed writer may have left a log, and a copy would lack its rows.
                with open_locked(home) as con, transaction(con):
                    n_indexed = index_some(con)
                    if n_indexed < BATCH_DOCUMENTS:
                        refresh_leads(con)
                        refresh_listing(con)
                if n_indexed < BATCH_DOCUMENTS:
                    partial, note = copy_store(home)
                    break
        swap_in(home, partial, note)
    return True

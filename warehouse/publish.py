"""Publish: search index, leads and listing brought up to date, then readers see what was loaded.

After the last load of a run; a long run indexes batches of articles before. Readers keep the old state or get
the new one, never a part of one.
"""

import duckdb

from warehouse.search.index import index_some, merge_segments
from warehouse.search.leads import refresh_leads
from warehouse.search.listing import refresh_listing
from warehouse.store.backend import store_of
from warehouse.store.connection import write
from warehouse.store.home import Home


def publish_snapshot(home: Home, *, min_interval_s: float = 0) -> bool:
    """Let readers see what was loaded; return False when they do, or did less than `min_interval_s` ago.

    New articles are indexed for search first, one batch per writer's session, so that other writers are not
    held up for long.
    """
    return store_of(home).publish(_refresh, min_interval_s)


def index_batch(home: Home) -> int:
    """Index a batch of articles that were loaded, and return how many; publishing then has so many less.

    Segments are merged by a publication, after the workers of a run have ended: merging needs as much memory.
    """
    return write(home, index_some, owner="indexing new articles").n


def _refresh(con: duckdb.DuckDBPyConnection) -> bool:
    if merge_segments(con) or not index_some(con).is_all:
        return False
    refresh_leads(con)
    refresh_listing(con)
    return True

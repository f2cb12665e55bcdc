"""Articles whose page answered 404 or 410: marked as gone, but kept."""

import duckdb
import pyarrow as pa

from warehouse.records.outcome import Batch
from warehouse.store.arrow import registered
from warehouse.store.staging import AT

# The article stored under the URL itself comes before the one that it redirected to later: that one has a
# URL of its own, which may well be there.
_GONE = """
update core.article as a
set
    gone_at = g.gone_at,
    load_id = $load_id
from (
    select coalesce(o.article_id, x.article_id) as article_id, min(s.gone_at) as gone_at
    from stage_gone as s
    left join {known} as o on o.article_id = cast(left(sha256(s.url_key), 32) as uuid)
    left join core.url_alias as x on x.url_key = s.url_key
    group by 1
) as g
where a.article_id = g.article_id and a.gone_at is null and g.gone_at > a.fetched_at
"""


def load_gone(con: duckdb.DuckDBPyConnection, batch: Batch, load_id: str, known: str) -> int:
    """Mark the articles whose page is gone; return how many were newly marked.

    `known` is the temporary table with the ids of those that are stored.
    """
    if not batch.gone:
        return 0
    asked = {fetch.url_key: fetch.started_at for fetch in batch.fetches}
    rows = [(request.url_key, asked[request.url_key]) for request in batch.gone if request.url_key in asked]
    table = pa.table(
        [pa.array([key for key, _ in rows], pa.string()), pa.array([at for _, at in rows], AT)],
        names=["url_key", "gone_at"],
    )
    with registered(con, stage_gone=table):
        changed = con.execute(_GONE.format(known=known), {"load_id": load_id}).fetchall()
    return int(changed[0][0])

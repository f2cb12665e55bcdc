"""Whether saved searches have anything to note or to send.

Asked before each run, so it imports little.
"""

from collections.abc import Sequence
from datetime import datetime

import duckdb


def find_cursors(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Return the last load that each saved search has looked at, by the search's name."""
    return dict(con.execute("select search, load_id from core.search_cursor").fetchall())


def is_alert_due(con: duckdb.DuckDBPyConnection, names: Sequence[str], now: datetime) -> bool:
    """Say whether one of these searches has not seen the last load, or a message is to be sent now."""
    values = {"names": names, "now": now, "search": None}
    return bool(con.execute(_IS_ALERT_DUE, values).fetchall()[0][0])


IS_DUE = """
sent_at is null
and (
    search = $search
    or $search is null and due_at <= $now and (next_try_at is null or next_try_at <= $now)
)
"""

_IS_ALERT_DUE = f"""
select
    exists (select 1 from core.alert where {IS_DUE})
    or exists (
        select 1
        from (select unnest($names::text[]) as search) as n
        left join core.search_cursor as c using (search)
        where coalesce(c.load_id, '') < (select max(load_id) from core.load)
    )
"""

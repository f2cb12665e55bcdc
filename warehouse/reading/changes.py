"""What has changed since a cursor: new and edited articles in the order of their loads."""

from dataclasses import dataclass
from datetime import date, datetime

import duckdb

from warehouse.reading.rows import fetch_as


@dataclass(frozen=True, slots=True)
class Change:
    """An article as its latest load left it."""

    load_id: str
    article_id: str
    url: str
    title: str
    source: str
    language: str | None
    published_at: datetime | None
    published_on: date | None
    first_seen_at: datetime
    n_revisions: int
    loaded_at: datetime

    @property
    def place(self) -> str:
        """Return the cursor that continues after this row."""
        return f"{self.load_id} {self.article_id}"


def find_changes(con: duckdb.DuckDBPyConnection, after: str, limit: int) -> tuple[Change, ...]:
    """Return articles whose latest load is later than `after`; one that changes again comes again."""
    return fetch_as(con, Change, _CHANGES, {"after": after, "limit": limit})


_CHANGES = """
select
    a.load_id,
    a.article_id,
    a.url,
    a.title,
    a.source,
    a.language,
    a.published_at,
    a.published_on,
    a.first_seen_at,
    a.n_revisions,
    l.loaded_at
from core.article as a
join core.load as l using (load_id)
where
    a.load_id >= split_part($after, ' ', 1)
    and a.load_id || ' ' || a.article_id > $after
order by a.load_id, a.article_id
limit $limit
"""

"""Which rows of an imported file are stored already; asked before they are archived and loaded."""

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from warehouse.store.arrow import registered

Version = tuple[str, str, str, str | None]  # article_id, content_sha256, title, published_raw


def find_known_versions(con: duckdb.DuckDBPyConnection, versions: Iterable[Version]) -> set[Version]:
    """Return those of the versions that are stored with the same printed date."""
    columns = list(zip(*versions, strict=True))
    if not columns:
        return set()
    names = ("article_id", "content_sha256", "title", "published_raw")
    table = pa.table({name: pa.array(list(c), pa.string()) for name, c in zip(names, columns, strict=True)})
    with registered(con, some_version=table):
        return {tuple(row) for row in con.execute(_KNOWN).fetchall()}


_KNOWN = """
select v.article_id, v.content_sha256, v.title, v.published_raw
from some_version as v
join core.revision as r
    on r.article_id = cast(v.article_id as uuid) and r.content_sha256 = v.content_sha256 and r.title = v.title
join core.article as a
    on a.article_id = r.article_id
    and a.seen_on = r.seen_on
    and a.published_raw is not distinct from v.published_raw
"""

"""Origins of each field of the current page, the links in its body, and aliases of its URL key."""

import duckdb
import pyarrow as pa

from warehouse.batch_tables import BATCH
from warehouse.store.arrow import registered


def delete_replaced(con: duckdb.DuckDBPyConnection) -> None:
    """Delete origins and links of the stored articles whose current page is in this batch."""
    con.execute(_DELETE_ORIGINS)
    con.execute(_DELETE_LINKS)


def load_origins(con: duckdb.DuckDBPyConnection, origins: pa.Table) -> None:
    """Add the origins of the articles whose current page is in this batch."""
    with registered(con, stage_origin=origins):
        con.execute(_INSERT_ORIGINS)


def load_links(con: duckdb.DuckDBPyConnection, links: pa.Table) -> None:
    """Add the links of the articles whose current page is in this batch."""
    with registered(con, stage_link=links):
        con.execute(_INSERT_LINKS)


def load_aliases(con: duckdb.DuckDBPyConnection) -> None:
    """Store the URL keys of pages whose article has another key (redirect or canonical URL)."""
    con.execute(_INSERT_ALIASES)


_DELETE_ORIGINS = f"""
delete from core.field_origin as o
using {BATCH.final} as a
where
    o.article_id = a.article_id
    and o.seen_on = a.seen_on
    and a.is_stored
    and a.item_no is not null
"""

_DELETE_LINKS = f"""
delete from core.article_link
where article_id in (select article_id from {BATCH.final} where is_stored and item_no is not null)
"""

_INSERT_ORIGINS = f"""
insert into core.field_origin (article_id, field, value, origin, evidence, chosen, seen_on)
select
    a.article_id,
    s.field,
    case when s.field = 'title' and s.value = a.title then '' else s.value end as value,
    s.origin,
    s.evidence,
    s.chosen,
    a.seen_on
from stage_origin as s
join {BATCH.final} as a using (item_no)
"""

_INSERT_LINKS = f"""
insert into core.article_link (article_id, position, kind, url, text)
select a.article_id, s.position, s.kind, s.url, s.text
from stage_link as s
join {BATCH.final} as a using (item_no)
"""

_INSERT_ALIASES = f"""
insert into core.url_alias (url_key, alias_id, article_id, reason, added_at)
select
    i.page_key,
    cast(left(sha256(i.page_key), 32) as uuid),
    min(i.article_id),
    min(case when i.final_url is distinct from i.url then 'redirect' else 'canonical' end),
    min(i.fetched_at)
from {BATCH.incoming} as i
anti join core.url_alias as x on x.url_key = i.page_key
where i.page_key <> i.url_key
group by i.page_key
"""

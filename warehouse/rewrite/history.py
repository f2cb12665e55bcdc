"""Replace articles by what today's rules make of the same pages, and keep their old rows.

Called inside one transaction, around `load_batch`: `begin_replacing` copies and deletes the rows of a family
of articles, the batch is loaded as if its pages were new, `finish_replacing` finds the differences and
writes the old rows to core.superseded. The result is exactly what the pages would have given, had today's
rules read them from the start.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from warehouse.batch_tables import BATCH
from warehouse.pages.stored_pages import PageFamily
from warehouse.records.outcome import Counts
from warehouse.store.arrow import registered
from warehouse.store.columns import column_names
from warehouse.store.days import settle_days

# Tables whose rows come from pages, each with the condition for the rows of a family (history_id,
# history_key).
_FAMILY_ROWS = {
    "article": "article_id in (select article_id from history_id)",
    "article_text": "article_id in (select article_id from history_id)",
    "revision": "article_id in (select article_id from history_id)",
    "field_origin": "article_id in (select article_id from history_id)",
    "article_link": "article_id in (select article_id from history_id)",
    "url_alias": "article_id in (select article_id from history_id) and reason <> 'key_version'",
    "reject": "step = 'extract' and url_key in (select url_key from history_key)",
}
# Columns that may differ without a change of the article.
_IGNORED = {"load_id", "extractor", "cleaned_body", "added_at", "seen_on"}
REJECT_ID = "cast(left(sha256(url_key), 32) as uuid)"


@dataclass(frozen=True, slots=True)
class Replaced:
    """What today's rules changed in one batch."""

    n_added: int
    n_removed: int
    n_replaced: int
    changed_ids: list[str]  # articles that are stored and differ
    unlinked_ids: list[str]  # articles that are gone or have another day; the caller unlinks them


def begin_replacing(con: duckdb.DuckDBPyConnection, family: PageFamily) -> None:
    """Move the rows that the family's pages gave into temporary tables."""
    _name_family(con, family.article_ids, family.url_keys)
    for table, condition in _FAMILY_ROWS.items():
        names = ", ".join(column_names(con, table))
        rows = f"select {names} from core.{table} where {condition}"
        con.execute(f"create or replace temp table before_{table} as {rows}")
        con.execute(f"delete from core.{table} where {condition}")


def finish_replacing(
    con: duckdb.DuckDBPyConnection, run_id: str, load_id: str, article_ids: Sequence[str]
) -> Replaced:
    """Copy to the new rows what no page holds, and keep the old rows of articles that differ.

    `article_ids` are the articles of the load, whose temporary tables are read.
    """
    con.register("loaded_id", pa.table({"article_id": pa.array(article_ids, pa.string())}))
    con.execute("insert into history_id select cast(article_id as uuid) from loaded_id")
    con.unregister("loaded_id")
    for statement in (_KEEP_KNOWN, _KEEP_REJECTS, _RESOLVE):
        con.execute(statement)
    settle_days(con, "history_id")
    _find_changes(con)
    for table in ("article", "revision"):
        con.execute(_KEEP_LOAD_IDS[table])
    con.execute(_superseded(con), {"run_id": run_id, "load_id": load_id})
    return _replaced(con)


def note_replaced(con: duckdb.DuckDBPyConnection, load_id: str, counts: Counts) -> None:
    """Record for a load what it changed, instead of what it loaded."""
    con.execute(
        "update core.load set n_new = ?, n_revised = ?, n_unchanged = ?, n_rejects = ? where load_id = ?",
        [counts.n_new, counts.n_revised, counts.n_unchanged, counts.n_rejects, load_id],
    )


def _name_family(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str], keys: Sequence[str]) -> None:
    ids = pa.table({"article_id": pa.array(article_ids, pa.string())})
    with registered(con, some_id_text=ids, some_key=pa.table({"url_key": pa.array(keys, pa.string())})):
        con.execute(
            "create or replace temp table history_id as"
            " select cast(article_id as uuid) as article_id from some_id_text"
        )
        con.execute("create or replace temp table history_key as select url_key from some_key")


def _find_changes(con: duckdb.DuckDBPyConnection) -> None:
    """Fill `history_change`: one row for each article and part of it that differs."""
    con.execute("create or replace temp table history_change (article_id uuid, part text)")
    for table, condition in _FAMILY_ROWS.items():
        columns = [name for name in column_names(con, table) if name not in _IGNORED]
        names = ", ".join(columns)
        rows_after = f"select {names} from core.{table} where {condition}"
        key = REJECT_ID if table == "reject" else "article_id"
        con.execute(
            f"""
            create or replace temp table history_difference as
            select distinct {key} as article_id
            from (
                (select {names} from before_{table} except all {rows_after})
                union all
                ({rows_after} except all select {names} from before_{table})
            )
            """
        )
        con.execute(_column_changes(columns) if table == "article" else _TABLE_CHANGE, {"part": _part(table)})


def _part(table: str) -> str:
    return "body" if table == "article_text" else table


_TABLE_CHANGE = """
insert into history_change
select article_id, $part
from history_difference
"""


def _column_changes(columns: Sequence[str]) -> str:
    cases = ", ".join(f"case when a.{name} is distinct from b.{name} then '{name}' end" for name in columns)
    return f"""
    insert into history_change
    select
        article_id,
        unnest(
            case
                when a.article_id is null or b.article_id is null then [$part]
                else list_filter([{cases}], lambda name: name is not null)
            end
        )
    from history_difference as d
    left join core.article as a using (article_id)
    left join before_article as b using (article_id)
    """


# What no page holds: when a feed first showed the article, the URL in the feed, when its page was last
# requested, whether it was gone, and the current name of its source.
_KEEP_KNOWN = """
update core.article as a
set
    url = least(a.url, b.url),
    source = b.source,
    first_seen_at = least(a.first_seen_at, b.first_seen_at),
    checked_at = greatest(a.checked_at, b.checked_at),
    gone_at = case when b.gone_at > a.fetched_at then b.gone_at end
from before_article as b
where a.article_id = b.article_id
"""

_KEEP_REJECTS = """
update core.reject as r
set
    next_try_at = coalesce(r.next_try_at, b.next_try_at),
    resolved_at = b.resolved_at
from before_reject as b
where r.reject_id = b.reject_id and r.last_at = b.last_at
"""

# All pages of an item are in one batch here: a reject is resolved by the first article after it.
_RESOLVE = f"""
update core.reject as r
set resolved_at = coalesce(
    (
        select min(i.fetched_at)
        from {BATCH.incoming} as i
        where i.page_key = r.url_key and i.fetched_at >= r.last_at - interval '1 hour'
    ),
    r.resolved_at
)
where
    r.step = 'extract'
    and r.url_key in (select url_key from history_key)
    and exists (select 1 from {BATCH.incoming} as i where i.page_key = r.url_key)
"""

_KEEP_LOAD_IDS = {
    "article": """
    update core.article as a
    set load_id = b.load_id
    from before_article as b
    where a.article_id = b.article_id and a.article_id not in (select article_id from history_change)
    """,
    "revision": """
    update core.revision as r
    set load_id = b.load_id
    from before_revision as b
    where r.article_id = b.article_id and r.content_sha256 = b.content_sha256 and r.title = b.title
    """,
}


def row_hash(con: duckdb.DuckDBPyConnection, alias: str) -> str:
    """Return the SQL expression of a hash by which an article's row is recognised as unchanged."""
    ignored = {
        "checked_at",
        "archive_file",
        "archive_offset",
        "archive_length",
        "seen_on",
    }  # pages may move within the archive; the day follows from first_seen_at
    names = [name for name in column_names(con, "article") if name not in ignored]
    return f"sha256(to_json(struct_pack({', '.join(f'{n} := {alias}.{n}' for n in names)}))::text)"


def _superseded(con: duckdb.DuckDBPyConnection) -> str:
    tables = [table for table in _FAMILY_ROWS if table != "article_text"]
    lists = "\n".join(
        f"""
        left join (
            select {REJECT_ID if table == "reject" else "b.article_id"} as article_id,
                json_group_array(to_json(b)) as rows
            from before_{table} as b
            group by 1
        ) as rows_{table} using (article_id)"""
        for table in tables
    )
    return f"""
    insert into core.superseded (
        run_id, load_id, article_id, superseded_at, change, parts, source, url, title,
        published_at, published_on, body, extractor, row_after, rows_before
    )
    select
        $run_id, $load_id, c.article_id, now(),
        case
            when b.article_id is null and a.article_id is not null then 'added'
            when b.article_id is not null and a.article_id is null then 'removed'
            else 'replaced'
        end,
        c.parts, b.source, b.url, b.title, b.published_at, b.published_on, t.body, b.extractor,
        case when a.article_id is not null then {row_hash(con, "a")} end,
        json_object({", ".join(f"'{table}', coalesce(rows_{table}.rows, json_array())" for table in tables)})
    from (
        select article_id, list(distinct part order by part) as parts
        from history_change
        group by article_id
    ) as c
    left join core.article as a using (article_id)
    left join before_article as b using (article_id)
    left join before_article_text as t using (article_id)
    {lists}
    """


def _replaced(con: duckdb.DuckDBPyConnection) -> Replaced:
    rows = con.execute(_OUTCOME).fetchall()
    kinds = [kind for _, kind, _ in rows]
    return Replaced(
        n_added=kinds.count("added"),
        n_removed=kinds.count("removed"),
        n_replaced=kinds.count("replaced"),
        changed_ids=[article_id for article_id, kind, _ in rows if kind in ("added", "replaced")],
        unlinked_ids=[article_id for article_id, kind, moved in rows if kind == "removed" or moved],
    )


_OUTCOME = """
select
    cast(c.article_id as text) as article_id,
    case
        when a.article_id is null and b.article_id is null then 'refused'
        when b.article_id is null then 'added'
        when a.article_id is null then 'removed'
        else 'replaced'
    end as kind,
    a.article_id is not null and b.article_id is not null
        and a.published_on is distinct from b.published_on as is_moved
from (select distinct article_id from history_change) as c
left join core.article as a using (article_id)
left join before_article as b using (article_id)
order by c.article_id
"""

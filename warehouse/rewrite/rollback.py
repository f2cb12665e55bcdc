"""Roll a re-extraction back: restore the rows that it replaced.

Called inside one transaction. An article that has changed since the run (a newer page, a later re-extraction)
stays unchanged.
"""

from dataclasses import dataclass

import duckdb

from warehouse.rewrite.history import REJECT_ID, row_hash
from warehouse.store.columns import column_names, json_structure
from warehouse.store.days import settle_days

KEPT = ("article", "revision", "field_origin", "article_link", "url_alias", "reject")


@dataclass(frozen=True, slots=True)
class BroughtBack:
    """What one batch of a rollback restored."""

    ids: list[str]  # articles that are stored, with their old values
    unlinked_ids: list[str]  # articles that are gone or have another day
    n_back: int  # restored items
    n_left: int  # items that have changed since the run; unchanged
    last_id: str | None  # where the next batch starts; None at the end


def count_superseded(con: duckdb.DuckDBPyConnection, run_id: str) -> int:
    """Return how many articles a run replaced that can be restored."""
    return int(
        con.execute("select count(*) from core.superseded where run_id = ?", [run_id]).fetchall()[0][0]
    )


def bring_back(
    con: duckdb.DuckDBPyConnection, run_id: str, load_id: str, *, after: str | None, limit: int
) -> BroughtBack:
    """Restore what a run replaced, `limit` articles at a time, in the order of article_id."""
    con.execute(_batch(con), {"run_id": run_id, "after": after, "limit": limit})
    (last_id, n_left) = con.execute(
        "select cast(max(article_id) as text), count(*) filter (not is_untouched) from back_batch"
    ).fetchall()[0]
    con.execute("delete from back_batch where not is_untouched")
    rows = con.execute(_OUTCOME).fetchall()
    for statement in _DELETE:
        con.execute(statement)
    for table in KEPT:
        con.execute(_insert(con, table))
    con.execute(_INSERT_TEXT)
    con.execute(_TOUCH, [load_id])
    settle_days(con, "back_batch")
    con.execute(
        "delete from core.superseded where run_id = ? and article_id in (select article_id from back_batch)",
        [run_id],
    )
    return BroughtBack(
        ids=[article_id for article_id, change, _ in rows if change in ("replaced", "removed")],
        unlinked_ids=[article_id for article_id, change, moved in rows if change == "added" or moved],
        n_back=len(rows),
        n_left=int(n_left),
        last_id=last_id,
    )


def _batch(con: duckdb.DuckDBPyConnection) -> str:
    return f"""
    create or replace temp table back_batch as
    select
        s.article_id,
        case when s.change = 'replaced' and s.title is null then 'refused' else s.change end as change,
        s.published_on,
        s.body,
        s.rows_before,
        case when a.article_id is not null then {row_hash(con, "a")} end is not distinct from s.row_after
            as is_untouched,
        a.checked_at
    from core.superseded as s
    left join core.article as a using (article_id)
    where s.run_id = $run_id and ($after is null or s.article_id > cast($after as uuid))
    order by s.article_id
    limit $limit
    """


_OUTCOME = """
select
    cast(b.article_id as text) as article_id,
    b.change,
    b.change = 'replaced' and a.published_on is distinct from b.published_on as is_moved
from back_batch as b
left join core.article as a using (article_id)
order by b.article_id
"""

_DELETE = (
    *(
        f"delete from core.{table} where article_id in (select article_id from back_batch)"
        for table in ("article", "article_text", "revision", "field_origin", "article_link")
    ),
    "delete from core.url_alias"
    " where article_id in (select article_id from back_batch) and reason <> 'key_version'",
    f"delete from core.reject"
    f" where step = 'extract' and {REJECT_ID} in (select article_id from back_batch) and url_key is not null",
)


def _insert(con: duckdb.DuckDBPyConnection, table: str) -> str:
    names = ", ".join(column_names(con, table))
    return f"""
    insert into core.{table} ({names})
    select {names}
    from (
        select unnest(
            from_json(json_extract(rows_before, '$.{table}'), '{json_structure(con, table)}'),
            max_depth := 2
        )
        from back_batch
    )
    """


_INSERT_TEXT = """
insert into core.article_text (article_id, body)
select article_id, body
from back_batch
where body is not null
"""

_TOUCH = """
update core.article as a
set
    checked_at = greatest(a.checked_at, b.checked_at),
    load_id = ?
from back_batch as b
where a.article_id = b.article_id
"""

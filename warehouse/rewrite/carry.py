"""What no page holds, copied from the old store (attached as OLD) into a rebuilt one.

Columns are copied by name, so that an older schema can be carried over as well.
"""

from collections.abc import Sequence

import duckdb

from warehouse.store.columns import column_names, find_columns
from warehouse.store.days import settle_days

OLD = "old"  # the name under which the old store is attached
OLD_SCHEMA = f"{OLD}.core"
READ_PAGES = "rebuild.page"  # the pages that the rebuild has read: archive_file, archive_offset

# Every table of `core`, by where its rows come from in a rebuilt store; a test checks that none is missing.
FROM_PAGES = ("article", "article_text", "revision", "field_origin", "article_link")
DERIVED = ("fingerprint", "duplicate_link", "syndication_claim", "story_member",
           "search_document", "search_segment", "search_posting", "lead", "listing")  # fmt: skip
COPIED = (
    "alert",
    "archive_move",
    "search_cursor",
    "feed_state",
    "entry",
    "forgotten",
    "recurring_line",
    "superseded",
)  # unchanged
ADDED_TO = ("source", "feed")  # sources.toml comes first
MERGED = ("run", "load", "fetch", "reject", "url_alias", "story_alias", "archive_file", "setting")
OWN = ("schema_migration",)
# Facts about the file itself.
_OWN_SETTINGS = "('views_sha256', 'search_load_id', 'search_rules', 'fingerprint_state')"
SEEDED = (*ADDED_TO, *COPIED, "run", "load")  # what the load of pages reads
_KEYS = {"source": "name", "feed": "feed_url"}


def carry_over(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Copy from OLD what no page holds; return the articles whose pages are not in the archive.

    Those are carried over unchanged; the caller links them. Call it inside a transaction.
    """
    carried = _carry_articles(con)
    for table in COPIED:
        con.execute(f"delete from core.{table}")
        copy_table(con, table)
    for table in ADDED_TO:
        key = _KEYS[table]
        copy_table(con, table, f"where {key} not in (select {key} from core.{table})")
    for statement in _MERGE_BEFORE:
        con.execute(statement)
    copy_table(con, "run", "where run_id not in (select run_id from core.run)")
    copy_table(con, "load", "where load_id not in (select load_id from core.load)")
    copy_table(con, "fetch")
    copy_table(con, "reject", _REJECTS_WITHOUT_PAGE)
    copy_table(con, "url_alias", _ALIASES_WITHOUT_PAGE)
    copy_table(con, "setting", f"where name not in {_OWN_SETTINGS}")
    for statement in _MERGE_AFTER:
        con.execute(statement)
    settle_days(con, "core.article")
    return carried


def settle_stories(con: duckdb.DuckDBPyConnection) -> None:
    """Point every story id that was ever issued to the current story of its article."""
    for statement in _STORY_ALIASES:
        con.execute(statement)


def copy_table(con: duckdb.DuckDBPyConnection, table: str, where: str = "") -> None:
    """Copy a table's rows from OLD, all columns that both stores have."""
    old_columns = find_columns(con, table, OLD)
    names = ", ".join(name for name in column_names(con, table) if name in old_columns)
    if names:
        con.execute(f"insert into core.{table} ({names}) select {names} from {OLD_SCHEMA}.{table} {where}")


def _carry_articles(con: duckdb.DuckDBPyConnection) -> list[str]:
    con.execute(_CARRIED)
    mine = "where article_id in (select article_id from carried_article)"
    for table in FROM_PAGES:
        con.execute(f"delete from core.{table} {mine}")
        copy_table(con, table, mine)
    rows: Sequence[tuple[object]] = con.execute(
        "select article_id from carried_article order by 1"
    ).fetchall()
    return [str(article_id) for (article_id,) in rows]


# An article is carried over when one of the pages that made it is not in the archive (any more).
_CARRIED = f"""
create or replace temp table carried_article as
select article_id
from (
    select article_id, archive_file, archive_offset from {OLD_SCHEMA}.article
    union all
    select article_id, archive_file, archive_offset from {OLD_SCHEMA}.revision
)
where
    (archive_file is null or (archive_file, archive_offset) not in (
        select (archive_file, archive_offset) from {READ_PAGES}
    ))
group by article_id
"""

_MERGE_BEFORE = (
    f"""
    delete from core.run
    where run_id in (select run_id from {OLD_SCHEMA}.run)
    """,
    f"""
    delete from core.fetch as f
    using {OLD_SCHEMA}.fetch as o
    where f.url = o.url and f.started_at = o.started_at
    """,
)

_REJECTS_WITHOUT_PAGE = """
where
    (step <> 'extract' or archive_file is null)
    and reject_id not in (select reject_id from core.reject)
"""

_ALIASES_WITHOUT_PAGE = """
where
    article_id in (select article_id from core.article)
    and url_key not in (select url_key from core.url_alias)
    and url_key not in (select url_key from core.article)
"""

_SAME = ("content_sha256", "title", "published_at", "published_on", "published_local", "source_credit",
         "authors", "language", "modified_at", "canonical_url", "n_revisions")  # fmt: skip

_MERGE_AFTER = (
    f"""
    update core.article as a
    set
        url = least(a.url, o.url),
        source = o.source,
        first_seen_at = o.first_seen_at,
        checked_at = greatest(a.checked_at, o.checked_at),
        gone_at = case when o.gone_at > a.fetched_at then o.gone_at end
    from {OLD_SCHEMA}.article as o
    where a.article_id = o.article_id
    """,
    # an unchanged row keeps the load that brought it
    f"""
    update core.article as a
    set load_id = o.load_id
    from {OLD_SCHEMA}.article as o
    where
        a.article_id = o.article_id
        and ({", ".join(f"a.{name}" for name in _SAME)})
            is not distinct from ({", ".join(f"o.{name}" for name in _SAME)})
    """,
    f"""
    update core.revision as r
    set load_id = o.load_id
    from {OLD_SCHEMA}.revision as o
    where r.article_id = o.article_id and r.content_sha256 = o.content_sha256 and r.title = o.title
    """,
    f"""
    update core.reject as r
    set
        attempts = o.attempts,
        first_at = o.first_at,
        next_try_at = o.next_try_at,
        resolved_at = o.resolved_at,
        load_id = o.load_id
    from {OLD_SCHEMA}.reject as o
    where r.reject_id = o.reject_id and r.last_at = o.last_at
    """,
    f"""
    update core.url_alias as x
    set added_at = o.added_at
    from {OLD_SCHEMA}.url_alias as o
    where x.url_key = o.url_key and x.article_id = o.article_id
    """,
)

_STORY_ALIASES = (
    f"""
    create or replace temp table given_story as
    select old_story_id as id, story_id, changed_at from {OLD_SCHEMA}.story_alias
    union all
    select distinct story_id, story_id, null::timestamptz from {OLD_SCHEMA}.story_member
    """,
    "delete from core.story_alias",
    """
    insert into core.story_alias (old_story_id, story_id, changed_at)
    select
        g.id,
        coalesce(m.story_id, g.story_id),
        case
            when coalesce(m.story_id, g.story_id) = g.story_id then coalesce(g.changed_at, now())
            else now()
        end
    from given_story as g
    join core.article as a on a.article_id = g.story_id
    left join core.story_member as m on m.article_id = g.story_id
    where coalesce(m.story_id, g.story_id) <> g.id
    qualify row_number() over (partition by g.id order by g.changed_at desc nulls last) = 1
    """,
)

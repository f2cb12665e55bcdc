"""What no page holds, taken from the old store into a rebuilt one, where it is attached as `old`.

Columns are copied by name, so an older schema can be carried over as well.
"""

from collections.abc import Sequence

import duckdb

from warehouse.store.columns import column_names, find_columns

# Every table of `core`, by where its rows come from in a rebuilt store. A test holds this list complete.
FROM_PAGES = ("article", "article_text", "revision", "field_origin", "article_link")
DERIVED = ("fingerprint", "duplicate_link", "syndication_claim", "story_member",
           "search_document", "search_segment", "search_posting")  # fmt: skip
COPIED = ("feed_state", "entry", "forgotten", "recurring_line", "superseded")  # as they are
ADDED_TO = ("source", "feed")  # sources.toml has its say
MERGED = ("run", "load", "fetch", "reject", "url_alias", "story_alias", "archive_file", "setting")
OWN = ("schema_migration",)
_OWN_SETTINGS = (
    "('views_sha256', 'search_load_id', 'search_rules')"  # they speak of the file that they stand in
)
SEEDED = (*ADDED_TO, *COPIED, "run", "load")  # at hand while the pages are loaded
_KEYS = {"source": "name", "feed": "feed_url"}


def carry_over(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Take from `old` what no page holds, in one transaction; return articles whose pages are not there.

    Those are carried over as they were, and are still to be linked.
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
    return carried


def settle_stories(con: duckdb.DuckDBPyConnection) -> None:
    """Let every story id that was ever given out lead to the story that its article belongs to now."""
    for statement in _STORY_ALIASES:
        con.execute(statement)


def copy_table(con: duckdb.DuckDBPyConnection, table: str, where: str = "") -> None:
    """Copy a table's rows from `old`, all columns that both have."""
    there = find_columns(con, table, "old")
    names = ", ".join(name for name in column_names(con, table) if name in there)
    if names:
        con.execute(f"insert into core.{table} ({names}) select {names} from old.core.{table} {where}")


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


# An article stays as it was when one of the pages that made it is not in the archive (any more).
_CARRIED = """
create or replace temp table carried_article as
select article_id
from (
    select article_id, archive_file, archive_offset from old.core.article
    union all
    select article_id, archive_file, archive_offset from old.core.revision
)
where
    (archive_file is null or (archive_file, archive_offset) not in (
        select (archive_file, archive_offset) from rebuild.page
    ))
group by article_id
"""

_MERGE_BEFORE = (
    """
    delete from core.run
    where run_id in (select run_id from old.core.run)
    """,
    """
    delete from core.fetch as f
    using old.core.fetch as o
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
    """
    update core.article as a
    set
        url = least(a.url, o.url),
        source = o.source,
        first_seen_at = o.first_seen_at,
        checked_at = greatest(a.checked_at, o.checked_at),
        gone_at = case when o.gone_at > a.fetched_at then o.gone_at end
    from old.core.article as o
    where a.article_id = o.article_id
    """,
    # what has not changed keeps the load that brought it
    f"""
    update core.article as a
    set load_id = o.load_id
    from old.core.article as o
    where
        a.article_id = o.article_id
        and ({", ".join(f"a.{name}" for name in _SAME)})
            is not distinct from ({", ".join(f"o.{name}" for name in _SAME)})
    """,
    """
    update core.revision as r
    set load_id = o.load_id
    from old.core.revision as o
    where r.article_id = o.article_id and r.content_sha256 = o.content_sha256 and r.title = o.title
    """,
    """
    update core.reject as r
    set
        attempts = o.attempts,
        first_at = o.first_at,
        next_try_at = o.next_try_at,
        resolved_at = o.resolved_at,
        load_id = o.load_id
    from old.core.reject as o
    where r.reject_id = o.reject_id and r.last_at = o.last_at
    """,
    """
    update core.url_alias as x
    set added_at = o.added_at
    from old.core.url_alias as o
    where x.url_key = o.url_key and x.article_id = o.article_id
    """,
)

_STORY_ALIASES = (
    """
    create or replace temp table given_story as
    select old_story_id as id, story_id, changed_at from old.core.story_alias
    union all
    select distinct story_id, story_id, null::timestamptz from old.core.story_member
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

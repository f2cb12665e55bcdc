"""Names and keys that change while the articles stay: a renamed source, a new version of the URL key.

Data operations, not schema: each runs in one transaction under the writer's lock and leaves a `load` row, so
that incremental exports contain what it touched. core.url_alias resolves ids that somebody keeps elsewhere.
"""

from collections.abc import Iterable, Mapping

import duckdb
import pyarrow as pa

from warehouse.invariants import count_rows
from warehouse.records.outcome import Counts
from warehouse.runs import load_load, new_load_id, note_totals
from warehouse.store.arrow import registered
from warehouse.store.columns import find_columns, find_tables
from warehouse.store.days import settle_days
from warehouse.store.staging import tables_sha256

# Keyed by article ids; the caller computes them again.
_LINKED = frozenset({"fingerprint", "duplicate_link", "story_member", "story_alias", "syndication_claim"})


def rename_source(con: duckdb.DuckDBPyConnection, old: str, new: str, run_id: str) -> int:
    """Give a source another key, or merge it into the source with that key; return how many articles it has.

    Call it inside a transaction. The key in sources.toml must change too; otherwise the old source comes back
    without articles.
    """
    names = pa.table({"old": [old], "new": [new]})
    load_id = _record_load(con, names, run_id)
    parameters = {"old": old, "new": new}
    con.execute(_ADD_SOURCE, parameters)
    for table in sorted(find_tables(con) - {"source"}):
        columns = find_columns(con, table)
        if "source" in columns:
            note = ", load_id = $load_id" if table == "article" else ""
            con.execute(
                f"update core.{table} set source = $new{note} where source = $old",
                {**parameters, "load_id": load_id} if note else parameters,
            )
    con.execute(_REJECT_IDS, {"new": new})
    con.execute(_SINGLE_REJECTS, {"new": new})
    con.execute("delete from core.source where name = $old", {"old": old})
    return _count(con, load_id)


def find_stored_keys(con: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the URL keys of all articles and entries."""
    return [key for (key,) in con.execute(_STORED_KEYS).fetchall()]


def find_ids_of_keys(con: duckdb.DuckDBPyConnection, url_keys: Iterable[str]) -> list[str]:
    """Return the ids of the articles with these URL keys."""
    rows = con.execute(_IDS_OF_KEYS, {"keys": list(url_keys)}).fetchall()
    return [article_id for (article_id,) in rows]


def change_keys(con: duckdb.DuckDBPyConnection, new_keys: Mapping[str, str], run_id: str) -> list[str]:
    """Give pages the URL keys of a newer rule; return the new ids of the articles whose id changed.

    `new_keys` maps old keys to new ones, for articles and entries. Articles that get the same key are merged:
    all their revisions stay, the latest page is current. Call it inside a transaction, after the links and
    stories of these articles were removed; the caller links the returned ids again.
    """
    changed = {old: new for old, new in new_keys.items() if old != new}
    if not changed:
        return []
    keys = pa.table({"old_key": list(changed), "new_key": list(changed.values())})
    load_id = _record_load(con, keys, run_id)
    with registered(con, stage_key=keys):
        for statement in (*_IDS, *_JOIN_ARTICLES):
            con.execute(statement)
        for table in sorted(find_tables(con) - _LINKED - {"article", "superseded"}):
            if "article_id" in find_columns(con, table):
                con.execute(_MOVE.format(table=table))
        for statement in _KEYS:
            con.execute(statement)
        for statement in _ARTICLES:
            con.execute(statement, {"load_id": load_id} if "$load_id" in statement else None)
    con.execute("create or replace temp table new_id as select distinct new_id as article_id from final_id")
    settle_days(con, "new_id")
    note_totals(con, load_id, count_rows(con))
    rows = con.execute("select distinct cast(new_id as text) from moved_id order by 1").fetchall()
    return [article_id for (article_id,) in rows]


def _record_load(con: duckdb.DuckDBPyConnection, what: pa.Table, run_id: str) -> str:
    sha256 = tables_sha256(what)
    load_id = new_load_id(con, sha256)
    counts, totals = Counts(), count_rows(con)
    load_load(con, load_id, run_id, kind="data", batch_sha256=sha256, counts=counts, totals=totals)
    return load_id


def _count(con: duckdb.DuckDBPyConnection, load_id: str) -> int:
    return int(con.execute("select count(*) from core.article where load_id = ?", [load_id]).fetchall()[0][0])


_STORED_KEYS = """
select url_key from core.article
union
select url_key from core.entry
"""

_IDS_OF_KEYS = """
select cast(article_id as text)
from core.article
where url_key in (select unnest($keys::text[]))
"""

_ADD_SOURCE = """
insert into core.source (name, title, homepage, country, language, timezone, enabled, tags, added_at)
select $new, title, homepage, country, language, timezone, enabled, tags, added_at
from core.source
where name = $old and $new not in (select name from core.source)
"""

_REJECT_IDS = """
update core.reject
set reject_id = cast(left(sha256(source || chr(10) || item || chr(10) || step), 32) as uuid)
where source = $new
"""

# Two sources that were merged may both have a reject for one page: the later one stays.
_SINGLE_REJECTS = """
delete from core.reject
where source = $new and rowid not in (
    select arg_max(rowid, (last_at, rowid))
    from core.reject
    where source = $new
    group by reject_id
)
"""

# moved_id: each article that gets another id. final_id: the same and articles that already have such an id.
# winner_id: of articles that are merged, the one whose latest page is current.
_IDS = (
    """
    create or replace temp table moved_id as
    select
        a.article_id as old_id,
        cast(left(sha256(k.new_key), 32) as uuid) as new_id,
        k.old_key,
        k.new_key
    from core.article as a
    join stage_key as k on k.old_key = a.url_key
    """,
    """
    create or replace temp table final_id as
    select old_id as article_id, new_id
    from moved_id
    union all
    select a.article_id, a.article_id
    from core.article as a
    where a.article_id in (select new_id from moved_id) and a.article_id not in (select old_id from moved_id)
    """,
    """
    create or replace temp table winner_id as
    select
        f.new_id,
        arg_max(a.article_id, (a.fetched_at, a.content_sha256, a.title, a.article_id)) as article_id,
        min(a.url) as url,
        min(a.first_seen_at) as first_seen_at,
        max(a.checked_at) as checked_at
    from core.article as a
    join final_id as f using (article_id)
    group by f.new_id
    """,
)

# Of articles that are merged, the current text of all but the latest moves to its revision.
_JOIN_ARTICLES = (
    """
    create or replace temp table loser_id as
    select article_id
    from final_id
    where article_id not in (select article_id from winner_id)
    """,
    """
    update core.revision as r
    set body = t.body
    from core.article_text as t
    join core.article as a using (article_id)
    where
        r.article_id = t.article_id
        and r.body is null
        and a.article_id in (select article_id from loser_id)
    """,
    "delete from core.article_text where article_id in (select article_id from loser_id)",
    "delete from core.field_origin where article_id in (select article_id from loser_id)",
    "delete from core.article_link where article_id in (select article_id from loser_id)",
    "delete from core.search_document where article_id in (select article_id from loser_id)",
    # the same title and text in both: one revision, from its first sighting to its last
    """
    create or replace temp table same_revision as
    select
        f.new_id,
        r.content_sha256,
        r.title,
        min(r.seen_at) as seen_at,
        max(r.last_seen_at) as last_seen_at,
        arg_min(r.article_id, (a.article_id in (select article_id from loser_id), r.article_id)) as kept_id,
        count(*) as n
    from core.revision as r
    join final_id as f using (article_id)
    join core.article as a using (article_id)
    group by f.new_id, r.content_sha256, r.title
    having count(*) > 1
    """,
    """
    delete from core.revision as r
    using same_revision as s, final_id as f
    where
        f.article_id = r.article_id
        and f.new_id = s.new_id
        and r.content_sha256 = s.content_sha256
        and r.title = s.title
        and r.article_id <> s.kept_id
    """,
    """
    update core.revision as r
    set seen_at = s.seen_at, last_seen_at = s.last_seen_at
    from same_revision as s
    where r.article_id = s.kept_id and r.content_sha256 = s.content_sha256 and r.title = s.title
    """,
    "delete from core.article where article_id in (select article_id from loser_id)",
)

_MOVE = """
update core.{table} as t
set article_id = f.new_id
from final_id as f
where t.article_id = f.article_id and f.article_id <> f.new_id
"""

_KEYS = (
    """
    insert into core.url_alias (url_key, alias_id, article_id, reason, added_at)
    select m.old_key, m.old_id, m.new_id, 'key_version', now()
    from moved_id as m
    anti join core.url_alias as x on x.url_key = m.old_key
    """,
    "update core.entry as e set url_key = k.new_key from stage_key as k where e.url_key = k.old_key",
    "update core.fetch as e set url_key = k.new_key from stage_key as k where e.url_key = k.old_key",
    "update core.forgotten as e set url_key = k.new_key from stage_key as k where e.url_key = k.old_key",
    """
    update core.reject as r
    set
        url_key = k.new_key,
        item = k.new_key,
        reject_id = cast(left(sha256(r.source || chr(10) || k.new_key || chr(10) || r.step), 32) as uuid)
    from stage_key as k
    where r.url_key = k.old_key and r.item = k.old_key
    """,
    """
    delete from core.reject
    where rowid not in (select arg_max(rowid, (last_at, rowid)) from core.reject group by reject_id)
    """,
)

_ARTICLES = (
    """
    create or replace temp table renumbered as
    select
        article_id,
        content_sha256,
        title,
        row_number() over before as revision_no,
        case
            when row_number() over before = 1 then 'first'
            when lag(content_sha256) over before = content_sha256 then 'title'
            when lag(title) over before = title then 'body'
            else 'both'
        end as change
    from core.revision
    where article_id in (select new_id from final_id)
    window before as (partition by article_id order by seen_at, content_sha256, title)
    """,
    """
    update core.revision as r
    set revision_no = n.revision_no, change = n.change
    from renumbered as n
    where r.article_id = n.article_id and r.content_sha256 = n.content_sha256 and r.title = n.title
    """,
    """
    update core.article as a
    set
        article_id = w.new_id,
        url_key = coalesce((select max(m.new_key) from moved_id as m where m.new_id = w.new_id), a.url_key),
        url = w.url,
        first_seen_at = w.first_seen_at,
        checked_at = w.checked_at,
        n_revisions = (select count(*) from renumbered as n where n.article_id = w.new_id),
        load_id = $load_id
    from winner_id as w
    where a.article_id = w.article_id
    """,
)

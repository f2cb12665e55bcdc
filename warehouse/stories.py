"""Stories: groups of articles with the same text, their representative, and former ids of stories.

After links; derived from them alone, so that they can be computed again at any time.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import duckdb
import pyarrow as pa

from warehouse.store.arrow import ID_SET, id_set, registered


def find_story_parts(
    con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]
) -> tuple[list[str], dict[str, str], list[tuple[str, str]]]:
    """Return the articles with all that share a story with them, their stories by article, and their links.

    Both articles of a new link must be among `article_ids`.
    """
    with id_set(con, article_ids):
        con.execute(_NODES)
        rows = con.execute(_MEMBERS).fetchall()
        links = [(str(a), str(b)) for a, b in con.execute(_STORY_LINKS).fetchall()]
    story_before = {str(member): str(story) for member, story in rows if story}
    return [str(member) for member, _ in rows], story_before, links


def find_places(
    con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]
) -> dict[str, tuple[datetime, str]]:
    """Return the sort key of each article in its story: the earliest published is the representative."""
    with id_set(con, article_ids):
        rows = con.execute(_PLACES).fetchall()
    return {str(article_id): (at, str(article_id)) for article_id, at in rows}


def load_stories(
    con: duckdb.DuckDBPyConnection,
    stories: Mapping[str, str],
    story_before: Mapping[str, str],
    known: set[str],
) -> None:
    """Store the story of each member that has another story than before.

    An article without copies has no row. Ids that were issued before (those of `known` articles) and have
    changed get an alias.
    """
    members = {*stories, *story_before}
    changed = {member for member in members if stories.get(member) != story_before.get(member)}
    if not changed:
        return
    rows = [(member, stories[member]) for member in sorted(changed) if member in stories]
    moved = [(a, stories.get(a, a)) for a in sorted(changed & known) if story_before.get(a, a) == a]
    moved = [(a, story) for a, story in moved if story != a]
    member_rows = pa.table({"article_id": _texts(a for a, _ in rows), "story_id": _texts(s for _, s in rows)})
    alias_rows = pa.table({"old_id": _texts(a for a, _ in moved), "story_id": _texts(s for _, s in moved)})
    with id_set(con, sorted(changed)), registered(con, some_member=member_rows, some_alias=alias_rows):
        for statement in (
            _DELETE_MEMBERS,
            _INSERT_MEMBERS,
            _DELETE_ALIASES,
            _INSERT_ALIASES,
            _FOLLOW_ALIASES,
        ):
            con.execute(statement)


def count_copies(con: duckdb.DuckDBPyConnection, article_ids: Sequence[str]) -> int:
    """Return how many of the articles belong to a story whose representative is another article."""
    with id_set(con, article_ids):
        return int(con.execute(_COPIES).fetchall()[0][0])


def _texts(values: Iterable[str]) -> pa.Array:
    return pa.array(list(values), pa.string())


_NODES = f"""
create or replace temp table story_node as
select article_id from {ID_SET}
union
select other.article_id
from {ID_SET}
join core.story_member as m using (article_id)
join core.story_member as other on other.story_id = m.story_id
"""

_STORY_LINKS = """
select l.article_a, l.article_b
from core.duplicate_link as l
join story_node as a on a.article_id = l.article_a
join story_node as b on b.article_id = l.article_b
where l.relation in ('exact', 'near')
order by l.article_a, l.article_b
"""

_MEMBERS = """
select n.article_id, m.story_id
from story_node as n
left join core.story_member as m using (article_id)
order by n.article_id
"""

# Within one day, an article whose time is known comes before one whose time is not.
_PLACES = f"""
select
    article_id,
    coalesce(
        published_at,
        cast(published_on as timestamptz) + interval '86399 seconds',
        timestamptz '9999-12-31 00:00:00+00'
    ) as place
from core.article
join {ID_SET} using (article_id)
"""

_DELETE_MEMBERS = f"delete from core.story_member where article_id in (select article_id from {ID_SET})"

_INSERT_MEMBERS = """
insert into core.story_member (article_id, story_id)
select cast(article_id as uuid), cast(story_id as uuid)
from some_member
order by story_id, article_id
"""

# An id that is in use again needs no alias.
_DELETE_ALIASES = f"""
delete from core.story_alias
where
    old_story_id in (select cast(story_id as uuid) from some_member)
    or old_story_id in (select cast(old_id as uuid) from some_alias)
    or old_story_id in (
        select article_id from {ID_SET} where article_id not in (select article_id from core.story_member)
    )
"""

_INSERT_ALIASES = """
insert into core.story_alias (old_story_id, story_id, changed_at)
select cast(old_id as uuid), cast(story_id as uuid), now()
from some_alias
order by old_id
"""

_FOLLOW_ALIASES = """
update core.story_alias as a
set story_id = m.story_id
from core.story_member as m
where m.article_id = a.old_story_id and m.story_id <> a.story_id
"""

_COPIES = f"""
select count(*)
from core.story_member
join {ID_SET} using (article_id)
where story_id <> article_id
"""

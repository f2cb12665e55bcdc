"""Duplicate links: which articles have the same text, or part of it; after fingerprints, before stories.

`tasks/deduplicate.py` calls it inside the load's transaction. Ids and rows come as Arrow tables; nothing here
decides what is a copy.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.records.article import DuplicateLink, Relation
from warehouse.store.arrow import ID_SET, id_set, registered
from warehouse.store.days import DAY_SET, day_set

MEASURES = (
    "jaccard",
    "prefix_jaccard",
    "containment",
    "lead",
    "entity_share",
    "number_share",
    "length_ratio",
    "evidence",
    "n_shared",
    "part_from",
    "part_to",
)
_INTEGERS = ("n_shared", "part_from", "part_to")
_LINK_COLUMNS = ("relation", "similarity", *MEASURES, "longer", "found_as", "declared_by", "rule", "why")


def load_links(
    con: duckdb.DuckDBPyConnection, links: Sequence[DuplicateLink], linked_before: Sequence[str], load_id: str
) -> set[str]:
    """Store the links; return the articles whose links changed.

    All links of the `linked_before` articles are replaced; an unchanged link is not written.
    """
    if not links and not linked_before:
        return set()
    with registered(con, some_link=_link_table(links)), id_set(con, linked_before):
        con.execute(_NEW_LINKS)
        con.execute(_OLD_LINKS)
        changed = con.execute(_CHANGED_ENDS).fetchall()
        con.execute(_DELETE_LINKS)
        con.execute(_INSERT_LINKS, [load_id])
    return {str(row[0]) for row in changed}


def load_claims(
    con: duckdb.DuckDBPyConnection, claims: Mapping[str, str], article_ids: Sequence[str]
) -> list[tuple[str, str]]:
    """Store which article declares which as its original; return the claims that involve the articles.

    `claims` are those of `article_ids`; a claim is returned once both of its articles are stored.
    """
    table = pa.table(
        {
            "article_id": pa.array(list(claims.keys()), pa.string()),
            "original_id": pa.array(list(claims.values()), pa.string()),
        }
    )
    with registered(con, some_claim=table), id_set(con, article_ids):
        con.execute(_DELETE_CLAIMS)
        con.execute(_INSERT_CLAIMS)
        return [(str(a), str(b)) for a, b in con.execute(_CLAIMS).fetchall()]


def find_declared(
    con: duckdb.DuckDBPyConnection, days: Mapping[str, date]
) -> list[tuple[str, str, str, str]]:
    """Return id, URL, final URL and declared canonical URL of the articles that declare another URL.

    `days` has seen_on by article.
    """
    with day_set(con, days):
        rows = con.execute(_DECLARED).fetchall()
    return [(str(article_id), url, final, declared) for article_id, url, final, declared in rows]


def find_parts(
    con: duckdb.DuckDBPyConnection, longer_ids: Sequence[str]
) -> list[tuple[DuplicateLink, Relation]]:
    """Return the measured links in which one of the articles is the longer, with their current relation."""
    if not longer_ids:
        return []
    with id_set(con, longer_ids):
        rows = con.execute(_PARTS).fetchall()
    parts = []
    for a, b, longer, found_as, relation, similarity, why, length_ratio, containment, start, end in rows:
        measures = {
            "length_ratio": length_ratio,
            "containment": containment,
            "part_from": start,
            "part_to": end,
            "a_is_longer": float(longer == a),
        }
        link = DuplicateLink(str(a), str(b), Relation(found_as), similarity, why, measures)
        parts.append((link, Relation(relation)))
    return parts


def set_relations(con: duckdb.DuckDBPyConnection, relations: dict[tuple[str, str], Relation]) -> None:
    """Set the relations of measured links that other articles have changed."""
    if not relations:
        return
    table = pa.table(
        {
            "article_a": [a for a, _ in relations],
            "article_b": [b for _, b in relations],
            "relation": [relation.value for relation in relations.values()],
        }
    )
    with registered(con, some_relation=table):
        con.execute(_SET_RELATIONS)


def _link_table(links: Sequence[DuplicateLink]) -> pa.Table:
    columns: dict[str, Any] = {
        "article_a": pa.array([link.a for link in links], pa.string()),
        "article_b": pa.array([link.b for link in links], pa.string()),
        "relation": pa.array([link.relation.value for link in links], pa.string()),
        "similarity": pa.array([link.similarity for link in links], pa.float64()),
        "longer": pa.array([_longer(link) for link in links], pa.string()),
        "declared_by": pa.array([_declared_by(link) for link in links], pa.string()),
        "rule": pa.array([link.rule for link in links], pa.string()),
        "why": pa.array([link.why for link in links], pa.string()),
    }
    for name in MEASURES:
        kind = pa.int32() if name in _INTEGERS else pa.float64()
        columns[name] = pa.array([link.measures.get(name) for link in links], pa.float64()).cast(kind)
    return pa.table(columns)


def _longer(link: DuplicateLink) -> str | None:
    is_a = link.measures.get("a_is_longer")
    return None if is_a is None else link.a if is_a else link.b


def _declared_by(link: DuplicateLink) -> str | None:
    is_a = link.measures.get("a_declares")
    return None if is_a is None else link.a if is_a else link.b


_NEW_LINKS = f"""
create or replace temp table new_link as
select
    cast(article_a as uuid) as article_a,
    cast(article_b as uuid) as article_b,
    relation,
    similarity,
    {", ".join(MEASURES)},
    cast(longer as uuid) as longer,
    relation as found_as,
    cast(declared_by as uuid) as declared_by,
    rule,
    why
from some_link
"""

# Stored links of the articles that had some: the new ones replace them.
_OLD_LINKS = f"""
create or replace temp table old_link as
select l.*
from core.duplicate_link as l
where
    l.article_a in (select article_id from {ID_SET})
    or l.article_b in (select article_id from {ID_SET})
"""

_SAME = " and ".join(
    f"n.{name} is not distinct from o.{name}" for name in _LINK_COLUMNS if name != "relation"
)

_CHANGED_ENDS = f"""
with change as (
    select n.article_a, n.article_b
    from new_link as n
    where not exists (
        select 1
        from old_link as o
        where o.article_a = n.article_a and o.article_b = n.article_b and {_SAME}
    )
    union all
    select o.article_a, o.article_b
    from old_link as o
    where not exists (
        select 1
        from new_link as n
        where o.article_a = n.article_a and o.article_b = n.article_b and {_SAME}
    )
)
select article_a as article_id from change
union
select article_b as article_id from change
"""

_DELETE_LINKS = f"""
delete from core.duplicate_link as o
where
    (o.article_a in (select article_id from {ID_SET}) or o.article_b in (select article_id from {ID_SET}))
    and not exists (
        select 1
        from new_link as n
        where o.article_a = n.article_a and o.article_b = n.article_b and {_SAME}
    )
"""

_INSERT_LINKS = f"""
insert into core.duplicate_link (article_a, article_b, {", ".join(_LINK_COLUMNS)}, load_id)
select n.article_a, n.article_b, {", ".join(f"n.{name}" for name in _LINK_COLUMNS)}, ?
from new_link as n
where not exists (
    select 1
    from old_link as o
    where o.article_a = n.article_a and o.article_b = n.article_b and {_SAME}
)
order by n.article_a, n.article_b, n.relation
"""

_DELETE_CLAIMS = f"""
delete from core.syndication_claim
where article_id in (select article_id from {ID_SET})
"""

_INSERT_CLAIMS = """
insert into core.syndication_claim (article_id, original_id)
select cast(article_id as uuid), cast(original_id as uuid)
from some_claim
order by article_id
"""

_CLAIMS = f"""
select c.article_id, c.original_id
from core.syndication_claim as c
where
    (c.article_id in (select article_id from {ID_SET}) or c.original_id in (select article_id from {ID_SET}))
    and c.article_id in (select article_id from core.article)
    and c.original_id in (select article_id from core.article)
order by c.article_id
"""

_DECLARED = f"""
select article_id, url, coalesce(final_url, url) as final_url, canonical_url
from core.article
join {DAY_SET} using (article_id, seen_on)
where canonical_url not in (url, coalesce(final_url, url))
order by article_id
"""

_PARTS = f"""
select
    article_a, article_b, longer, found_as, relation, similarity, why,
    length_ratio, containment, part_from, part_to
from core.duplicate_link
where longer in (select article_id from {ID_SET})
order by article_a, article_b
"""

_SET_RELATIONS = """
update core.duplicate_link as l
set relation = r.relation
from some_relation as r
where
    l.article_a = cast(r.article_a as uuid)
    and l.article_b = cast(r.article_b as uuid)
    and l.longer is not null
"""

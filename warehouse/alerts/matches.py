"""Which articles of the snapshot a saved search reports: what its cursor has not seen.

Before the outbox, on a read-only session. The loads after the oldest cursor are listed once; each search
then asks its question of those alone.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from warehouse.alerts.first_match import matched_before
from warehouse.alerts.saved_search import SavedSearch, Trigger
from warehouse.reading.filters import Selection
from warehouse.reading.inflections import with_inflections
from warehouse.search.grammar import parse_question, with_forms
from warehouse.wording import plural

log = logging.getLogger("wirehouse")


@dataclass(frozen=True, slots=True)
class SearchMatch:
    """A change that a saved search reports."""

    search: str
    article_id: str
    revision_no: int
    change: Trigger


def find_matches_since(
    con: duckdb.DuckDBPyConnection,
    searches: Iterable[SavedSearch],
    cursors: Mapping[str, str],
    last_load: str,
) -> list[SearchMatch]:
    """Return what is new between each search's cursor and a load; a search without a cursor reports nothing.

    An article that comes to match by an edit is new to the search. Articles of backfills and re-extractions
    are not news, nor are those that were published long before they were first seen: they are counted in the
    log. Raises QuestionError.
    """
    watching = [search for search in searches if search.name in cursors]
    if not watching:
        return []
    oldest = min(cursors[search.name] for search in watching)
    con.execute(_FRESH, {"oldest": oldest, "last": last_load})
    (n_fresh,) = con.execute("select count(*) from temp.alert_fresh").fetchall()[0]
    if not n_fresh:
        return []
    return [match for search in watching for match in _matches(con, search, cursors[search.name])]


def _matches(con: duckdb.DuckDBPyConnection, search: SavedSearch, cursor: str) -> list[SearchMatch]:
    selection = with_inflections(con, search.selection)
    sql = _MATCHES.format(articles=selection.from_clause(), condition=selection.condition())
    rows = con.execute(sql, selection.parameters() | {"cursor": cursor}).fetchall()
    found = [
        SearchMatch(search.name, str(article_id), no, Trigger(change))
        for article_id, no, change, age_days in rows
        if age_days is None or age_days <= search.max_age_days
    ]
    n_older = len(rows) - len(found)
    if n_older and search.reports(Trigger.NEW):
        log.info(
            "Search '%s': no alert about %s, published more than %s before first seen",
            *(search.name, plural(n_older, "older article"), plural(search.max_age_days, "day")),
        )
    reported = [match for match in found if search.reports(match.change)]
    return reported + _first_matches(con, search, selection, [m for m in found if m not in reported])


def _first_matches(
    con: duckdb.DuckDBPyConnection, search: SavedSearch, selection: Selection, edits: Sequence[SearchMatch]
) -> list[SearchMatch]:
    """Return edits by which an article came to match, as new: a developing story must not stay unseen."""
    edits = [match for match in edits if match.change in (Trigger.EDIT, Trigger.STEALTH_EDIT)]
    if not edits or not search.reports(Trigger.NEW):
        return []
    alternatives = with_forms(parse_question(search.query), selection.inflections)
    places = {"ids": [m.article_id for m in edits], "numbers": [m.revision_no for m in edits]}
    return [
        SearchMatch(search.name, article_id, revision_no, Trigger.NEW)
        for article_id, revision_no, title, body in con.execute(_BEFORE, places).fetchall()
        if not matched_before(alternatives, title, body)
    ]


# An edit counts as stealthy as in the view `edits`.
_FRESH = """
create or replace temp table alert_fresh as
with recent as (
    select l.load_id
    from core.load as l
    left join core.run as r using (run_id)
    where
        l.load_id > $oldest
        and l.load_id <= $last
        and coalesce(r.flow, '') not in ('backfill', 'reextract', 'rebuild')
),
changed as (
    select article_id, max(load_id) as load_id
    from core.revision
    where load_id in (select load_id from recent)
    group by article_id
),
version as (
    select
        article_id,
        revision_no,
        load_id,
        modified_at is null or modified_at is not distinct from lag(modified_at) over w as is_stealth
    from core.revision
    where article_id in (select article_id from changed)
    window w as (partition by article_id order by revision_no)
)
select
    v.article_id,
    v.revision_no,
    v.load_id,
    case
        when v.revision_no = 1 then 'new'
        when v.is_stealth then 'stealth_edit'
        else 'edit'
    end as change,
    case when v.revision_no = 1 then a.age_days end as age_days
from version as v
join (
    select
        article_id,
        date_diff('hour', coalesce(published_at, published_on::timestamptz), first_seen_at) / 24 as age_days
    from core.article
) as a using (article_id)
where v.load_id in (select load_id from recent)
union all
select article_id, n_revisions as revision_no, load_id, 'gone' as change, null as age_days
from core.article
where gone_at is not null and load_id in (select load_id from recent)
"""

_MATCHES = """
select f.article_id, f.revision_no, f.change, f.age_days
{articles}
join temp.alert_fresh as f on f.article_id = a.article_id
where f.load_id > $cursor and {condition}
order by f.load_id, f.article_id, f.revision_no
"""

_BEFORE = """
with edit as (
    select unnest($ids::uuid[]) as article_id, unnest($numbers::integer[]) as revision_no
)
select e.article_id::text, e.revision_no, r.title, coalesce(r.body, t.body) as body
from edit as e
join core.revision as r on r.article_id = e.article_id and r.revision_no = e.revision_no - 1
join core.article_text as t on t.article_id = r.article_id and t.seen_on = r.seen_on
order by e.article_id, e.revision_no
"""

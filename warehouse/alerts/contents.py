"""What a message says of its alerts: the articles as the snapshot has them, and the texts around an edit.

Read just before a message is sent, so that a removed article is in no message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow as pa

from warehouse.alerts.outbox import Alert
from warehouse.alerts.saved_search import SavedSearch, Trigger
from warehouse.reading.inflections import with_inflections
from warehouse.reading.questions import marked
from warehouse.reading.rows import fetch_as
from warehouse.store.arrow import registered


@dataclass(frozen=True, slots=True)
class AlertedArticle:
    """An article that an alert is about."""

    article_id: str
    story_id: str
    url: str
    title: str
    lead: str
    source: str
    source_title: str
    language: str | None
    published_at: datetime | None
    published_on: date | None
    n_copies: int  # other articles of the story
    n_other_sources: int


@dataclass(frozen=True, slots=True)
class EditedText:
    """An article's title and text before and after an edit."""

    title_before: str
    title: str
    body_before: str
    body: str


@dataclass(frozen=True, slots=True)
class AlertContent:
    """An alert with what a message says of it."""

    alert: Alert
    article: AlertedArticle
    edit: EditedText | None  # None unless the alert is about an edit
    words: str  # of the search, to be marked; with the inflections of its ~words


def find_contents(
    con: duckdb.DuckDBPyConnection, alerts: Sequence[Alert], searches: Mapping[str, SavedSearch]
) -> list[AlertContent]:
    """Return the alerts, in their order, whose article is still there; `searches` by name."""
    ids = pa.table({"article_id": pa.array({alert.article_id for alert in alerts}, pa.string())})
    with registered(con, some_alerted=ids):
        articles = {row.article_id: row for row in fetch_as(con, AlertedArticle, _ARTICLES)}
    edits = _find_edits(con, [a for a in alerts if a.change in (Trigger.EDIT, Trigger.STEALTH_EDIT)])
    names = {alert.search for alert in alerts}
    words = {name: _find_words(con, search) for name, search in searches.items() if name in names}
    return [
        AlertContent(
            alert,
            articles[alert.article_id],
            edits.get((alert.article_id, alert.revision_no)),
            words.get(alert.search, ""),
        )
        for alert in alerts
        if alert.article_id in articles
    ]


def _find_words(con: duckdb.DuckDBPyConnection, search: SavedSearch) -> str:
    return marked(search.query, with_inflections(con, search.selection).inflections)


def _find_edits(
    con: duckdb.DuckDBPyConnection, alerts: Sequence[Alert]
) -> Mapping[tuple[str, int], EditedText]:
    if not alerts:
        return {}
    table = pa.table(
        {
            "article_id": pa.array([alert.article_id for alert in alerts], pa.string()),
            "revision_no": pa.array([alert.revision_no for alert in alerts], pa.int32()),
        }
    )
    with registered(con, some_edit=table):
        rows = con.execute(_EDITS).fetchall()
    return {(article_id, revision_no): EditedText(*texts) for article_id, revision_no, *texts in rows}


_ARTICLES = """
select
    a.article_id,
    coalesce(m.story_id, a.article_id) as story_id,
    a.url,
    a.title,
    coalesce(l.lead, '') as lead,
    a.source,
    coalesce(s.title, a.source) as source_title,
    a.language,
    a.published_at,
    a.published_on,
    coalesce(c.n_articles - 1, 0) as n_copies,
    coalesce(c.n_sources - 1, 0) as n_other_sources
from core.article as a
left join core.story_member as m using (article_id)
left join core.lead as l using (article_id)
left join core.source as s on s.name = a.source
left join (
    select m.story_id, count(*) as n_articles, count(distinct a.source) as n_sources
    from core.story_member as m
    join core.article as a using (article_id)
    where
        m.story_id in (
            select story_id
            from core.story_member
            where article_id in (select article_id::uuid from some_alerted)
        )
    group by m.story_id
) as c on c.story_id = m.story_id
where a.article_id in (select article_id::uuid from some_alerted)
"""

# The newest revision keeps its text in article_text alone.
_EDITS = """
with version as (
    select r.article_id, r.revision_no, r.title, coalesce(r.body, t.body) as body
    from core.revision as r
    join core.article_text as t using (article_id, seen_on)
    where r.article_id in (select article_id::uuid from some_edit)
)
select e.article_id, e.revision_no, p.title, n.title, p.body, n.body
from some_edit as e
join version as n on n.article_id = e.article_id::uuid and n.revision_no = e.revision_no
join version as p on p.article_id = e.article_id::uuid and p.revision_no = e.revision_no - 1
"""

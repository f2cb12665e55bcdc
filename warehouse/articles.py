"""Load a batch of articles (upsert): new ones, revisions, unchanged ones; with its requests and rejects.

After extract; `tasks/load.py` calls it inside the one transaction of the batch. The resulting rows depend
only on the set of pages, not on the order of their arrival:

- an article's row is what its latest page says (latest fetched_at, then content_sha256);
- each different pair of title and text is one revision, whenever its page arrives;
- `url` is the smallest seen, `first_seen_at` the earliest.
"""

from dataclasses import dataclass, replace
from datetime import date

import duckdb

from warehouse.batch_tables import BATCH
from warehouse.errors import WarehouseCorrupt
from warehouse.invariants import assert_batch_unique, count_rows
from warehouse.origins import delete_replaced, load_aliases, load_links, load_origins
from warehouse.pages.fetches import load_fetches, mark_checked
from warehouse.pages.gone import load_gone
from warehouse.records.outcome import Batch, Counts
from warehouse.rejects import load_rejects, resolve_stored, resolve_unchanged
from warehouse.revisions import load_revisions, load_texts, renumber_revisions, replace_texts
from warehouse.runs import has_load, load_load, new_load_id
from warehouse.sources import add_sources
from warehouse.store.arrow import registered
from warehouse.store.days import day_of, move_days, rows_by_day
from warehouse.store.staging import StagedBatch, stage_batch


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one batch changed."""

    counts: Counts
    changed_ids: list[str]  # articles that are new, or whose row or text changed
    new_ids: list[str]  # of these, those that were not stored
    load_id: str
    days: dict[str, date]  # seen_on of the batch's articles


def load_batch(con: duckdb.DuckDBPyConnection, batch: Batch) -> Loaded:
    """Load the outcome of a few hundred pages; call it inside a transaction.

    Idempotent: the same batch again changes nothing. Raises WarehouseError, so that the transaction fails,
    when a key of the batch is not unique afterwards.
    """
    stage = stage_batch(batch)
    load_id = new_load_id(con, stage.sha256)
    with registered(con, **{BATCH.staged: stage.articles, "stage_fetch": stage.fetches}):
        con.execute(_KNOWN)
    load_fetches(con, stage.fetches, batch.run_id, load_id)
    mark_checked(con, stage.fetches, BATCH.known)
    loaded = _load_articles(con, stage, load_id)
    n_gone = load_gone(con, batch, load_id, BATCH.known)
    n_rejects = load_rejects(con, stage.rejects, load_id)
    n_not_modified = sum(fetch.outcome == "not_modified" for fetch in batch.fetches)
    if n_not_modified:
        resolve_unchanged(con, stage.fetches, load_id)
    n_fetched = len(batch.fetches) - n_not_modified
    counts = loaded.counts + Counts(n_fetched=n_fetched, n_unchanged=n_not_modified, n_rejects=n_rejects)
    if loaded.changed_ids or n_rejects or n_gone or not has_load(con, stage.sha256):
        totals = count_rows(con)
        load_load(
            con,
            load_id,
            batch.run_id,
            kind="articles",
            batch_sha256=stage.sha256,
            counts=counts,
            totals=totals,
        )
    return replace(loaded, counts=counts)


def _load_articles(con: duckdb.DuckDBPyConnection, stage: StagedBatch, load_id: str) -> Loaded:
    if not stage.articles.num_rows:
        return Loaded(Counts(), [], [], load_id, {})
    add_sources(con, stage.articles["source"].unique().to_pylist())
    with registered(con, **{BATCH.staged: stage.articles}):
        for statement in (_FORGET_ALIASES, _INCOMING, _STORED, _FINAL):
            con.execute(statement)
        n_stored = _count_stored(con)
        if n_stored:
            move_days(con, _MOVED)
        load_revisions(con, load_id)
        load_texts(con)
        if n_stored:
            renumber_revisions(con)
            replace_texts(con)
            delete_replaced(con)
            con.execute(_DELETE_STORED)
    con.execute(_INSERT, [load_id])
    load_origins(con, stage.origins)
    load_links(con, stage.links)
    load_aliases(con)
    resolve_stored(con, load_id)
    assert_batch_unique(con)
    return _outcome(con, load_id)


def _count_stored(con: duckdb.DuckDBPyConnection) -> int:
    """Return how many articles of the batch are stored.

    Raises WarehouseCorrupt when one of them has no day: it would be stored a second time.
    """
    n_known, n_stored = con.execute(_COUNT_STORED).fetchall()[0]
    if n_known != n_stored:
        raise WarehouseCorrupt(
            f"{n_known} articles of the batch are stored, {n_stored} of them with their day (seen_on). "
            "The load was undone. Run wirehouse doctor --fix."
        )
    return int(n_stored)


def _outcome(con: duckdb.DuckDBPyConnection, load_id: str) -> Loaded:
    rows = con.execute(_OUTCOME).fetchall()
    kinds = [kind for _, kind, _, _ in rows]
    counts = Counts(
        n_new=kinds.count("new"), n_revised=kinds.count("revised"), n_unchanged=kinds.count("unchanged")
    )
    changed_ids = [article_id for article_id, _, is_changed, _ in rows if is_changed]
    new_ids = [article_id for article_id, kind, _, _ in rows if kind == "new"]
    return Loaded(counts, changed_ids, new_ids, load_id, {article_id: day for article_id, _, _, day in rows})


# Columns that come from one page, as opposed to those that depend on all pages of an article.
_PAGE_COLUMNS = (
    "title",
    "source_credit",
    "dateline_place",
    "authors",
    "author_kinds",
    "language",
    "published_at",
    "published_on",
    "published_local",
    "utc_offset_minutes",
    "published_precision",
    "published_from",
    "published_raw",
    "zone_from",
    "dates_disagree",
    "modified_at",
    "site_name",
    "canonical_url",
    "final_url",
    "section",
    "tags",
    "image_url",
    "description",
    "is_partial",
    "body_from",
    "title_certainty",
    "published_certainty",
    "body_certainty",
    "authors_certainty",
    "direction",
    "word_count",
    "content_sha256",
    "extractor",
)
_CAPTURE_COLUMNS = ("archive_file", "archive_offset", "archive_length", "fetched_at")

_INCOMING = f"""
create or replace temp table {BATCH.incoming} as
select
    cast(left(sha256(url_key), 32) as uuid) as article_id,
    * exclude (body, fetched_at),
    coalesce(fetched_at, now()) as fetched_at
from {BATCH.staged}
where url_key not in (select url_key from core.forgotten)
"""

# A page that leads to a forgotten article is not fetched again either.
_FORGET_ALIASES = f"""
insert into core.forgotten (url_key, forgotten_at, reason)
select distinct page_key, now(), 'leads to ' || url_key
from {BATCH.staged}
where
    url_key in (select url_key from core.forgotten)
    and page_key not in (select url_key from core.forgotten)
"""

# All ids of the batch at once: this is the one question that reads the ids of all articles.
_KNOWN = f"""
create or replace temp table {BATCH.known} as
with wanted as (
    select cast(left(sha256(url_key), 32) as uuid) as article_id
    from {BATCH.staged}
    union
    select cast(left(sha256(url_key), 32) as uuid)
    from stage_fetch
    where url_key is not null
    union
    select x.article_id
    from stage_fetch as s
    join core.url_alias as x using (url_key)
)
select article_id, seen_on
from core.article
where article_id in (select article_id from wanted)
"""

_STORED = f"""
create or replace temp table {BATCH.stored} as
select *
from core.article
where {rows_by_day("article", BATCH.known)} and article_id in (select article_id from {BATCH.incoming})
"""

_COUNT_STORED = f"""
select
    (
        select count(*)
        from {BATCH.known}
        where article_id in (select article_id from {BATCH.incoming})
    ),
    (select count(*) from {BATCH.stored})
"""

_DELETE_STORED = f"""
delete from core.article as a
using {BATCH.stored} as s
where a.article_id = s.article_id and a.seen_on = s.seen_on
"""


def _host(url: str) -> str:
    """Return the SQL expression of a URL's host, without www."""
    return rf"lower(regexp_extract({url}, '^https?://(www\.)?([^/:?#]+)', 2, 'i'))"


# One row per article of the batch, as it will be stored. item_no is the page in the batch that the row comes
# from; null when the stored page is later than all of them. Of several sources that give one URL, the one
# whose homepage has the same host, or a domain above it, is kept, else the first by name.
_FINAL = f"""
create or replace temp table {BATCH.final} as
with latest as (
    select *
    from {BATCH.incoming}
    qualify row_number() over (
        partition by article_id order by fetched_at desc, content_sha256 desc, title desc, item_no
    ) = 1
),
seen as (
    select article_id, min(url) as url, min(fetched_at) as first_at, max(fetched_at) as last_at
    from {BATCH.incoming}
    group by article_id
),
shown as (
    select url_key, min(first_seen_at) as first_at
    from core.entry
    where url_key in (select page_key from {BATCH.incoming} union select url_key from {BATCH.incoming})
    group by url_key
),
first_shown as (
    select i.article_id, min(s.first_at) as first_at
    from {BATCH.incoming} as i
    join shown as s on s.url_key in (i.page_key, i.url_key)
    group by i.article_id
),
claim as (
    select article_id, url, source from {BATCH.incoming}
    union
    select article_id, url, source from {BATCH.stored}
),
owner as (
    select
        c.article_id,
        arg_min(c.source, (
            not coalesce(ends_with('.' || {_host("c.url")}, '.' || {_host("s.homepage")}), false),
            c.source
        )) as source
    from claim as c
    left join core.source as s on s.name = c.source
    group by c.article_id
),
choice as (
    select
        i.article_id,
        s.article_id is not null as is_stored,
        s.article_id is null or (i.fetched_at, i.content_sha256, i.title)
            >= (s.fetched_at, s.content_sha256, s.title) as is_later
    from latest as i
    left join {BATCH.stored} as s using (article_id)
)
select
    c.article_id,
    c.is_stored,
    case when c.is_later then i.item_no end as item_no,
    least(s.url, n.url) as url,
    i.url_key,
    o.source,
    {
    ", ".join(
        f"case when c.is_later then i.{name} else s.{name} end as {name}"
        for name in _PAGE_COLUMNS + _CAPTURE_COLUMNS
    )
},
    least(s.first_seen_at, n.first_at, e.first_at) as first_seen_at,
    {day_of("least(s.first_seen_at, n.first_at, e.first_at)")} as seen_on,
    greatest(s.checked_at, n.last_at) as checked_at,
    case when s.gone_at > n.last_at then s.gone_at end as gone_at,
    not c.is_stored or (
        c.is_later and ({", ".join(f"i.{name}" for name in _PAGE_COLUMNS)})
            is distinct from ({", ".join(f"s.{name}" for name in _PAGE_COLUMNS)})
    ) as is_changed,
    s.content_sha256 as old_content_sha256,
    s.title as old_title,
    s.load_id
from choice as c
join latest as i using (article_id)
join seen as n using (article_id)
join owner as o using (article_id)
left join first_shown as e using (article_id)
left join {BATCH.stored} as s using (article_id)
"""

# Rare: an older capture of an article that is stored.
_MOVED = f"""
select a.article_id, k.seen_on as old_on, a.seen_on
from {BATCH.final} as a
join {BATCH.known} as k using (article_id)
where a.seen_on <> k.seen_on
"""

_NAMES = (
    "article_id",
    "url",
    "url_key",
    "source",
    *_PAGE_COLUMNS,
    *_CAPTURE_COLUMNS,
    "first_seen_at",
    "seen_on",
    "checked_at",
    "gone_at",
)

_INSERT = f"""
insert into core.article ({", ".join(_NAMES)}, n_revisions, load_id)
select
    {", ".join(f"a.{name}" for name in _NAMES)},
    r.n_revisions,
    case when a.is_changed or r.n_added > 0 then ? else a.load_id end
from {BATCH.final} as a
join (
    select article_id, count(*) as n_revisions, count(*) filter (not is_stored) as n_added
    from {BATCH.revisions}
    group by article_id
) as r using (article_id)
order by a.first_seen_at, a.article_id
"""

_OUTCOME = f"""
select
    cast(a.article_id as text) as article_id,
    case when not a.is_stored then 'new' when r.n_added > 0 then 'revised' else 'unchanged' end as kind,
    a.is_changed or r.n_added > 0 as is_changed,
    a.seen_on
from {BATCH.final} as a
join (
    select article_id, count(*) filter (not is_stored) as n_added
    from {BATCH.revisions}
    group by article_id
) as r using (article_id)
order by a.article_id
"""

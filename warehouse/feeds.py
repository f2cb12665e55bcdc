"""The state of feeds, and their entries.

Written by the poll step: a feed's validators are stored in the same transaction as the entries which they
cover, so that they can never be ahead of them.
"""

from collections.abc import Iterable, Sequence

import duckdb
import pyarrow as pa

from warehouse.batch_tables import BATCH
from warehouse.pages.fetches import load_fetches
from warehouse.records.outcome import Counts, PolledFeed, Reject
from warehouse.rejects import load_rejects, resolve_feeds
from warehouse.runs import load_load, new_load_id
from warehouse.store.arrow import registered
from warehouse.store.staging import ENTRY, FETCH, REJECT, STATE, EntryRow, arrow_table, tables_sha256


def find_known_keys(con: duckdb.DuckDBPyConnection, url_keys: Iterable[str]) -> set[str]:
    """Return those of the keys that a feed has shown, that lead to an article, or that were forgotten."""
    keys = pa.table({"url_key": pa.array(list(url_keys), pa.string())})
    with registered(con, stage_key=keys):
        rows = con.execute(_KNOWN_KEYS).fetchall()
    return {key for (key,) in rows}


def load_polls(
    con: duckdb.DuckDBPyConnection,
    run_id: str,
    polls: Sequence[PolledFeed],
    keys: Sequence[Sequence[str]],
) -> Counts:
    """Store polls of feeds; call it inside a transaction.

    `keys` has for each poll the URL key of each of its entries, "" for a link without one. Returns counts of
    entries, rejects and feeds that had not changed.
    """
    entries: list[EntryRow] = [
        (entry, poll.state, key, poll.fetch.started_at)
        for poll, poll_keys in zip(polls, keys, strict=True)
        for entry, key in zip(poll.entries, poll_keys, strict=True)
        if key
    ]
    entry_rows = arrow_table(ENTRY, entries)
    state_rows = arrow_table(STATE, [poll.state for poll in polls])
    fetches = arrow_table(FETCH, [poll.fetch for poll in polls])
    failures = [poll.reject for poll in polls if poll.reject]
    rejects = arrow_table(
        REJECT, [*failures, *_unreported(con, [lost for poll in polls for lost in poll.lost])]
    )
    sha256 = tables_sha256(entry_rows, state_rows, fetches, rejects)
    load_id = new_load_id(con, sha256)
    with registered(
        con,
        stage_entry=entry_rows,
        stage_state=state_rows,
    ):
        for statement in _LOAD_ENTRIES:
            con.execute(statement, {"load_id": load_id} if "$load_id" in statement else None)
        for statement in _LOAD_STATES:
            con.execute(statement)
    load_fetches(con, fetches, run_id, load_id)
    n_rejects = load_rejects(con, rejects, load_id)
    resolve_feeds(con, load_id)
    counts = Counts(
        n_entries=sum(len(poll.entries) for poll in polls),
        n_rejects=n_rejects,
        n_not_modified=sum(poll.fetch.outcome == "not_modified" for poll in polls),
    )
    load_load(con, load_id, run_id, kind="polls", batch_sha256=sha256, counts=counts)
    return counts


def _unreported(con: duckdb.DuckDBPyConnection, lost: Sequence[Reject]) -> list[Reject]:
    """Return the lost items that have no reject row yet: a feed shows them again at every poll."""
    if not lost:
        return []
    with registered(con, stage_lost=arrow_table(REJECT, lost)):
        numbers = con.execute(_UNREPORTED).fetchall()
    return [lost[number] for (number,) in numbers]


_UNREPORTED = """
select min(l.item_no)
from stage_lost as l
anti join core.reject as r on r.source = l.source and r.item = l.item and r.step = l.step
group by l.source, l.item
order by 1
"""

_KNOWN_KEYS = """
select distinct k.url_key
from stage_key as k
where
    k.url_key in (select url_key from core.entry)
    or k.url_key in (select url_key from core.article)
    or k.url_key in (select url_key from core.url_alias)
    or k.url_key in (select url_key from core.forgotten)
"""

# An older poll that is loaded late must not overwrite a newer one: hence last_seen_at.
_LOAD_ENTRIES = (
    """
    create or replace temp table incoming_entry as
    select
        * exclude (seen_at, content),
        -- The feed's text stands in for a page; it is not kept beside an article that has the page's.
        case when url_key not in (select url_key from core.article where body_from = 'page') then content end
            as content,
        min(seen_at) over (partition by feed_url, url) as first_seen_at,
        seen_at as last_seen_at
    from stage_entry
    where url_key not in (select url_key from core.forgotten)
    qualify row_number() over (partition by feed_url, url order by seen_at desc, item_no) = 1
    """,
    """
    create or replace temp table known_entry as
    select
        e.feed_url,
        e.url,
        i.last_seen_at >= e.last_seen_at as is_later,
        is_later and (
            i.title is distinct from e.title
            or i.summary is distinct from e.summary
            or coalesce(i.content <> e.content, false)
            or coalesce(i.updated_at > e.updated_at, i.updated_at is not null and e.updated_at is null)
        ) as is_changed
    from core.entry as e
    join incoming_entry as i using (feed_url, url)
    """,
    """
    update core.entry as e
    set
        source = case when k.is_later then i.source else e.source end,
        title = case when k.is_later then i.title else e.title end,
        guid = case when k.is_later then i.guid else e.guid end,
        published_at = case when k.is_later then i.published_at else e.published_at end,
        published_raw = case when k.is_later then i.published_raw else e.published_raw end,
        updated_at = case when k.is_later then i.updated_at else e.updated_at end,
        summary = case when k.is_later then i.summary else e.summary end,
        content = case when k.is_later then i.content else e.content end,
        authors = case when k.is_later then i.authors else e.authors end,
        language = case when k.is_later then i.language else e.language end,
        first_seen_at = least(e.first_seen_at, i.first_seen_at),
        last_seen_at = greatest(e.last_seen_at, i.last_seen_at),
        changed_at = case when k.is_changed then i.last_seen_at else e.changed_at end,
        load_id = case when k.is_changed then $load_id else e.load_id end
    from incoming_entry as i
    join known_entry as k using (feed_url, url)
    where e.feed_url = i.feed_url and e.url = i.url
    """,
    """
    insert into core.entry (
        feed_url, source, url, url_key, title, guid, published_at, published_raw, updated_at,
        summary, content, authors, language, first_seen_at, last_seen_at, load_id
    )
    select
        i.feed_url, i.source, i.url, i.url_key, i.title, i.guid, i.published_at, i.published_raw,
        i.updated_at, i.summary, i.content, i.authors, i.language, i.first_seen_at, i.last_seen_at, $load_id
    from incoming_entry as i
    anti join known_entry as k using (feed_url, url)
    """,
    """
    update core.article as a
    set url = i.url
    from (select url_key, min(url) as url from incoming_entry group by url_key) as i
    where a.url_key = i.url_key and i.url < a.url
    """,
)

_STATE_NAMES = ", ".join(STATE)
_LOAD_STATES = (
    f"""
    create or replace temp table {BATCH.feed_states} as
    select *
    from stage_state
    qualify row_number() over (partition by feed_url order by last_polled_at desc nulls last, item_no) = 1
    """,
    f"delete from core.feed_state where feed_url in (select feed_url from {BATCH.feed_states})",
    f"insert into core.feed_state ({_STATE_NAMES}) select {_STATE_NAMES} from {BATCH.feed_states}",
)

"""Which pages to fetch: new entries, retries, updates and rechecks, and known pages that are named."""

from collections.abc import Collection, Container, Sequence
from datetime import datetime, timedelta

import duckdb

from warehouse.records.feed import FeedEntry
from warehouse.records.page import FetchReason, KnownPage, PageRequest

# A page may change after it was stored: it is requested again at these ages. So is one that was found gone:
# a 404 may be a temporary fault of the server, and only another request shows that the page is back.
RECHECK_AGES = ("1 hour", "6 hours", "1 day", "3 days", "7 days")
# An old page that a feed shows for the first time is also checked at these ages since then.
SHOWN_AGES = ("1 day", "7 days")
MAX_RETRY_WAIT = timedelta(days=4)  # the longest wait before a retry; a later time is that of a wrong clock
RECHECK_SHARE = 4  # rechecks take at most a quarter of a source's limit


def find_pending(
    con: duckdb.DuckDBPyConnection,
    *,
    source_names: Sequence[str],
    now: datetime,
    limit_per_source: int,
    recheck_limit: int | None = None,
    planned: Container[str] = (),
    claimed: Collection[str] = (),
) -> list[PageRequest]:
    """Return the pages to fetch now, at most `limit_per_source` of each source.

    The limit counts pages whose keys are in `planned`, which are left out; `claimed` ones are left out and do
    not count. At most `recheck_limit` of them are rechecks, without it a quarter. New ones first (newest
    first), then those due for a retry, those that their feed says have changed, and those due for a recheck
    by their age.
    """
    if recheck_limit is None:
        recheck_limit = max(1, limit_per_source // RECHECK_SHARE) if limit_per_source > 1 else 0
    found = con.execute(
        _PENDING,
        {
            "sources": list(source_names),
            "now": now,
            "max_retry_wait": MAX_RETRY_WAIT,
            "limit": limit_per_source,
            "recheck_limit": recheck_limit,
            "claimed": list(claimed),
        },
    )
    requests: list[PageRequest] = []
    # Some at a time: those of a long run that are planned already hold many texts of feeds.
    while rows := found.fetchmany(_ROWS_AT_ONCE):
        requests += [_request(row) for row in rows if row[_URL_KEY] not in planned]
    return requests


def find_known(con: duckdb.DuckDBPyConnection, url_keys: Sequence[str]) -> list[PageRequest]:
    """Return the requests for those of the pages that are known, whatever their age, by key.

    A page is known that is stored, that a feed has shown, or that failed; a forgotten one is not.
    """
    rows = con.execute(_KNOWN, {"keys": list(url_keys)}).fetchall()
    return [_request(row) for row in rows]


def has_pending(con: duckdb.DuckDBPyConnection, source_names: Sequence[str], now: datetime) -> bool:
    """Say whether there is a page to fetch now."""
    return bool(find_pending(con, source_names=source_names, now=now, limit_per_source=RECHECK_SHARE))


def _request(row: tuple[object, ...]) -> PageRequest:
    source, url, url_key, feed_url, reason, n_attempts, etag, last_modified, body_sha256, *entry = row
    title, guid, published_at, published_raw, updated_at, summary, authors, language, content = entry
    return PageRequest(
        source=source,  # type: ignore[arg-type]
        url=url,  # type: ignore[arg-type]
        url_key=url_key,  # type: ignore[arg-type]
        feed_url=feed_url,  # type: ignore[arg-type]
        reason=FetchReason(str(reason)),
        n_attempts=n_attempts,  # type: ignore[arg-type]
        known=KnownPage(etag, last_modified, body_sha256) if body_sha256 else None,  # type: ignore[arg-type]
        entry=FeedEntry(
            url=url,  # type: ignore[arg-type]
            title=title,  # type: ignore[arg-type]
            guid=guid,  # type: ignore[arg-type]
            published_at=published_at,  # type: ignore[arg-type]
            published_raw=published_raw,  # type: ignore[arg-type]
            updated_at=updated_at,  # type: ignore[arg-type]
            summary=summary,  # type: ignore[arg-type]
            authors=tuple(authors or ()),  # type: ignore[arg-type]
            language=language,  # type: ignore[arg-type]
            content=content,  # type: ignore[arg-type]
        ),
    )


_ROWS_AT_ONCE = 1_000
_URL_KEY = 2  # its place in a row

_AGES = ", ".join(f"interval '{age}'" for age in RECHECK_AGES)
_SHOWN_AGES = ", ".join(f"interval '{age}'" for age in SHOWN_AGES)

_PENDING = f"""
with shown as (
    select
        e.url_key,
        e.source,
        e.url,
        e.feed_url,
        e.title,
        e.guid,
        e.published_at,
        e.published_raw,
        e.updated_at,
        e.summary,
        e.authors,
        e.language,
        e.content,
        e.first_seen_at,
        max(e.changed_at) over (partition by e.url_key) as changed_at
    from core.entry as e
    where e.source in (select unnest($sources::text[]))
    qualify row_number() over (partition by e.url_key order by e.first_seen_at, e.feed_url, e.url) = 1
),
failed as (
    select url_key, source, url, feed_url, attempts, last_at, next_try_at
    from core.reject
    where resolved_at is null and url_key is not null
    qualify row_number() over (partition by url_key order by last_at desc, source) = 1
),
stored as (
    select url_key, article_id, source, url, published_at, first_seen_at, checked_at, gone_at
    from core.article
    union all
    select x.url_key, a.article_id, a.source, a.url, a.published_at, a.first_seen_at, a.checked_at, a.gone_at
    from core.url_alias as x
    join core.article as a using (article_id)
),
from_feed as (
    select
        s.* exclude (changed_at),
        case
            when a.article_id is null and f.url_key is null then 'new'
            when f.next_try_at <= $now or f.next_try_at > $now + $max_retry_wait then 'retry'
            when s.changed_at > coalesce(f.last_at, a.checked_at) then 'updated'
        end as reason,
        coalesce(f.attempts, 0) as n_attempts
    from shown as s
    left join stored as a using (url_key)
    left join failed as f using (url_key)
    where reason is not null
),
retry as (
    select
        f.url_key, f.source, f.url, f.feed_url,
        null::text as title, null::text as guid, null::timestamptz as published_at,
        null::text as published_raw, null::timestamptz as updated_at, null::text as summary,
        null::text[] as authors, null::text as language, null::text as content,
        f.last_at as first_seen_at, 'retry' as reason, f.attempts as n_attempts
    from failed as f
    anti join shown as s using (url_key)
    where
        (f.next_try_at <= $now or f.next_try_at > $now + $max_retry_wait)
        and f.url is not null
        and f.source in (select unnest($sources::text[]))
),
aged as (
    select
        a.url_key,
        a.source,
        a.url,
        a.first_seen_at,
        least(coalesce(a.published_at, a.first_seen_at), a.first_seen_at) as born_at,
        a.checked_at
    from core.article as a
    where
        a.first_seen_at > $now - interval '8 days'
        and a.source in (select unnest($sources::text[]))
),
recheck as (
    select
        a.url_key, a.source, coalesce(s.url, a.url) as url, s.feed_url,
        s.title, s.guid, s.published_at, s.published_raw, s.updated_at, s.summary, s.authors, s.language,
        s.content, a.first_seen_at, 'recheck' as reason, 0 as n_attempts
    from aged as a
    left join shown as s using (url_key)
    -- One that waits for a retry is asked for then; a failure that stays does not end the rechecks.
    anti join (select url_key from failed where next_try_at is not null) as f using (url_key)
    where
        list_bool_or([a.checked_at < a.born_at + age and a.born_at + age <= $now for age in [{_AGES}]])
        or s.url_key is not null and list_bool_or([
            a.checked_at < a.first_seen_at + age and a.first_seen_at + age <= $now for age in [{_SHOWN_AGES}]
        ])
    qualify row_number() over (partition by a.source order by a.checked_at, a.url_key) <= $recheck_limit
),
pending as (
    select *
    from (
        select * from from_feed
        union all by name
        select * from retry
        union all by name
        select * from recheck
    )
    where
        url_key not in (select url_key from core.forgotten)
        and url_key not in (select unnest($claimed::text[]))
    qualify row_number() over (partition by url_key order by case reason {
    "".join(f" when '{r}' then {i}" for i, r in enumerate(("new", "retry", "updated", "recheck")))
} end) = 1
),
chosen as (
    select *
    from pending
    qualify row_number() over (
        partition by source
        order by
            case reason when 'new' then 0 when 'retry' then 1 when 'updated' then 2 else 3 end,
            first_seen_at desc,
            url_key
    ) <= $limit
),
-- The validators of the stored page when it was last fetched, by the URL it was fetched from.
known as (
    select url, etag, last_modified, body_sha256
    from core.fetch
    where
        outcome in ('ok', 'not_modified')
        and body_sha256 is not null
        and url in (select url from chosen where reason in ('recheck', 'updated'))
    qualify row_number() over (partition by url order by started_at desc) = 1
)
select
    c.source, c.url, c.url_key, c.feed_url, c.reason, c.n_attempts, k.etag, k.last_modified, k.body_sha256,
    c.title, c.guid, c.published_at, c.published_raw, c.updated_at, c.summary, c.authors, c.language,
    c.content
from chosen as c
left join known as k on k.url = c.url and c.reason in ('recheck', 'updated')
order by
    c.source,
    case c.reason when 'new' then 0 when 'retry' then 1 when 'updated' then 2 else 3 end,
    c.url_key
"""

_KNOWN = """
with wanted as (
    select unnest($keys::text[]) as url_key
),
shown as (
    select *
    from core.entry
    where url_key in (from wanted)
    qualify row_number() over (partition by url_key order by first_seen_at, feed_url, url) = 1
),
failed as (
    select url_key, source, url, feed_url, attempts
    from core.reject
    where resolved_at is null and url_key in (from wanted)
    qualify row_number() over (partition by url_key order by last_at desc, source) = 1
),
stored as (
    select url_key, source, url
    from core.article
    where url_key in (from wanted)
    union all
    select x.url_key, a.source, a.url
    from core.url_alias as x
    join core.article as a using (article_id)
    where x.url_key in (from wanted) and x.url_key not in (select url_key from core.article)
),
page as (
    select
        w.url_key,
        coalesce(a.source, s.source, f.source) as source,
        coalesce(s.url, a.url, f.url) as url,
        coalesce(s.feed_url, f.feed_url) as feed_url,
        case when a.url_key is null then 'retry' else 'recheck' end as reason,
        coalesce(f.attempts, 0) as n_attempts,
        s.title, s.guid, s.published_at, s.published_raw, s.updated_at, s.summary, s.authors, s.language,
        s.content
    from wanted as w
    left join shown as s using (url_key)
    left join stored as a using (url_key)
    left join failed as f using (url_key)
    where w.url_key not in (select url_key from core.forgotten)
),
validators as (
    select url, etag, last_modified, body_sha256
    from core.fetch
    where
        outcome in ('ok', 'not_modified')
        and body_sha256 is not null
        and url in (select url from page where reason = 'recheck')
    qualify row_number() over (partition by url order by started_at desc) = 1
)
select
    p.source, p.url, p.url_key, p.feed_url, p.reason, p.n_attempts, v.etag, v.last_modified, v.body_sha256,
    p.title, p.guid, p.published_at, p.published_raw, p.updated_at, p.summary, p.authors, p.language,
    p.content
from page as p
left join validators as v on v.url = p.url
where p.url is not null
order by p.url_key
"""

-- Operations: rejects, the health of feeds, the ledger, runs.

create view main.rejects as
select
    source,
    feed_url,
    url,
    step,
    error_class,
    reason,
    archive_file,
    archive_offset,
    attempts,
    first_at,
    last_at,
    next_try_at,
    reject_id
from core.reject
where resolved_at is null;

comment on view main.rejects is 'Items that failed and have not succeeded since; a feed that fails as a whole has a row as well.';
comment on column main.rejects.source is 'Key of the source.';
comment on column main.rejects.feed_url is 'The feed that failed, or that showed the page; null when no feed did.';
comment on column main.rejects.url is 'URL of the page or of the feed that failed; null when not known.';
comment on column main.rejects.step is 'Step that failed: poll, fetch, extract, deduplicate, load.';
comment on column main.rejects.error_class is 'Error class of the last failure.';
comment on column main.rejects.reason is 'Reason, as a sentence.';
comment on column main.rejects.archive_file is 'Archive file with the page; null when it is not archived.';
comment on column main.rejects.archive_offset is 'Offset of the record in that file, bytes; null when it is not archived.';
comment on column main.rejects.attempts is 'Number of failures at this step.';
comment on column main.rejects.first_at is 'When it first failed.';
comment on column main.rejects.last_at is 'When it last failed.';
comment on column main.rejects.next_try_at is 'When it is retried; null: not automatically.';
comment on column main.rejects.reject_id is 'Key for wirehouse rejects show and retry.';

create view main.feed_health as
with lately as (
    select
        feed_url,
        count(*) as n_polls,
        avg((outcome in ('ok', 'not_modified'))::integer) as ok_ratio,
        avg((outcome = 'not_modified')::integer) as not_modified_ratio
    from core.fetch
    where url_key is null and feed_url is not null and started_at > now() - interval '7 days'
    group by feed_url
)
select
    f.feed_url,
    f.source,
    coalesce(s.kind, f.kind) as kind,
    case
        when f.removed_at is not null then 'removed'
        when not c.enabled then 'disabled'
        when s.stopped_at is not null then 'stopped'
        when s.last_polled_at is null then 'never polled'
        when s.n_failures > 0 then 'failing'
        when s.overlap_lost then 'overlap lost'
        else 'ok'
    end as status,
    s.last_polled_at,
    s.last_ok_at,
    s.last_new_at,
    s.n_failures,
    s.error_class,
    s.reason,
    s.next_due_at,
    s.next_due_reason,
    s.new_per_day,
    s.overlap_lost,
    s.moved_to_url,
    s.n_moved_polls,
    s.stopped_at,
    coalesce(l.n_polls, 0) as n_polls_7d,
    l.ok_ratio as ok_ratio_7d,
    l.not_modified_ratio as not_modified_ratio_7d
from core.feed as f
left join core.feed_state as s on s.feed_url = f.feed_url
left join core.source as c on c.name = f.source
left join lately as l on l.feed_url = f.feed_url;

comment on view main.feed_health is 'One row per feed: the outcome of its polls and when it is next due.';
comment on column main.feed_health.feed_url is 'The feed.';
comment on column main.feed_health.source is 'Key of its source.';
comment on column main.feed_health.kind is 'Format as detected, else as in sources.toml.';
comment on column main.feed_health.status is 'ok, failing, overlap lost, stopped (410), never polled, disabled (its source), removed (from sources.toml).';
comment on column main.feed_health.last_polled_at is 'When it was last polled; null: never.';
comment on column main.feed_health.last_ok_at is 'When a poll last succeeded (304 included); null: never.';
comment on column main.feed_health.last_new_at is 'When it last had a new entry; null: never.';
comment on column main.feed_health.n_failures is 'Consecutive failed polls; null: never polled.';
comment on column main.feed_health.error_class is 'Error class of the last poll; null when it succeeded.';
comment on column main.feed_health.reason is 'Reason of the last failure, as a sentence; null when the last poll succeeded.';
comment on column main.feed_health.next_due_at is 'When it is next due; null: now.';
comment on column main.feed_health.next_due_reason is 'Reason for that time.';
comment on column main.feed_health.new_per_day is 'Its rate of new entries per day; null while not known.';
comment on column main.feed_health.overlap_lost is 'True when the last poll had no known entry: entries may have been missed.';
comment on column main.feed_health.moved_to_url is 'Target of a permanent redirect; null when it has not moved.';
comment on column main.feed_health.n_moved_polls is 'Polls in a row that were redirected there; it is polled there after three; null: never polled.';
comment on column main.feed_health.stopped_at is 'When the server answered 410 (gone); null while it is polled.';
comment on column main.feed_health.n_polls_7d is 'Polls in the last seven days.';
comment on column main.feed_health.ok_ratio_7d is 'Share of these polls that succeeded, 0 to 1; null without polls.';
comment on column main.feed_health.not_modified_ratio_7d is 'Share of these polls answered 304, 0 to 1; null without polls.';

create view main.source_daily as
with
shown as (
    select source, url_key, min(first_at) as first_at
    from (
        select source, url_key, first_seen_at as first_at
        from core.entry
        union all
        select source, url_key, first_at
        from core.reject
        where url_key is not null and resolved_at is null
    )
    group by source, url_key
),
-- An article of the source has an article_id. The day is not a cast to date, which costs as much as the join.
item as materialized (
    select
        coalesce(a.source, i.source) as source,
        coalesce(a.url_key, i.url_key) as url_key,
        date '1970-01-01' + (epoch_us(least(a.first_seen_at, i.first_at)) // 86_400_000_000)::integer as day,
        a.article_id,
        a.n_revisions
    from shown as i
    full join core.article as a on a.source = i.source and a.url_key = i.url_key
),
-- A page of two sources is fetched once; when it fails, it has failed for both.
failed as (
    select distinct url_key
    from core.reject
    where url_key is not null and resolved_at is null
),
state as (
    select
        i.source,
        i.day,
        'stored' as state,
        coalesce(m.story_id <> i.article_id, false) as is_duplicate,
        i.n_revisions > 1 as is_revised
    from item as i
    left join core.story_member as m using (article_id)
    where i.article_id is not null
    union all
    select
        i.source,
        i.day,
        case
            when a.url_key is not null or x.url_key is not null or g.url_key is not null then 'known'
            when f.url_key is not null then 'rejected'
            else 'pending'
        end as state,
        false as is_duplicate,
        false as is_revised
    from item as i
    left join core.article as a on a.url_key = i.url_key
    left join (select distinct url_key from core.url_alias) as x on x.url_key = i.url_key
    left join (select distinct url_key from core.forgotten) as g on g.url_key = i.url_key
    left join failed as f on f.url_key = i.url_key
    where i.article_id is null
)
select
    source,
    day,
    count(*) as seen,
    count(*) filter (state = 'stored') as stored,
    count(*) filter (state = 'known') as known,
    count(*) filter (state = 'rejected') as rejected,
    count(*) filter (state = 'pending') as pending,
    count(*) filter (is_duplicate) as duplicates,
    count(*) filter (is_revised) as revised
from state
group by source, day;

comment on view main.source_daily is 'The ledger: the outcome of each link that a source showed; seen = stored + known + rejected + pending.';
comment on column main.source_daily.source is 'Key of the source.';
comment on column main.source_daily.day is 'UTC day on which the source first showed the links.';
comment on column main.source_daily.seen is 'Different links (by URL key) that the source first showed on that day.';
comment on column main.source_daily.stored is 'Links that are articles of this source.';
comment on column main.source_daily.known is 'Links to an article of another source or under another key, and forgotten URLs.';
comment on column main.source_daily.rejected is 'Links that failed and are open in rejects.';
comment on column main.source_daily.pending is 'Links that have not been fetched yet.';
comment on column main.source_daily.duplicates is 'Stored ones whose story has another representative.';
comment on column main.source_daily.revised is 'Stored ones with more than one revision.';

create view main.runs as
with loaded as (
    select
        run_id,
        sum(n_entries)::bigint as n_entries,
        sum(n_fetched)::bigint as n_fetched,
        sum(n_new)::bigint as n_new,
        sum(n_revised)::bigint as n_revised,
        sum(n_unchanged)::bigint as n_unchanged,
        sum(n_duplicates)::bigint as n_duplicates,
        sum(n_rejects)::bigint as n_rejects,
        sum(n_not_modified)::bigint as n_not_modified
    from core.load
    group by run_id
)
select
    r.run_id,
    r.flow,
    r.started_at,
    r.ended_at,
    r.status,
    coalesce(r.n_entries, l.n_entries, 0) as n_entries,
    coalesce(r.n_fetched, l.n_fetched, 0) as n_fetched,
    coalesce(r.n_new, l.n_new, 0) as n_new,
    coalesce(r.n_revised, l.n_revised, 0) as n_revised,
    coalesce(r.n_unchanged, l.n_unchanged, 0) as n_unchanged,
    coalesce(r.n_duplicates, l.n_duplicates, 0) as n_duplicates,
    coalesce(r.n_rejects, l.n_rejects, 0) as n_rejects,
    coalesce(r.n_not_modified, l.n_not_modified, 0) as n_not_modified,
    r.removed
from core.run as r
left join loaded as l using (run_id);

comment on view main.runs is 'One row per run; the counts of a running or killed run are those of its loads.';
comment on column main.runs.run_id is 'Key.';
comment on column main.runs.flow is 'ingest, backfill, reextract, import, ...';
comment on column main.runs.started_at is 'Start time.';
comment on column main.runs.ended_at is 'End time; null while it runs, or when it was killed.';
comment on column main.runs.status is 'running, completed, partial (some items failed), failed, crashed, cancelled.';
comment on column main.runs.n_entries is 'Entries seen in feeds.';
comment on column main.runs.n_fetched is 'Pages fetched.';
comment on column main.runs.n_new is 'New articles.';
comment on column main.runs.n_revised is 'Articles whose text or title changed.';
comment on column main.runs.n_unchanged is 'Articles that were fetched again without a change.';
comment on column main.runs.n_duplicates is 'New articles whose text another article has as well.';
comment on column main.runs.n_rejects is 'Items that failed.';
comment on column main.runs.n_not_modified is 'Requests answered 304 (not modified).';
comment on column main.runs.removed is 'What a prune removed, as JSON: rows by table, files with their bytes; null for other runs.';

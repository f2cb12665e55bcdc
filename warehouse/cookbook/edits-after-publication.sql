-- title: Edits after publication
-- asks: Which articles changed after publication, how long after it, and how many sentences?
-- parameter source (text): Key of a source; empty: all.
-- parameter since (date): First day on which a change was seen, UTC; empty: no limit.
select
    e.seen_at,
    e.source,
    e.title,
    e.change,
    len(e.changed) as reworded,
    len(e.added) as added,
    len(e.removed) as removed,
    e.is_stealth,
    round((epoch(coalesce(e.modified_at, e.seen_at)) - epoch(a.published_at)) / 3600, 1) as hours_after,
    e.url,
    e.article_id
from edits as e
join articles as a using (article_id)
where
    ($source::text is null or e.source = $source::text)
    and ($since::date is null or e.seen_at >= $since::date)
order by e.seen_at desc, e.source, e.title, e.article_id
limit 500

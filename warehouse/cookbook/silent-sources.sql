-- title: Sources that fell silent
-- asks: Which sources have published nothing for some days, counted from the latest article of all?
-- parameter days (number): Days without an article; empty: 3.
with latest as (
    select max(last_on) as day
    from sources
)
select
    s.source,
    s.title,
    s.last_on,
    l.day - s.last_on as n_days,
    s.n_articles,
    s.n_feeds,
    f.status as feed_status,
    f.reason as feed_reason
from sources as s
cross join latest as l
left join (
    select source, arg_max(status, last_polled_at) as status, arg_max(reason, last_polled_at) as reason
    from feed_health
    group by source
) as f using (source)
where s.removed_at is null and l.day - s.last_on >= coalesce($days::integer, 3)
order by n_days desc, s.source

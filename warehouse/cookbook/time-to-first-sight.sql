-- title: Time from publication to first sight
-- asks: How long after publication does each source's feed show an article?
-- parameter since (date): First day, as printed; empty: no limit.
select
    source,
    count(*) as n_articles,
    round(quantile_cont(lag_s, 0.5) / 60, 1) as median_minutes,
    round(quantile_cont(lag_s, 0.9) / 60, 1) as p90_minutes
from (
    select source, epoch(first_seen_at) - epoch(published_at) as lag_s
    from articles
    where published_at is not null and ($since::date is null or published_on >= $since::date)
)
-- a page that a backfill found says nothing about the feed
where lag_s between 0 and 7 * 86400
group by source
order by median_minutes, source

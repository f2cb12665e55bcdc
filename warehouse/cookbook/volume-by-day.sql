-- title: Volume by source and day
-- asks: How many articles and stories did each source publish on each day?
-- parameter since (date): First day, as printed; empty: no limit.
-- parameter source (text): Key of a source; empty: all.
select
    coalesce(published_on, first_seen_at::date) as day,
    source,
    count(*) as n_articles,
    count(*) filter (is_representative) as n_stories
from articles
where
    ($since::date is null or coalesce(published_on, first_seen_at::date) >= $since::date)
    and ($source::text is null or source = $source::text)
group by all
order by day desc, n_articles desc, source
limit 1000

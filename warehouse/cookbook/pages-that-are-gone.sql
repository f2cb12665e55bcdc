-- title: Pages that are gone
-- asks: Which articles were taken off the web, and how long after publication?
-- parameter source (text): Key of a source; empty: all.
select
    gone_at,
    source,
    title,
    published_at,
    round((epoch(gone_at) - epoch(published_at)) / 86400, 1) as days_online,
    url,
    article_id
from articles
where gone_at is not null and ($source::text is null or source = $source::text)
order by gone_at desc, source, title, article_id
limit 500

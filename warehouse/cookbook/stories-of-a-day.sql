-- title: Stories of one day
-- asks: Which stories were published on a day, each counted once, and how many sources carried them?
-- parameter day (date): Day as printed; empty: the latest that has articles.
with chosen as (
    select coalesce($day::date, max(published_on)) as day
    from articles
)
select
    a.published_at,
    a.source,
    a.title,
    a.n_copies,
    a.language,
    a.url,
    a.article_id
from articles as a
cross join chosen as c
where a.is_representative and a.published_on = c.day
order by a.n_copies desc, a.sort_at desc, a.source, a.title, a.article_id
limit 500

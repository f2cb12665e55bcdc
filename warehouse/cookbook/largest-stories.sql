-- title: Largest stories
-- asks: Which texts were published by most sources, and who probably wrote them?
-- parameter since (date): First day of the representative, as printed; empty: no limit.
-- parameter language (text): ISO 639-1, such as en; empty: all.
with large as (
    select story_id, count(*) as n_articles
    from core.story_member
    group by story_id
)
select
    l.n_articles,
    s.n_sources,
    s.likely_origin,
    s.likely_origin_from,
    s.title,
    s.first_published_at,
    s.last_published_at,
    s.story_id
from large as l
join stories as s using (story_id)
where
    ($since::date is null or s.published_on >= $since::date)
    and ($language::text is null or s.language = lower($language::text))
order by s.n_sources desc, l.n_articles desc, s.last_published_at desc nulls last, s.title, s.story_id
limit 200

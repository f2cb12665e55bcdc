-- title: Who copies whom
-- asks: Which source carried a story first, and which carried the same text later?
-- parameter since (date): First day of the later article, as printed; empty: no limit.
-- parameter source (text): Key of a source on either side; empty: all.
select
    a.source as earlier,
    c.source as later,
    count(distinct c.story_id) as n_stories,
    quantile_cont(epoch(c.published_at) - epoch(a.published_at), 0.5) / 60 as median_minutes
from articles as c
join articles as a on a.article_id = c.story_id
where
    not c.is_representative
    and a.source <> c.source
    and ($since::date is null or c.published_on >= $since::date)
    and ($source::text is null or $source::text in (a.source, c.source))
group by all
order by n_stories desc, earlier, later
limit 200

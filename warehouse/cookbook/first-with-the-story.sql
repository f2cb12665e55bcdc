-- title: First with the story
-- asks: Of the stories that several sources carried, how often was each source the first?
-- parameter since (date): First day, as printed; empty: no limit.
with carried as (
    select
        story_id,
        source,
        bool_or(is_representative) as was_first
    from articles
    where n_copies > 0 and ($since::date is null or published_on >= $since::date)
    group by story_id, source
)
select
    source,
    count(*) as n_stories,
    count(*) filter (was_first) as n_first,
    round(100 * count(*) filter (was_first) / count(*), 1) as first_percent
from carried
where story_id in (
    select story_id
    from carried
    group by story_id
    having count(*) > 1
)
group by source
order by n_first desc, source

-- title: Credited agencies
-- asks: Which agencies and other sources do articles credit, and which sources use them?
-- parameter since (date): First day, as printed; empty: no limit.
select
    source_credit,
    count(*) as n_articles,
    count(distinct story_id) as n_stories,
    count(distinct source) as n_sources,
    mode(source order by source) as most_often_in
from articles
where source_credit is not null and ($since::date is null or published_on >= $since::date)
group by source_credit
order by n_articles desc, source_credit
limit 200

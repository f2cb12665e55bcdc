-- title: Hours of the day
-- asks: At which local hours do the sources publish, on weekdays and at weekends?
-- parameter source (text): Key of a source; empty: all.
-- parameter since (date): First day, as printed; empty: no limit.
select
    hour(published_local) as hour,
    count(*) as n_articles,
    count(*) filter (isodow(published_on) < 6) as on_weekdays,
    count(*) filter (isodow(published_on) > 5) as at_weekends,
    count(distinct source) as n_sources
from articles
where
    published_precision = 'minute'
    and ($source::text is null or source = $source::text)
    and ($since::date is null or published_on >= $since::date)
group by all
order by hour

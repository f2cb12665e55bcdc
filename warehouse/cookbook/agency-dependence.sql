-- title: Dependence on agencies
-- asks: What share of each source's articles credits someone else, and whom most often?
-- parameter since (date): First day, as printed; empty: no limit.
-- parameter source (text): Key of a source; empty: all.
select
    a.source,
    count(*) as n_articles,
    count(*) filter (is_credited) as n_credited,
    round(100 * n_credited / n_articles, 1) as credited_percent,
    count(distinct credit) filter (is_credited) as n_agencies,
    mode(credit order by credit) filter (is_credited) as most_often
from (
    select
        source,
        published_on,
        source_credit as credit,
        -- an agency that publishes its own wire credits itself
        source_credit is not null
        and regexp_replace(lower(source_credit), '[^\p{L}\p{N}]', '', 'g')
        not in (
            regexp_replace(lower(source), '[^\p{L}\p{N}]', '', 'g'),
            regexp_replace(lower(source_title), '[^\p{L}\p{N}]', '', 'g')
        ) as is_credited
    from articles
) as a
where
    ($since::date is null or a.published_on >= $since::date)
    and ($source::text is null or a.source = $source::text)
group by a.source
order by credited_percent desc, a.source

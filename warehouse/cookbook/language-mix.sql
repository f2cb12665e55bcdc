-- title: Language mix
-- asks: In which languages did the sources publish, in articles, stories and words?
-- parameter since (date): First day, as printed; empty: no limit.
-- parameter source (text): Key of a source; empty: all.
select
    coalesce(language, 'not known') as language,
    count(distinct source) as n_sources,
    count(*) as n_articles,
    count(*) filter (is_representative) as n_stories,
    round(100 * n_stories / sum(n_stories) over (), 1) as percent_of_stories,
    quantile_disc(word_count, 0.5) as median_words
from articles
where
    ($since::date is null or published_on >= $since::date)
    and ($source::text is null or source = $source::text)
group by 1
order by n_stories desc, 1

-- title: Most frequent authors
-- asks: Which people signed most stories, each text counted once?
-- parameter source (text): Key of a source; empty: all.
-- parameter since (date): First day, as printed; empty: no limit.
with signed as (
    select
        story_id,
        source,
        unnest(authors) as author,
        unnest(author_kinds) as kind
    from articles
    where
        is_representative
        and ($source::text is null or source = $source::text)
        and ($since::date is null or published_on >= $since::date)
)
select
    author,
    count(*) as n_stories,
    count(distinct source) as n_sources,
    mode(source order by source) as most_often_in
from signed
where kind is distinct from 'organisation' and author is not null
group by author
order by n_stories desc, author
limit 200

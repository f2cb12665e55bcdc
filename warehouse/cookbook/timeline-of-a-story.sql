-- title: Timeline of a story
-- asks: Who published the text of a story, when, how much of it, and who changed it?
-- parameter story (text): story_id, as in stories; empty: the latest story with most sources.
with chosen as (
    select coalesce(try_cast($story::text as uuid), (
        select story_id
        from stories
        order by n_sources desc, last_published_at desc nulls last, title, story_id
        limit 1
    )) as story_id
)
select
    a.published_at,
    a.published_on,
    a.source,
    a.title,
    a.is_representative as is_first,
    a.source_credit,
    round(c.similarity, 2) as similarity,
    c.relation,
    a.n_revisions - 1 as n_edits,
    a.url,
    a.article_id
from articles as a
join chosen as s using (story_id)
left join copies as c on c.article_id = a.article_id and c.other_article_id = a.story_id
order by a.published_at nulls last, a.published_on, a.source, a.article_id
limit 500

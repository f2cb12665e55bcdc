-- title: A topic in five languages
-- asks: How many stories, each counted once, does each language have on a topic, and what share of all?
-- parameter en (text): Words in English; empty: water.
-- parameter de (text): Words in German; empty: Wasser*.
-- parameter ru (text): Words in Russian; empty: вод*.
-- parameter ja (text): Words in Japanese; empty: 水.
-- parameter ar (text): Words in Arabic; empty: مياه.
-- parameter since (date): First day, as printed; empty: no limit.
with matched as (
    select 'en' as language, article_id from search(coalesce($en::text, 'water'))
    union all
    select 'de', article_id from search(coalesce($de::text, 'Wasser*'))
    union all
    select 'ru', article_id from search(coalesce($ru::text, 'вод*'))
    union all
    select 'ja', article_id from search(coalesce($ja::text, '水'))
    union all
    select 'ar', article_id from search(coalesce($ar::text, 'مياه'))
)
select
    a.language,
    count(m.article_id) as n_articles,
    count(distinct a.story_id) filter (m.article_id is not null) as n_stories,
    count(distinct a.source) filter (m.article_id is not null) as n_sources,
    round(100 * n_stories / count(distinct a.story_id), 1) as percent_of_stories
from articles as a
left join matched as m using (article_id, language)
where
    a.language in ('en', 'de', 'ru', 'ja', 'ar')
    and ($since::date is null or a.published_on >= $since::date)
group by a.language
order by n_stories desc, a.language

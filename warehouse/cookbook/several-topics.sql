-- title: Several topics side by side
-- asks: How many stories has each of three topics in each month, and how many stories have two of them?
-- parameter first (text): Words, as in the search; empty: school.
-- parameter second (text): Words of the second topic; empty: hospital.
-- parameter third (text): Words of the third topic; empty: bridge.
with matched as (
    select 1 as topic, article_id from search(coalesce($first::text, 'school'))
    union all
    select 2, article_id from search(coalesce($second::text, 'hospital'))
    union all
    select 3, article_id from search(coalesce($third::text, 'bridge'))
),
story as (
    select
        a.story_id,
        min(date_trunc('month', coalesce(a.published_on, a.first_seen_at::date)))::date as month,
        bool_or(m.topic = 1) as is_first,
        bool_or(m.topic = 2) as is_second,
        bool_or(m.topic = 3) as is_third
    from matched as m
    join articles as a using (article_id)
    group by a.story_id
)
select
    month,
    count(*) filter (is_first) as first_topic,
    count(*) filter (is_second) as second_topic,
    count(*) filter (is_third) as third_topic,
    count(*) filter (is_first and is_second) as first_and_second,
    count(*) filter (is_first and is_third) as first_and_third,
    count(*) filter (is_second and is_third) as second_and_third
from story
group by month
order by month desc

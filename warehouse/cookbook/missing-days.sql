-- title: Missing days
-- asks: On which days do sources have no article, and were they silent or were we down?
-- parameter days (number): Days back from the latest run; empty: 7.
-- parameter source (text): Key of a source; empty: all.
with run_day as (
    select distinct unnest(
        generate_series(started_at::date, coalesce(ended_at, started_at)::date, interval 1 day)
    )::date as day
    from runs
    where flow = 'ingest'
),
span as (
    select min(day) as first_day, max(day) as last_day
    from run_day
),
calendar as (
    select s.source, unnest(
        generate_series(
            greatest(p.first_day, p.last_day - coalesce($days::integer, 7) + 1), p.last_day, interval 1 day
        )
    )::date as day
    from sources as s
    cross join span as p
    where s.enabled and s.removed_at is null and ($source::text is null or s.source = $source::text)
),
published as (
    select distinct source, published_on as day
    from articles
),
polled as (
    select
        source,
        started_at::date as day,
        count(*) as n_polls,
        count(*) filter (outcome in ('ok', 'not_modified')) as n_answered
    from core.fetch
    where reason = 'poll' and started_at >= (select last_day - coalesce($days::integer, 7) from span)
    group by all
)
select
    c.day,
    case
        when r.day is null then 'we were down: no run on that day'
        when p.n_polls is null then 'not polled: the feeds were not due'
        when p.n_answered = 0 then 'the feeds did not answer'
        else 'silent'
    end as why,
    count(*) as n_sources,
    string_agg(c.source, ', ' order by c.source) as sources
from calendar as c
left join run_day as r using (day)
left join polled as p using (source, day)
anti join published as a using (source, day)
group by all
order by c.day desc, why
limit 500

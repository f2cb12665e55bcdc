-- Sources and how much each of them has; attention to a question over time.

create view main.sources as
with volume as (
    select
        a.source,
        count(*) as n_articles,
        count(*) filter (m.story_id is null or m.story_id = a.article_id) as n_original,
        count(*) filter (a.n_revisions > 1) as n_edited,
        count(a.published_at) as n_instants,
        min(coalesce(a.published_on, a.first_seen_at::date)) as first_on,
        max(coalesce(a.published_on, a.first_seen_at::date)) as last_on,
        max(a.first_seen_at) as last_seen_at
    from core.article as a
    left join core.story_member as m using (article_id)
    group by a.source
),
feeds as (
    select source, count(*) as n_feeds
    from core.feed
    where removed_at is null
    group by source
)
select
    s.name as source,
    s.title,
    s.country,
    s.language,
    s.homepage,
    s.timezone,
    coalesce(s.enabled, true) as enabled,
    coalesce(s.tags, []) as tags,
    coalesce(f.n_feeds, 0) as n_feeds,
    coalesce(v.n_articles, 0) as n_articles,
    coalesce(v.n_original, 0) as n_original,
    coalesce(v.n_edited, 0) as n_edited,
    coalesce(v.n_instants, 0) as n_instants,
    v.first_on,
    v.last_on,
    v.last_seen_at,
    s.added_at,
    s.removed_at
from core.source as s
left join volume as v on v.source = s.name
left join feeds as f on f.source = s.name;

comment on view main.sources is 'One row per source: what sources.toml says of it and how much it has';
comment on column main.sources.source is 'Its key';
comment on column main.sources.title is 'Its name for people';
comment on column main.sources.country is 'ISO 3166-1 alpha-2; null when not given';
comment on column main.sources.language is 'ISO 639-1, of most of its articles; null when not given';
comment on column main.sources.homepage is 'Its front page; null when not given';
comment on column main.sources.timezone is 'IANA zone for dates that name none; null when not given';
comment on column main.sources.enabled is 'False while sources.toml disables it';
comment on column main.sources.tags is 'Its tags in sources.toml; empty without any';
comment on column main.sources.n_feeds is 'Feeds that are polled';
comment on column main.sources.n_articles is 'Articles stored';
comment on column main.sources.n_original is 'Of those, articles that represent their story: the source was the earliest, or the only one';
comment on column main.sources.n_edited is 'Of those, articles with more than one revision';
comment on column main.sources.n_instants is 'Of those, articles whose publication instant is known';
comment on column main.sources.first_on is 'Earliest publication day, else day first seen (UTC); null without articles';
comment on column main.sources.last_on is 'Latest publication day, else day first seen (UTC); null without articles';
comment on column main.sources.last_seen_at is 'When its latest article was first seen; null without articles';
comment on column main.sources.added_at is 'When the source was first stored';
comment on column main.sources.removed_at is 'When it left sources.toml; null while it is read';

-- from attention('climate', 'week'): how many articles and stories match, and their share of all, by interval.
create or replace macro main.attention(question, every := 'day') as table
with matched as (
    select
        date_trunc(every, coalesce(a.published_on, a.first_seen_at::date))::date as starts_on,
        count(*) as n_articles,
        count(distinct coalesce(m.story_id, a.article_id)) as n_stories
    from core.search_documents(question) as s
    join core.search_document as d using (doc_no)
    join core.article as a using (article_id)
    left join core.story_member as m using (article_id)
    group by 1
),
everything as (
    select
        date_trunc(every, coalesce(published_on, first_seen_at::date))::date as starts_on,
        count(*) as n_all
    from core.article
    group by 1
)
select
    e.starts_on,
    coalesce(m.n_articles, 0) as n_articles,
    coalesce(m.n_stories, 0) as n_stories,
    e.n_all,
    coalesce(m.n_articles, 0) / e.n_all as share
from everything as e
left join matched as m using (starts_on);

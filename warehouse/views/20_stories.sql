-- Stories (articles with the same text, counted once) and the pairs of copies.

create view main.stories as
with
-- Of the stories of several articles. All others, nearly all there are, need no grouping.
member as (
    select
        m.story_id,
        a.article_id,
        a.source,
        a.source_credit,
        a.published_at,
        a.published_on,
        coalesce(a.published_at, a.published_on::timestamptz + interval '86399 seconds') as sort_at
    from core.story_member as m
    join core.article as a using (article_id)
),
credit as (
    select
        story_id,
        source_credit,
        row_number() over (partition by story_id order by count(*) desc, source_credit) as place
    from member
    where source_credit is not null
    group by story_id, source_credit
),
declared as (
    select
        m.story_id,
        min(o.source) as source
    from core.duplicate_link as l
    join member as m on m.article_id = l.article_a
    join member as n on n.article_id = l.article_b and n.story_id = m.story_id
    join core.article as o
        on o.article_id = case when l.declared_by = l.article_a then l.article_b else l.article_a end
    where l.relation = 'declared_syndication'
    group by m.story_id
),
story as (
    select
        story_id,
        count(*) as n_articles,
        count(distinct source) as n_sources,
        min(published_at) as first_published_at,
        max(published_at) as last_published_at,
        min(published_on) as first_published_on,
        max(published_on) as last_published_on,
        arg_min(source, (sort_at, article_id)) as earliest_source
    from member
    group by story_id
)
select
    s.story_id,
    a.title,
    a.url,
    a.source,
    a.language,
    a.published_at,
    a.published_on,
    s.n_articles,
    s.n_sources,
    s.first_published_at,
    s.last_published_at,
    s.first_published_on,
    s.last_published_on,
    coalesce(c.source_credit, d.source, s.earliest_source) as likely_origin,
    case
        when c.source_credit is not null then 'credit'
        when d.source is not null then 'declared'
        else 'earliest'
    end as likely_origin_from
from story as s
join core.article as a on a.article_id = s.story_id
left join credit as c on c.story_id = s.story_id and c.place = 1
left join declared as d on d.story_id = s.story_id
union all
select
    a.article_id as story_id,
    a.title,
    a.url,
    a.source,
    a.language,
    a.published_at,
    a.published_on,
    1::bigint as n_articles,
    1::bigint as n_sources,
    a.published_at as first_published_at,
    a.published_at as last_published_at,
    a.published_on as first_published_on,
    a.published_on as last_published_on,
    coalesce(a.source_credit, a.source) as likely_origin,
    case when a.source_credit is not null then 'credit' else 'earliest' end as likely_origin_from
from core.article as a
anti join core.story_member as m using (article_id);

comment on view main.stories is 'One row per story: the articles with the same text, represented by the earliest.';
comment on column main.stories.story_id is 'article_id of the representative.';
comment on column main.stories.title is 'Headline of the representative.';
comment on column main.stories.url is 'URL of the representative.';
comment on column main.stories.source is 'Key of its source.';
comment on column main.stories.language is 'Its language; null when not known.';
comment on column main.stories.published_at is 'Its publication instant; null unless day, time and zone are known.';
comment on column main.stories.published_on is 'Its publication day as printed; null when no day is known.';
comment on column main.stories.n_articles is 'Number of articles with the text.';
comment on column main.stories.n_sources is 'Number of sources with the text.';
comment on column main.stories.first_published_at is 'Earliest publication instant of any copy; null when none is known.';
comment on column main.stories.last_published_at is 'Latest publication instant of any copy; null when none is known.';
comment on column main.stories.first_published_on is 'Earliest publication day of any copy; null when none is known.';
comment on column main.stories.last_published_on is 'Latest publication day of any copy; null when none is known.';
comment on column main.stories.likely_origin is 'Probable author: the agency that most copies credit, else the source that a copy declares, else the earliest source.';
comment on column main.stories.likely_origin_from is 'Evidence for likely_origin: credit, declared, earliest.';

create view main.copies as
with pair as (
    select article_a as article_id, article_b as other_article_id, relation, similarity, why
    from core.duplicate_link
    union all
    select article_b as article_id, article_a as other_article_id, relation, similarity, why
    from core.duplicate_link
)
select
    p.article_id,
    a.url,
    p.other_article_id,
    b.url as other_url,
    p.relation,
    p.similarity,
    p.why
from pair as p
join core.article as a on a.article_id = p.article_id
join core.article as b on b.article_id = p.other_article_id;

comment on view main.copies is 'Each pair of articles that share text, in both directions, with the reason.';
comment on column main.copies.article_id is 'One article of the pair.';
comment on column main.copies.url is 'URL of that article.';
comment on column main.copies.other_article_id is 'The other article of the pair.';
comment on column main.copies.other_url is 'URL of that article.';
comment on column main.copies.relation is 'exact; near: same text with small differences; part_of: one contains the other; declared_syndication: one declares the other as its original.';
comment on column main.copies.similarity is 'Similarity of the texts, 0 to 1.';
comment on column main.copies.why is 'The reason, as a sentence.';

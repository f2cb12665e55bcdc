-- title: Changed headlines
-- asks: Which headlines were replaced after publication, and by what?
-- parameter source (text): Key of a source; empty: all.
with version as (
    select
        article_id,
        revision_no,
        title,
        seen_at,
        lag(title) over (partition by article_id order by revision_no) as title_before
    from revisions
    where article_id in (select article_id from articles where n_revisions > 1)
)
select
    v.seen_at,
    a.source,
    v.title_before,
    v.title,
    a.url,
    v.article_id
from version as v
join articles as a using (article_id)
where
    v.revision_no > 1
    and v.title <> v.title_before
    and ($source::text is null or a.source = $source::text)
order by v.seen_at desc, a.source, v.title, v.article_id
limit 500

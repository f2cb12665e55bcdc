-- title: Stealth edits
-- asks: Which articles changed without a new update time on the page?
-- parameter source (text): Key of a source; empty: all.
select
    r.seen_at,
    a.source,
    a.title,
    r.title_before,
    r.change,
    a.url,
    a.article_id
from (
    select
        article_id,
        revision_no,
        change,
        seen_at,
        modified_at,
        lag(title) over w as title_before,
        lag(modified_at) over w as modified_before_at
    from revisions
    where article_id in (select article_id from articles where n_revisions > 1)
    window w as (partition by article_id order by revision_no)
) as r
join articles as a using (article_id)
where
    r.revision_no > 1
    and (r.modified_at is null or r.modified_at is not distinct from r.modified_before_at)
    and ($source::text is null or a.source = $source::text)
order by r.seen_at desc, a.source, a.title, a.article_id
limit 500

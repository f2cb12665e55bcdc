-- title: Share of copies
-- asks: What share of each source's articles did another source publish before it, with the same text?
-- parameter since (date): First day, as printed; empty: no limit.
select
    a.source,
    count(*) as n_articles,
    count(*) filter (not a.is_representative and s.source <> a.source) as n_copied,
    round(100 * n_copied / count(*), 1) as copied_percent,
    count(*) filter (a.is_representative and a.n_copies > 0) as n_copied_by_others
from articles as a
join stories as s using (story_id)
where $since::date is null or a.published_on >= $since::date
group by a.source
order by copied_percent desc, a.source

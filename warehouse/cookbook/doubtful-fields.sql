-- title: Doubtful fields
-- asks: For which sources are titles, dates, texts or authors doubtful, and how often?
-- parameter source (text): Key of a source; empty: all.
select
    source,
    count(*) as n_articles,
    count(*) filter (title_certainty = 'doubtful') as title_doubtful,
    count(*) filter (published_certainty = 'doubtful') as date_doubtful,
    count(*) filter (body_certainty = 'doubtful') as text_doubtful,
    count(*) filter (authors_certainty = 'doubtful') as authors_doubtful,
    count(*) filter (dates_disagree) as dates_disagree,
    count(*) filter (is_partial) as partial_texts
from articles
where $source::text is null or source = $source::text
group by source
order by
    title_doubtful + date_doubtful + text_doubtful + authors_doubtful desc,
    source

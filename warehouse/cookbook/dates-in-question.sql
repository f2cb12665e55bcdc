-- title: Dates in question
-- asks: Which publication dates are doubtful, missing, without an instant, or contradicted on the page?
-- parameter source (text): Key of a source; empty: all.
select
    case
        when published_on is null then 'no day found'
        when dates_disagree then 'origins disagree by more than a day'
        when published_certainty = 'doubtful' then 'doubtful'
        when published_at > first_seen_at then 'later than its first sight'
        when published_precision = 'day' then 'only the day is printed'
        else 'time without a zone'
    end as question,
    source,
    published_on,
    published_local,
    published_from,
    title,
    url,
    article_id
from articles
where
    (
        published_at is null
        or dates_disagree
        or published_certainty = 'doubtful'
        or published_at > first_seen_at
    )
    and ($source::text is null or source = $source::text)
order by question, source, published_on desc, title, article_id
limit 500
